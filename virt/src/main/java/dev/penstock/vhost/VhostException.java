package dev.penstock.vhost;

/** A peer does not keep to the vhost-user protocol; its connection ends. */
public final class VhostException extends RuntimeException {
    private static final long serialVersionUID = 1;

    /**
     * A breach.
     *
     * @param what was wrong
     */
    public VhostException(String what) {
        super("vhost-user: " + what);
    }
}
