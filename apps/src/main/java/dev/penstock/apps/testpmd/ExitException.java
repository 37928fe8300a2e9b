package dev.penstock.apps.testpmd;

/** The end of the program before it began: a wrong option, or help. */
final class ExitException extends RuntimeException {
    private static final long serialVersionUID = 1;

    private final int code;

    /** An error; the message is the cause that DPDK prints. */
    ExitException(String cause) {
        super(cause);
        code = 1;
    }

    /** A good end. */
    ExitException() {
        code = 0;
    }

    int code() {
        return code;
    }
}
