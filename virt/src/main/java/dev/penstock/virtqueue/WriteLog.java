package dev.penstock.virtqueue;

/** Told what a device side writes, for live migration (vhost-user dirty log). Called in the polling thread. */
public interface WriteLog {
    /**
     * Bytes of a buffer were written.
     *
     * @param address the peer's address of the first
     * @param bytes how many
     */
    void wroteBuffer(long address, int bytes);

    /**
     * Bytes of the ring's part that the device writes were written; in a packed ring, of the descriptors.
     *
     * @param offset of the first, from the part's beginning
     * @param bytes how many
     */
    void wroteRing(long offset, int bytes);

    /** A packed ring's word was written in which the device says what it wants to be notified of. */
    void wroteEvents();
}
