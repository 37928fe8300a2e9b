package dev.penstock.bench;

import dev.penstock.linux.Affinity;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;

/**
 * How far two processors are from each other: the time in which a word goes from one to the other and back. A hypervisor
 * may move them at any moment, next to each other or onto different chips, and what two processes can pass through shared
 * memory changes by several times with it.
 */
final class CoreDistance {
    private static final VarHandle WORDS = MethodHandles.arrayElementVarHandle(long[].class);
    private static final int ROUNDS = 100_000;
    private static final int FEW_ROUNDS = 2_000;
    private static final int TRIALS = 5;
    private static final int ASK = 16;
    private static final int ANSWER = 48;
    /** Distances of the same kind differ by less. */
    private static final double SAME = 1.7;

    private CoreDistance() {}

    /** @return nanoseconds there and back, the least of some trials */
    static double roundTripNs(int from, int to) throws InterruptedException {
        return roundTripNs(from, to, ROUNDS);
    }

    /** @return the same within milliseconds, once it was called a few times */
    static double quickly(int from, int to) throws InterruptedException {
        return roundTripNs(from, to, FEW_ROUNDS);
    }

    private static double roundTripNs(int from, int to, int rounds) throws InterruptedException {
        long[] words = new long[64];
        Thread echo = new Thread(() -> {
            Affinity.pin(to);
            for (long i = 1; i <= (long) rounds * TRIALS; i++) {
                await(words, ASK, i);
                WORDS.setRelease(words, ANSWER, i);
            }
        }, "bench-echo");
        echo.setDaemon(true);
        echo.start();
        double least = Pinned.on(from, () -> {
            double best = Double.MAX_VALUE;
            long i = 0;
            for (int trial = 0; trial < TRIALS; trial++) {
                long begun = System.nanoTime();
                for (int round = 0; round < rounds; round++) {
                    WORDS.setRelease(words, ASK, ++i);
                    await(words, ANSWER, i);
                }
                best = Math.min(best, (System.nanoTime() - begun) / (double) rounds);
            }
            return best;
        });
        echo.join();
        return least;
    }

    private static void await(long[] words, int at, long value) {
        while ((long) WORDS.getAcquire(words, at) != value) {
            Thread.onSpinWait();
        }
    }

    static boolean same(double a, double b) {
        return Math.max(a, b) < SAME * Math.min(a, b);
    }
}
