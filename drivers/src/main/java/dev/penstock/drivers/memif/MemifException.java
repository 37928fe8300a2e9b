package dev.penstock.drivers.memif;

/** The peer broke the protocol, or asked for what is not there; the connection ends and the peer is told why. */
final class MemifException extends RuntimeException {
    private static final long serialVersionUID = 1;

    private final String reason;

    /**
     * A breach.
     *
     * @param reason what the peer is told, at most 95 bytes
     * @param detail what the log says
     */
    MemifException(String reason, String detail) {
        super(reason + ": " + detail);
        this.reason = reason;
    }

    String reason() {
        return reason;
    }
}
