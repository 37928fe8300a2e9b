package dev.penstock.drivers.memif;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.VarHandle;

/**
 * A ring of descriptors in shared memory. The receiver of buffers moves the one index, the giver the other; both count
 * up to 65535 and begin anew. A header of two cache lines, then 16 bytes a descriptor.
 */
final class MemifRing {
    static final int COOKIE = 0x3E31F20;
    static final int HEADER_BYTES = 128;
    static final int DESC_BYTES = 16;
    /** Flag of a ring: its receiver polls and wants no interrupts. */
    static final int MASK_INTERRUPT = 1;
    /** Flag of a descriptor: the packet goes on in the next one. */
    static final int NEXT = 1;
    static final int MAX_LOG2_SIZE = 14;

    private static final ValueLayout.OfInt INT = ValueLayout.JAVA_INT;
    private static final ValueLayout.OfLong LONG = ValueLayout.JAVA_LONG_UNALIGNED;
    private static final ValueLayout.OfShort SHORT = ValueLayout.JAVA_SHORT;
    private static final VarHandle INDEX = SHORT.varHandle();
    private static final long FLAGS = 4;
    private static final long HEAD = 6;
    private static final long TAIL = 64;

    private final MemorySegment memory;
    private final int mask;

    /**
     * A ring.
     *
     * @param memory exactly its bytes, on an address that 4 divides
     * @param log2Size of the number of descriptors
     */
    MemifRing(MemorySegment memory, int log2Size) {
        this.memory = memory;
        this.mask = (1 << log2Size) - 1;
    }

    static long bytes(int log2Size) {
        return HEADER_BYTES + ((long) DESC_BYTES << log2Size);
    }

    int size() {
        return mask + 1;
    }

    boolean hasCookie() {
        return memory.get(INT, 0) == COOKIE;
    }

    /** Makes an empty ring of fresh memory. */
    void initialise() {
        memory.set(INT, 0, COOKIE);
        memory.set(SHORT, FLAGS, (short) 0);
    }

    void polled(boolean polls) {
        memory.set(SHORT, FLAGS, (short) (polls ? MASK_INTERRUPT : 0));
    }

    boolean wantsInterrupt() {
        return (memory.get(SHORT, FLAGS) & MASK_INTERRUPT) == 0;
    }

    int head() {
        return (short) INDEX.getAcquire(memory, HEAD) & 0xffff;
    }

    void head(int at) {
        INDEX.setRelease(memory, HEAD, (short) at);
    }

    int tail() {
        return (short) INDEX.getAcquire(memory, TAIL) & 0xffff;
    }

    void tail(int at) {
        INDEX.setRelease(memory, TAIL, (short) at);
    }

    /** Flags in the low half, the region's number in the high half: one read for both. */
    int flagsAndRegion(int at) {
        return memory.get(INT, desc(at));
    }

    void flagsAndRegion(int at, int value) {
        memory.set(INT, desc(at), value);
    }

    /** Flags, region and length in one read, from the lowest bits on. */
    long first(int at) {
        return memory.get(LONG, desc(at));
    }

    void first(int at, long value) {
        memory.set(LONG, desc(at), value);
    }

    long length(int at) {
        return memory.get(INT, desc(at) + 4) & 0xffff_ffffL;
    }

    void length(int at, int bytes) {
        memory.set(INT, desc(at) + 4, bytes);
    }

    long offset(int at) {
        return memory.get(INT, desc(at) + 8) & 0xffff_ffffL;
    }

    void offset(int at, int offset) {
        memory.set(INT, desc(at) + 8, offset);
    }

    private long desc(int at) {
        return HEADER_BYTES + (long) (at & mask) * DESC_BYTES;
    }
}
