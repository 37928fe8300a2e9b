package dev.penstock.vhost;

/** A peer does not keep to the vhost-user protocol. */
public final class VhostException extends RuntimeException {
    private static final long serialVersionUID = 1;

    private final Refusal why;

    /**
     * A breach in a message's frame; its connection is of no use any more.
     *
     * @param what was wrong
     */
    public VhostException(String what) {
        this(Refusal.HEADER, what);
    }

    /**
     * A breach.
     *
     * @param why the counter that it belongs to
     * @param what was wrong
     */
    public VhostException(Refusal why, String what) {
        super("vhost-user: " + what);
        this.why = why;
    }

    /** @return the counter that it belongs to */
    public Refusal why() {
        return why;
    }
}
