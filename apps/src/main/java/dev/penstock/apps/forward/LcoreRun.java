package dev.penstock.apps.forward;

import dev.penstock.apps.cli.EalProgram;
import dev.penstock.apps.cli.Interrupts;
import dev.penstock.eal.Eal;
import dev.penstock.eal.Lcore;
import java.util.ArrayList;
import java.util.List;

/**
 * Tasks on lcores that run until SIGINT, SIGTERM, an interrupt of the calling thread, or the failure of one. Further signals mean
 * nothing from then until it is closed, which is done when the ports are: else a capture would lose its end.
 */
public final class LcoreRun implements AutoCloseable {
    private static final long TICK_MS = 20;
    private static final int WATCH_TICKS = 10;

    private final List<Lcore> lcores = new ArrayList<>();
    private Interrupts watch;
    private boolean ended;

    /**
     * Makes one without tasks.
     *
     * @param eal whose lcores they are for
     */
    public LcoreRun(Eal eal) {
        EalProgram.freeWorkers(eal);
    }

    /**
     * Starts a task.
     *
     * @param lcore where
     * @param task ends when its lcore is asked to stop
     */
    public void launch(Lcore lcore, Lcore.Task task) {
        lcores.add(lcore);
        lcore.launch(task);
    }

    /**
     * Waits for the end, and then for the tasks.
     *
     * @param periodS seconds between reports, 0 for none
     * @param report called after each period
     * @param tick called five times a second
     */
    public void until(int periodS, Runnable report, Runnable tick) {
        Thread caller = Thread.currentThread();
        watch = Interrupts.calling(() -> interrupt(caller));
        try {
            int ticks = 0;
            long next = System.nanoTime() + periodS * 1_000_000_000L;
            while (lcores.stream().allMatch(l -> l.state() == Lcore.State.RUNNING)) {
                Thread.sleep(TICK_MS);
                if (++ticks % WATCH_TICKS == 0) {
                    tick.run();
                }
                if (periodS > 0 && System.nanoTime() - next >= 0) {
                    next += periodS * 1_000_000_000L;
                    report.run();
                }
            }
        } catch (InterruptedException e) {
            // A signal: that is how it ends.
        } finally {
            lcores.forEach(Lcore::requestStop);
            lcores.forEach(Lcore::await);
            end();
        }
    }

    private synchronized void interrupt(Thread caller) {
        if (!ended) {
            caller.interrupt();
        }
    }

    /** From here on no signal interrupts the caller: what is closed now would take it for its own, and a file lose its end. */
    private synchronized void end() {
        ended = true;
        Thread.interrupted();
    }

    /** Leaves signals to the process again. */
    @Override
    public void close() {
        if (watch != null) {
            watch.close();
        }
    }
}
