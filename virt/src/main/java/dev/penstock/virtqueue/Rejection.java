package dev.penstock.virtqueue;

/** Why a queue refuses what its peer wrote: first what is wrong with the ring, from {@link #SHORT} on with a frame. Each has a counter in each queue. */
public enum Rejection {
    /** The index that was published is further ahead than the queue is long. */
    INDEX("bad_index"),
    /** A head or id beyond the queue, or one that the peer does not hold. */
    ID("bad_id"),
    /** A next field beyond the table. */
    NEXT("bad_next"),
    /** More descriptors than the queue is long: a loop, or simply too many. */
    CHAIN_LENGTH("chain_too_long"),
    /** A table in a table, beside other descriptors, or not a whole number of descriptors. */
    INDIRECT("bad_indirect"),
    /** Bytes to be read behind bytes to be written, or bytes of the wrong kind. */
    DIRECTION("bad_direction"),
    /** Bytes that lie nowhere in the address space, or may not be written. */
    ADDRESS("bad_address"),
    /** Too few bytes for the header and the shortest frame. */
    SHORT("too_short"),
    /** More bytes than any frame has, or than were offered. */
    LONG("too_long"),
    /** A header that points outside its frame or asks for what was not negotiated. */
    HEADER("bad_header"),
    /** A number of merged buffers that cannot be. */
    MERGED("bad_num_buffers");

    private final String counter;

    Rejection(String counter) {
        this.counter = counter;
    }

    /** @return the counter's name */
    public String counter() {
        return counter;
    }
}
