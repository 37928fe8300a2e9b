package dev.penstock.mbuf;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;

/**
 * Frames kept in memory of their own, to be copied into packets again and again: what a replaying or generating port
 * delivers. Filled by one thread, then read by any. The memory lives as long as the store is reachable, which is why
 * a copy needs no check of its life and costs a few cycles for a small frame.
 */
public final class FrameStore {
    private static final MemorySegment ALL = Mbuf.ALL;
    private static final long BITS = Mbuf.ADDRESS_BITS;
    private static final ValueLayout.OfLong LONG = ValueLayout.JAVA_LONG_UNALIGNED;
    private static final int ALIGN = 64;
    private static final boolean VECTOR = MbufSum.VECTOR;
    /** From here on the JVM's own copy is faster, below it costs a call (measured, 64 to 1518 bytes). */
    private static final int LONG_COPY = 128;

    private final long maxBytes;
    private MemorySegment memory = Arena.ofAuto().allocate(1 << 12, ALIGN);
    private long base = memory.address();
    private int[] offsets = new int[16];
    private int[] lengths = new int[16];
    private int count;
    private int end;

    /**
     * An empty store.
     *
     * @param maxBytes how much memory it may take, at most 2^30
     */
    public FrameStore(long maxBytes) {
        if (maxBytes < 1 || maxBytes > 1L << 30) {
            throw new IllegalArgumentException("a frame store can take 1 to 2^30 bytes, not " + maxBytes);
        }
        this.maxBytes = maxBytes;
    }

    /**
     * Keeps a frame.
     *
     * @param from where its bytes are
     * @param offset where they start
     * @param length how many, 0 to 65535
     * @return false when the store is full
     */
    public boolean add(MemorySegment from, long offset, int length) {
        if (length < 0 || length > 65535) {
            throw new IllegalArgumentException("a frame has 0 to 65535 bytes, not " + length);
        }
        if (end + (long) length + ALIGN > maxBytes) {
            return false;
        }
        if (end + length > memory.byteSize()) {
            MemorySegment larger = Arena.ofAuto().allocate(Math.max(2 * memory.byteSize(), end + (long) length), ALIGN);
            MemorySegment.copy(memory, 0, larger, 0, end);
            memory = larger;
            base = larger.address();
        }
        if (count == offsets.length) {
            offsets = Arrays.copyOf(offsets, 2 * count);
            lengths = Arrays.copyOf(lengths, 2 * count);
        }
        MemorySegment.copy(from, offset, memory, end, length);
        offsets[count] = end;
        lengths[count++] = length;
        end += (length + ALIGN - 1) & -ALIGN;
        return true;
    }

    /** @return how many frames there are */
    public int count() {
        return count;
    }

    /**
     * The length of a frame.
     *
     * @param index which, from 0
     * @return bytes
     */
    public int length(int index) {
        return lengths[index];
    }

    /**
     * Copies a frame to the start of a packet's data.
     *
     * @param index which frame
     * @param m the packet, with at least as many bytes of data
     */
    public void copyTo(int index, Mbuf m) {
        int length = lengths[index];
        copy(base + offsets[index], m.address(0, length), length);
    }

    /**
     * Copies the start of a packet's data over a frame.
     *
     * @param m the packet, with at least as many bytes of data
     * @param index which frame
     * @param length how many bytes, at most the frame's
     */
    public void copyFrom(Mbuf m, int index, int length) {
        copy(m.address(0, length), base + offsets[index], Math.min(length, lengths[index]));
    }

    /** Copies memory that the caller has checked; small frames in two or four pieces that may overlap. */
    private static void copy(long from, long to, int length) {
        if (length < 32 || length > LONG_COPY) {
            MemorySegment.copy(ALL, from, ALL, to, length);
            return;
        }
        copy32(from, to);
        if (length > 64) {
            copy32(from + 32, to + 32);
            copy32(from + length - 64, to + length - 64);
        }
        copy32(from + length - 32, to + length - 32);
    }

    private static void copy32(long from, long to) {
        if (VECTOR) {
            FrameCopyVector.copy32(from & BITS, to & BITS);
        } else {
            copyLongs(from & BITS, to & BITS);
        }
    }

    /** A loop of known length, which the JIT unrolls; written out it would use up the JIT's budget of nodes. */
    private static void copyLongs(long a, long b) {
        for (int i = 0; i < 32; i += 8) {
            ALL.set(LONG, b + i, ALL.get(LONG, a + i));
        }
    }
}
