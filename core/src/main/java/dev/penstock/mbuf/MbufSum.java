package dev.penstock.mbuf;

import dev.penstock.raw.RawMemory;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;

/**
 * One's-complement sums over packet data (RFC 1071), the arithmetic under the Internet checksums.
 *
 * <p>A <em>partial</em> sum is a {@code long} in the machine's own byte order; add partial sums of ranges that start
 * at even distances with {@code +}, then {@link #fold} the total. Up to 2^29 of them fit.
 */
public final class MbufSum {
    private static final MemorySegment ALL = RawMemory.ALL;
    private static final ValueLayout.OfInt INT = ValueLayout.JAVA_INT_UNALIGNED;
    private static final ValueLayout.OfShort SHORT = ValueLayout.JAVA_SHORT_UNALIGNED;
    private static final ValueLayout.OfByte BYTE = ValueLayout.JAVA_BYTE;
    private static final boolean LITTLE = ByteOrder.nativeOrder() == ByteOrder.LITTLE_ENDIAN;

    private MbufSum() {}

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
        if ((offset | length) >= 0 && length <= m.dataLen - offset) {
            return contiguous(m.bufAddr + m.dataOff + offset, length);
        }
        return chained(m, offset, length);
    }

    private static long chained(Mbuf m, int offset, int length) {
        if ((offset | length) < 0 || length > m.pktLen - offset) {
            throw new IndexOutOfBoundsException(
                    length + " bytes at " + offset + " are not within a packet of " + m.pktLen);
        }
        Mbuf segment = m;
        int skip = offset;
        while (skip > 0 && skip >= segment.dataLen) {
            skip -= segment.dataLen;
            segment = segment.next;
        }
        long sum = 0;
        int done = 0;
        while (done < length) {
            int n = Math.min(length - done, segment.dataLen - skip);
            long part = contiguous(segment.bufAddr + segment.dataOff + skip, n);
            sum += (done & 1) == 0 ? part : (long) folded(part) << 8;
            done += n;
            skip = 0;
            segment = segment.next;
        }
        return sum;
    }

    /** Sums memory that the caller has checked. */
    private static long contiguous(long address, int length) {
        long a = 0;
        long b = 0;
        int i = 0;
        for (; i < (length & ~15); i += 16) {
            a += word(address + i);
            b += word(address + i + 4);
            a += word(address + i + 8);
            b += word(address + i + 12);
        }
        return a + b + tail(address + i, length & 15);
    }

    private static long tail(long address, int length) {
        long sum = 0;
        long at = address;
        if ((length & 8) != 0) {
            sum = word(at) + word(at + 4);
            at += 8;
        }
        if ((length & 4) != 0) {
            sum += word(at);
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

    private static long word(long address) {
        return ALL.get(INT, address) & 0xffff_ffffL;
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
