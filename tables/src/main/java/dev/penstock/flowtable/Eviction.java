package dev.penstock.flowtable;

/** Told of each flow that leaves a {@link FlowTable}, while its key and data can still be read. */
@FunctionalInterface
public interface Eviction {
    /** Why a flow left. */
    enum Reason {
        /** It was silent for its time. */
        EXPIRED,
        /** The table was full, and it was the nearest to its end. */
        PUSHED_OUT,
        /** {@link FlowTable#delete} took it out. */
        DELETED
    }

    /**
     * A flow leaves.
     *
     * @param position its place in the table
     * @param reason why
     */
    void evicted(int position, Reason reason);
}
