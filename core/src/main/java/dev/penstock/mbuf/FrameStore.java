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
    private static final int SMALL = LONG_COPY - 1;
    private static final boolean CHECKED = Checked.ON;

    private final long maxBytes;
    private MemorySegment memory = Arena.ofAuto().allocate(1 << 12, ALIGN);
    /** Addresses of the frames, which move with the memory when that grows. */
    private long[] addresses = new long[16];
    /** Of a type that cannot be negative nor longer than a frame, so that the JIT drops the checks of it. */
    private char[] lengths = new char[16];
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
            for (int i = 0; i < count; i++) {
                addresses[i] += larger.address() - memory.address();
            }
            memory = larger;
        }
        if (count == lengths.length) {
            addresses = Arrays.copyOf(addresses, 2 * count);
            lengths = Arrays.copyOf(lengths, 2 * count);
        }
        MemorySegment.copy(from, offset, memory, end, length);
        addresses[count] = memory.address() + end;
        lengths[count++] = (char) length;
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
     * Says what a driver has received: makes the packet fresh, as {@link Mbuf#received} does, with a copy of a frame as
     * its data.
     *
     * @param index which frame
     * @param m the packet, of a pool with room for the frame
     * @param port the port's number
     * @return bytes of the frame
     */
    public int deliver(int index, Mbuf m, int port) {
        int length = lengths[index];
        m.received(length, port);
        copy(addresses[index] & BITS, m.start(), length);
        return length;
    }

    /**
     * Copies the data of a packet's first segment over a frame, as far as it reaches.
     *
     * @param m the packet
     * @param index which frame
     */
    public void copyFrom(Mbuf m, int index) {
        if (CHECKED) {
            Checked.use(m);
        }
        int length = m.dataLen;
        int room = lengths[index];
        copy(m.start(), addresses[index] & BITS, length <= room ? length : room);
    }

    /** Copies memory that the caller has checked; small frames in two or four pieces that may overlap. */
    private static void copy(long from, long to, int length) {
        int rest = length - 32;
        if (rest < 0 || rest > LONG_COPY - 32) {
            MemorySegment.copy(ALL, from, ALL, to, length);
            return;
        }
        copy32(from, to);
        if (rest > 32) {
            copy32(from + 32, to + 32);
            copy32(from + (rest - 32 & SMALL), to + (rest - 32 & SMALL));
        }
        // The mask changes nothing, but tells the JIT that the sum is still an address.
        copy32(from + (rest & SMALL), to + (rest & SMALL));
    }

    private static void copy32(long from, long to) {
        if (VECTOR) {
            FrameCopyVector.copy32(from, to);
        } else {
            copyLongs(from, to);
        }
    }

    /** A loop of known length, which the JIT unrolls; written out it would use up the JIT's budget of nodes. */
    private static void copyLongs(long from, long to) {
        for (int i = 0; i < 32; i += 8) {
            ALL.set(LONG, to + i, ALL.get(LONG, from + i));
        }
    }
}
