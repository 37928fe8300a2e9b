package dev.penstock.apps.cli;

/** The end of a program before it began: a wrong option, or help. */
public final class ExitException extends RuntimeException {
    private static final long serialVersionUID = 1;

    private final int code;

    /**
     * An error.
     *
     * @param cause what DPDK prints behind "Cause:"
     */
    public ExitException(String cause) {
        super(cause);
        code = 1;
    }

    /** A good end. */
    public ExitException() {
        code = 0;
    }

    int code() {
        return code;
    }
}
