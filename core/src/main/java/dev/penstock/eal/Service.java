package dev.penstock.eal;

import java.util.concurrent.atomic.AtomicBoolean;

/**
 * Background work that service lcores run again and again: a software device, a scheduler (DPDK: rte_service).
 *
 * <p>Made by {@link Services#register}. It runs while it is started and on each service lcore that it is mapped
 * to; a service that is not safe for several threads runs on one of them at a time.
 */
public final class Service {
    /** The work. */
    @FunctionalInterface
    public interface Callback {
        /**
         * One round.
         *
         * @return true when there was something to do
         */
        boolean run();
    }

    /** What one worker counted; it alone writes. */
    private static final class Counters {
        volatile boolean inside;
        long calls;
        long idleCalls;
        long cycles;
    }

    private final String name;
    private final boolean threadSafe;
    private final Callback callback;
    private final AtomicBoolean taken = new AtomicBoolean();
    private final LcoreVariable<Counters> counters = new LcoreVariable<>(Counters::new);
    private volatile boolean started;
    private volatile boolean countCycles;

    Service(String name, boolean threadSafe, Callback callback) {
        this.name = name;
        this.threadSafe = threadSafe;
        this.callback = callback;
    }

    /**
     * Runs one round in the calling worker, if the service is started and, unless it is safe for several threads,
     * nobody else runs it (rte_service_run_iter_on_app_lcore).
     *
     * @return true when the callback ran and had something to do
     * @throws IllegalStateException when the caller is no worker
     */
    public boolean runIteration() {
        Counters mine = counters.get();
        // told before asked: so that stop() followed by mayBeActive() cannot miss this round
        mine.inside = true;
        try {
            if (!started || !threadSafe && !taken.compareAndSet(false, true)) {
                return false;
            }
            try {
                return call(mine);
            } finally {
                if (!threadSafe) {
                    taken.set(false);
                }
            }
        } finally {
            mine.inside = false;
        }
    }

    private boolean call(Counters mine) {
        boolean timed = countCycles;
        long begin = timed ? Clock.cycles() : 0;
        boolean busy = callback.run();
        mine.calls++;
        if (!busy) {
            mine.idleCalls++;
        } else if (timed) {
            mine.cycles += Clock.cycles() - begin;
        }
        return busy;
    }

    /** Lets the service run (rte_service_runstate_set). */
    public void start() {
        started = true;
    }

    /** Lets it run no more; rounds that have begun end, see {@link #mayBeActive()}. */
    public void stop() {
        started = false;
    }

    /** @return whether it is started */
    public boolean started() {
        return started;
    }

    /** @return whether a round may be running; once false after {@link #stop()}, it stays false */
    public boolean mayBeActive() {
        boolean[] active = {started};
        counters.forEach(c -> active[0] |= c.inside);
        return active[0];
    }

    /**
     * Has the time of busy rounds measured, which costs two readings of the clock a round.
     *
     * @param on whether
     */
    public void countCycles(boolean on) {
        countCycles = on;
    }

    /** @return rounds run; approximate while it runs */
    public long calls() {
        long[] sum = new long[1];
        counters.forEach(c -> sum[0] += c.calls);
        return sum[0];
    }

    /** @return rounds with nothing to do */
    public long idleCalls() {
        long[] sum = new long[1];
        counters.forEach(c -> sum[0] += c.idleCalls);
        return sum[0];
    }

    /** @return cycles of busy rounds since {@link #countCycles} */
    public long cycles() {
        long[] sum = new long[1];
        counters.forEach(c -> sum[0] += c.cycles);
        return sum[0];
    }

    /** @return its name */
    public String name() {
        return name;
    }

    /** @return whether several lcores may run it at once */
    public boolean threadSafe() {
        return threadSafe;
    }

    @Override
    public String toString() {
        return "service " + name;
    }
}
