package dev.penstock.virtqueue;

/**
 * Told when a device side publishes a burst, for a back end that survives its own death (vhost-user inflight).
 * A queue takes and returns its buffers within a burst, so there is one moment at which they change hands; what is
 * told before it lets a successor find out on which side of it the death was.
 */
public interface CommitHook {
    /** Most descriptors of a packed ring that one burst writes. */
    int MOST = 512;

    /**
     * A burst will be published; all of it becomes visible with its first descriptor, which is written last. What the others of
     * a packed ring hold until then is still there, to be noted: without it a successor could not take them again.
     *
     * @param base what {@link DeviceQueue#base()} will be then
     * @param places how far behind the present base the descriptors stand that will be written, of packed rings alone; null
     *     when each stands as far as its number
     * @param n how many they are, up to {@link #MOST}
     */
    void publishing(int base, char[] places, int n);

    /** The burst is published. */
    void published();
}
