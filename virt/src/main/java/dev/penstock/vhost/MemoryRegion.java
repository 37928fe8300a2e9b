package dev.penstock.vhost;

import dev.penstock.linux.Fd;
import java.lang.foreign.MemorySegment;

/**
 * A part of the guest's memory: what is behind it is mapped from a file of the peer's.
 *
 * @param guest its address in the guest
 * @param user its address in the front end
 * @param file what is behind it
 */
record MemoryRegion(long guest, long user, FilePart file) {
    /** Bytes of a region in a message. */
    static final int BYTES = 32;
    /**
     * Most of one region, and of all of one front end: 4 TB. A process has 128 TB of addresses, and nothing that is mapped costs who
     * offers it anything; without a limit one front end could take them all, and no other one, nor a thread, would get any.
     */
    static final long MAX_BYTES = 1L << 42;
    private static final long MAX_OFFSET = 1L << 46;

    /** Maps a region after its numbers have been checked; the descriptor stays the caller's. */
    static MemoryRegion map(long guest, long bytes, long user, long offset, Fd fd) {
        if (bytes <= 0 || bytes > MAX_BYTES || offset < 0 || offset > MAX_OFFSET || wraps(guest, bytes) || wraps(user, bytes)) {
            throw new VhostException(Refusal.REGION, "a region of 0x" + Long.toHexString(bytes) + " bytes at guest 0x"
                    + Long.toHexString(guest) + ", front end 0x" + Long.toHexString(user) + ", file offset 0x"
                    + Long.toHexString(offset) + " is empty or ends past what can be addressed");
        }
        return new MemoryRegion(guest, user, FilePart.map(fd, offset, bytes));
    }

    private static boolean wraps(long start, long bytes) {
        return Long.compareUnsigned(start + bytes - 1, start) < 0;
    }

    MemorySegment memory() {
        return file.memory();
    }

    /** Whether two ranges have an address in common. */
    boolean overlaps(MemoryRegion other) {
        return meets(guest, other.guest, other) || meets(user, other.user, other);
    }

    private boolean meets(long mine, long theirs, MemoryRegion other) {
        return Long.compareUnsigned(theirs - mine, memory().byteSize()) < 0
                || Long.compareUnsigned(mine - theirs, other.memory().byteSize()) < 0;
    }
}
