package dev.penstock.ring;

import java.util.concurrent.locks.LockSupport;

/**
 * How a thread waits for another one that is expected to be done in some nanoseconds, but may have been
 * preempted: it spins, then gives its processor away, then sleeps. DPDK spins for ever, which stalls all
 * when there are more threads than cores.
 */
final class Backoff {
    private static final int SPINS = 256;
    private static final int YIELDS = 64;
    private static final long SLEEP_NS = 20_000;

    private Backoff() {}

    /**
     * Waits a little.
     *
     * @param attempt how many times the caller has waited already
     */
    static void pause(int attempt) {
        if (attempt < SPINS) {
            Thread.onSpinWait();
        } else {
            yieldOrSleep(attempt);
        }
    }

    private static void yieldOrSleep(int attempt) {
        if (attempt < SPINS + YIELDS) {
            Thread.yield();
        } else {
            LockSupport.parkNanos(SLEEP_NS);
        }
    }
}
