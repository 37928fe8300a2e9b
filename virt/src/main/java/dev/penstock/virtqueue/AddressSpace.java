package dev.penstock.virtqueue;

import java.lang.foreign.MemorySegment;
import java.util.Comparator;
import java.util.List;

/**
 * What a peer's addresses stand for: ranges of addresses, each with the memory behind it, ordered, without overlap.
 * Immutable, so any thread may use it; a change of the memory table or of the IOTLB makes a new one.
 *
 * <p>Look-ups take any address and length, check them, and allocate nothing. Addresses are unsigned.
 */
public final class AddressSpace {
    /** Knows no address. */
    public static final AddressSpace EMPTY = new AddressSpace(List.of(), false);

    /**
     * Addresses in a row and the memory behind them.
     *
     * @param start the first address
     * @param memory the memory, as long as the range
     * @param writable false when the peer lets it only be read
     */
    public record Range(long start, MemorySegment memory, boolean writable) {
        /** Refuses ranges that are empty or whose end overflows. */
        public Range {
            long last = start + memory.byteSize() - 1;
            if (memory.byteSize() == 0 || Long.compareUnsigned(last, start) < 0) {
                throw new IllegalArgumentException("the range of " + memory.byteSize() + " bytes at 0x"
                        + Long.toHexString(start) + " is empty or ends past 2^64; a range has 1 byte or more");
            }
        }
    }

    private final long[] starts;
    private final long[] lengths;
    private final MemorySegment[] memories;
    private final boolean[] writable;
    private final boolean partial;

    /**
     * An address space of ranges.
     *
     * @param ranges in any order
     * @param partial true when an address that is unknown now may become known later, as behind an IOTLB: a queue
     *     then waits rather than refuse
     * @throws IllegalArgumentException when two overlap
     */
    public AddressSpace(List<Range> ranges, boolean partial) {
        this.partial = partial;
        List<Range> sorted = ranges.stream().sorted(Comparator.comparing(Range::start, Long::compareUnsigned)).toList();
        int n = sorted.size();
        starts = new long[n];
        lengths = new long[n];
        memories = new MemorySegment[n];
        writable = new boolean[n];
        for (int i = 0; i < n; i++) {
            Range range = sorted.get(i);
            if (i > 0 && Long.compareUnsigned(range.start - starts[i - 1], lengths[i - 1]) < 0) {
                throw new IllegalArgumentException("the range at 0x" + Long.toHexString(range.start)
                        + " overlaps the one at 0x" + Long.toHexString(starts[i - 1]));
            }
            starts[i] = range.start;
            lengths[i] = range.memory.byteSize();
            memories[i] = range.memory;
            writable[i] = range.writable;
        }
    }

    /** @return whether unknown addresses may become known */
    public boolean isPartial() {
        return partial;
    }

    /** @return how many ranges there are */
    public int size() {
        return starts.length;
    }

    /**
     * The range that holds an address.
     *
     * @param address any address
     * @return the range's number, or -1 when none does
     */
    public int find(long address) {
        int low = 0;
        int high = starts.length - 1;
        while (low <= high) {
            int middle = low + high >>> 1;
            long offset = address - starts[middle];
            if (offset >= 0 && offset < lengths[middle]) {
                return middle;
            }
            if (Long.compareUnsigned(address, starts[middle]) < 0) {
                high = middle - 1;
            } else {
                low = middle + 1;
            }
        }
        return -1;
    }

    /**
     * Whether bytes lie in one range as a whole.
     *
     * @param range a range's number, 0 to one less than {@link #size()}
     * @param address the first byte's
     * @param bytes how many, 0 or more
     * @return true when they do
     */
    public boolean holds(int range, long address, int bytes) {
        long offset = address - starts[range];
        return offset >= 0 && offset <= lengths[range] - bytes;
    }

    /**
     * The first address of a range.
     *
     * @param range its number
     * @return the address
     */
    long start(int range) {
        return starts[range];
    }

    /**
     * Where an address lies in its range's memory.
     *
     * @param range what {@link #find} gave
     * @param address the address
     * @return bytes from the memory's beginning
     */
    public long offset(int range, long address) {
        return address - starts[range];
    }

    /**
     * How many bytes a range has from an address on.
     *
     * @param range what {@link #find} gave
     * @param address the address
     * @return bytes, 1 or more
     */
    public long room(int range, long address) {
        return lengths[range] - (address - starts[range]);
    }

    /**
     * The memory of a range.
     *
     * @param range its number
     * @return the memory, bounded
     */
    public MemorySegment memory(int range) {
        return memories[range];
    }

    /**
     * Whether the peer lets a range be written.
     *
     * @param range its number
     * @return true when it does
     */
    public boolean isWritable(int range) {
        return writable[range];
    }

    /**
     * The memory behind addresses, for rings and tables; for the control path, since it makes an object.
     *
     * @param address the first byte's
     * @param bytes how many, 1 or more
     * @return the memory, bounded to them, or null when they do not lie in one range
     */
    public MemorySegment slice(long address, long bytes) {
        int range = find(address);
        if (range < 0 || bytes <= 0 || bytes > room(range, address)) {
            return null;
        }
        return memories[range].asSlice(offset(range, address), bytes);
    }
}
