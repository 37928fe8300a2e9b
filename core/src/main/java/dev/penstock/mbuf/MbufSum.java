package dev.penstock.mbuf;

import dev.penstock.raw.RawMemory;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.util.Objects;
import java.util.Optional;

/**
 * One's-complement sums over packet data (RFC 1071), the arithmetic under the Internet checksums.
 *
 * <p>A <em>partial</em> sum is a {@code long} in the machine's own byte order; add partial sums of ranges that start
 * at even distances with {@code +}, then {@link #fold} the total. Up to 2^29 of them fit.
 */
public final class MbufSum {
    private static final MemorySegment ALL = RawMemory.ALL;
    private static final ValueLayout.OfLong LONG = ValueLayout.JAVA_LONG_UNALIGNED;
    private static final ValueLayout.OfInt INT = ValueLayout.JAVA_INT_UNALIGNED;
    private static final ValueLayout.OfShort SHORT = ValueLayout.JAVA_SHORT_UNALIGNED;
    private static final ValueLayout.OfByte BYTE = ValueLayout.JAVA_BYTE;
    private static final boolean CHECKED = Checked.ON;
    private static final boolean LITTLE = ByteOrder.nativeOrder() == ByteOrder.LITTLE_ENDIAN;

    /** From this length on the SIMD twin is faster; measured on AVX-512 with 64 to 1500 bytes. */
    private static final int VECTOR_LENGTH = 256;
    private static final boolean VECTOR = readsVectorApi() && MbufSumVector.isWide();

    private MbufSum() {}

    private static boolean readsVectorApi() {
        Optional<Module> vector = ModuleLayer.boot().findModule("jdk.incubator.vector");
        vector.ifPresent(MbufSum.class.getModule()::addReads);
        return vector.isPresent();
    }

    /**
     * Sums a range of the packet, across its segments.
     *
     * @param m the packet
     * @param offset where the range starts, from the start of the packet
     * @param length bytes, odd ends are padded with a zero
     * @return the partial sum, at most 2^33
     * @throws IndexOutOfBoundsException when the packet ends before the range does
     */
    public static long sum(Mbuf m, int offset, int length) {
        if (CHECKED) {
            Checked.use(m);
        }
        if ((offset | length) >= 0 && length <= m.dataLen - offset) {
            return contiguous(m.bufAddr + m.dataOff + offset, length);
        }
        return chained(m, offset, length);
    }

    /**
     * Sums twenty bytes, the length of an IPv4 header without options.
     *
     * @param m the packet
     * @param offset where they start, in the first segment
     * @return the partial sum
     * @throws IndexOutOfBoundsException when the first segment ends before they do
     */
    public static long sum20(Mbuf m, int offset) {
        Objects.checkFromIndexSize(offset, 20, m.dataLen);
        long address = m.bufAddr + m.dataOff + offset;
        return eight(address) + eight(address + 8) + (ALL.get(INT, address + 16 & Mbuf.ADDRESS_BITS) & 0xffff_ffffL);
    }

    private static long chained(Mbuf m, int offset, int length) {
        if ((offset | length) < 0) {
            throw outside(m, offset, length);
        }
        int skip = offset;
        int done = 0;
        long sum = 0;
        for (Mbuf segment = m; segment != null; segment = segment.next) {
            int n = Math.min(length - done, segment.dataLen - skip);
            if (n < 0) {
                skip -= segment.dataLen;
                continue;
            }
            long part = contiguous(segment.bufAddr + segment.dataOff + skip, n);
            sum += (done & 1) == 0 ? part : (long) folded(part) << 8;
            done += n;
            skip = 0;
            if (done == length) {
                return sum;
            }
        }
        throw outside(m, offset, length);
    }

    private static IndexOutOfBoundsException outside(Mbuf m, int offset, int length) {
        return new IndexOutOfBoundsException(length + " bytes at " + offset + " are not within a packet of " + m.pktLen);
    }

    /** Sums memory that the caller has checked. */
    private static long contiguous(long address, int length) {
        if (VECTOR && length >= VECTOR_LENGTH) {
            int head = length & -MbufSumVector.STEP;
            return MbufSumVector.sum(address, head) + scalar(address + head, length - head);
        }
        return scalar(address, length);
    }

    /**
     * Sixteen bytes a step. The loop ends on inequality so that the JIT does not take it for a counted one: splitting
     * it in three costs more than a small packet's whole sum. Few loads in the code leave room to inline its callers.
     */
    static long scalar(long address, int length) {
        long at = address;
        long end = address + (length & ~15);
        long sum = 0;
        while (at != end) {
            sum += eight(at) + eight(at + 8);
            at += 16;
        }
        if ((length & 8) != 0) {
            sum += eight(at);
            at += 8;
        }
        int tail = length & 7;
        if (tail == 0) {
            return sum;
        }
        return sum + (length >= 8 ? lastOf(ALL.get(LONG, at + tail - 8 & Mbuf.ADDRESS_BITS), tail) : few(at, tail));
    }

    private static long eight(long address) {
        return halves(ALL.get(LONG, address & Mbuf.ADDRESS_BITS));
    }

    private static long halves(long bytes) {
        return (bytes & 0xffff_ffffL) + (bytes >>> 32);
    }

    /** The last 1 to 7 of eight bytes, as if zeros followed them rather than the others came before. */
    private static long lastOf(long bytes, int count) {
        return halves(LITTLE ? bytes >>> 64 - 8 * count : bytes << 64 - 8 * count);
    }

    private static long few(long address, int length) {
        long at = address;
        long sum = 0;
        if ((length & 4) != 0) {
            sum = ALL.get(INT, at) & 0xffff_ffffL;
            at += 4;
        }
        if ((length & 2) != 0) {
            sum += ALL.get(SHORT, at) & 0xffff;
            at += 2;
        }
        if ((length & 1) != 0) {
            int last = ALL.get(BYTE, at) & 0xff;
            sum += LITTLE ? last : last << 8;
        }
        return sum;
    }

    /**
     * Makes a partial sum of a number that is not in the packet, such as a pseudo-header's.
     *
     * @param value the number, as it would stand in network byte order; 0 to 2^48
     * @return the partial sum
     */
    public static long partial(long value) {
        return LITTLE ? value << 8 : value;
    }

    /**
     * Folds a partial sum to 16 bits. The sum is not complemented.
     *
     * @param partial the partial sum
     * @return 0 to 0xffff, in network byte order; 0 only when everything summed was zero
     */
    public static int fold(long partial) {
        int sum = folded(partial);
        return LITTLE ? Short.reverseBytes((short) sum) & 0xffff : sum;
    }

    /** Adds the halves with end-around carry, twice; the order of bytes stays. */
    private static int folded(long partial) {
        int sum = (int) (partial + Long.rotateRight(partial, 32) >>> 32);
        return sum + Integer.rotateRight(sum, 16) >>> 16;
    }
}
