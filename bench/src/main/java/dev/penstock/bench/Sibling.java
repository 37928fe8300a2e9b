package dev.penstock.bench;

import java.util.Locale;

/**
 * Whether somebody else computes on the physical cores that a run has. A virtual machine's processor may be one of the two
 * hardware threads of a core, and the other one another machine's: no time is stolen then and no counter in the machine tells,
 * but code that fills the core takes 1.4 to 2 times as long, for moments or for seconds. A loop that fills the core shows it.
 *
 * <p>So a run waits for its cores, a few seconds at most, and a turn in which a run ended on a core that was shared is run
 * again, a few times at most: both before anybody has seen what was measured, and for both sides alike.
 */
final class Sibling {
    /** Waits at most so long; half as long after each wait in vain, as often as that can be halved, and twice as long after one that was not. */
    static final long PATIENCE_NS = 3_000_000_000L;
    private static final int HALVINGS = 4;
    /** More than this part of a look, and the core counts as shared. */
    static final double SHARED = 0.2;
    /** Above this part of the runs that ended on shared cores, a run says more of the neighbours than of the programs. */
    static final double OFTEN = 0.4;

    private static final int PAUSE_MS = 50;

    /** Which part of a short time a processor's core was shared. */
    @FunctionalInterface
    interface Look {
        double shared(int cpu) throws InterruptedException;
    }

    private final Look look;
    private final long patienceNs;
    private int inVain;
    private int runs;
    private int disturbed;
    private long waitedNs;

    /** Looks by {@link WideLoop}. */
    Sibling() {
        this(new WideLoop(), PATIENCE_NS);
    }

    /**
     * Looks otherwise.
     *
     * @param look how
     * @param patienceNs how long it waits at most
     */
    Sibling(Look look, long patienceNs) {
        this.look = look;
        this.patienceNs = patienceNs;
    }

    /**
     * Waits until nobody else computes on any of the cores, but not for ever.
     *
     * @param cpus the processors of the run that is to begin
     * @throws InterruptedException when ended from outside
     */
    void await(int... cpus) throws InterruptedException {
        long begun = System.nanoTime();
        boolean shared = isShared(cpus);
        while (shared && System.nanoTime() - begun < patienceNs >> inVain) {
            Thread.sleep(PAUSE_MS);
            shared = isShared(cpus);
        }
        inVain = shared ? Math.min(HALVINGS, inVain + 1) : Math.max(0, inVain - 1);
        waitedNs += System.nanoTime() - begun;
    }

    /**
     * Looks right after a run.
     *
     * @param cpus its processors
     * @return true when somebody else computes on one of the cores
     * @throws InterruptedException when ended from outside
     */
    boolean ended(int... cpus) throws InterruptedException {
        boolean shared = isShared(cpus);
        runs++;
        disturbed += shared ? 1 : 0;
        return shared;
    }

    private boolean isShared(int... cpus) throws InterruptedException {
        for (int cpu : cpus) {
            if (look.shared(cpu) > SHARED) {
                return true;
            }
        }
        return false;
    }

    /** @return whether too many runs ended on cores that others used */
    boolean isOften() {
        return disturbed > OFTEN * runs;
    }

    @Override
    public String toString() {
        return String.format(Locale.ROOT, "a neighbour on the same core behind %d of %d runs, waited %.0f s for cores", disturbed, runs, waitedNs / 1e9);
    }
}
