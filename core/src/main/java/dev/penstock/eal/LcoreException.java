package dev.penstock.eal;

/** A task of an lcore threw; the cause is what it threw. */
public final class LcoreException extends RuntimeException {
    private static final long serialVersionUID = 1;

    private final int lcore;

    LcoreException(Lcore lcore, Throwable cause) {
        super("the task of " + lcore + " failed: " + cause, cause);
        this.lcore = lcore.id();
    }

    /** @return the lcore's number */
    public int lcore() {
        return lcore;
    }
}
