package dev.penstock.virtqueue;

/**
 * Told when a device side publishes a burst, for a back end that survives its own death (vhost-user inflight).
 * A queue takes and returns its buffers within a burst, so there is one moment at which they change hands; what is
 * told before it lets a successor find out on which side of it the death was.
 */
public interface CommitHook {
    /**
     * A burst will be published.
     *
     * @param base what {@link DeviceQueue#base()} will be then
     * @param each whether each descriptor of the burst becomes visible on its own, the first one first, and all are buffers of
     *     one descriptor; else all become visible with the first
     */
    void publishing(int base, boolean each);

    /** The burst is published. */
    void published();
}
