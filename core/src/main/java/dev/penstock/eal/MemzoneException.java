package dev.penstock.eal;

/** A memory zone could not be reserved, or is not there. */
public final class MemzoneException extends RuntimeException {
    private static final long serialVersionUID = 1;

    /** Why. */
    public enum Reason {
        /** A zone of this name exists. */
        DUPLICATE,
        /** The machine, the limit of the instance or that of its container has too little. */
        NO_MEMORY,
        /** More zones than an instance can have. */
        TOO_MANY,
        /** No such zone. */
        UNKNOWN
    }

    private final Reason reason;

    MemzoneException(Reason reason, String message) {
        super(message);
        this.reason = reason;
    }

    /** @return why */
    public Reason reason() {
        return reason;
    }
}
