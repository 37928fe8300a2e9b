package dev.penstock.mbuf;

import dev.penstock.jit.Vectors;
import dev.penstock.raw.RawMemory;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.util.Objects;

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
    /** Whether the Vector API is there and this processor's vectors are wide enough to gain anything. */
    static final boolean VECTOR = Vectors.readBy(MbufSum.class.getModule()::addReads) && MbufSumVector.isWide();

    private static final int IPV4 = 20;
    private static final int IPV4_FIELD = 10;
    private static final int UDP = 8;
    private static final int UDP_FIELD = 6;
    private static final int TCP = 20;
    private static final int TCP_FIELD = 16;
    private static final int IPV4_FRAGMENT = 6;
    private static final int IPV4_ADDRESSES = 12;
    /** EtherType, version and header length in the first three bytes of what follows Ethernet's addresses, in little endian. */
    private static final int ETHERTYPE_TO_VERSION = 0x45_0008;
    /** The fragment's bits and the protocol in the second four bytes of an IPv4 header, in little endian. */
    private static final int KIND_MASK = 0xff00_ff3f;
    private static final int KIND_UDP = 17 << 24;
    private static final int KIND_TCP = 6 << 24;

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

    /**
     * Writes the checksums of an IPv4 header and of the UDP or TCP behind it, with one check of the packet's length for
     * all accesses, when the header has no options and the packet is no fragment and lies in one segment: most of all
     * packets. A UDP checksum of zero stays.
     *
     * @param m the packet
     * @param ip where the IPv4 header starts, right behind the EtherType that says so
     * @return false when the packet is another kind or its lengths contradict each other; nothing is written then
     */
    public static boolean writeIpv4UdpTcp(Mbuf m, int ip) {
        if (CHECKED) {
            Checked.use(m);
        }
        if (!LITTLE || ip < 2 || ip > 0xffff || m.dataLen < ip + IPV4 + UDP) {
            return false;
        }
        long at = m.start() + ip;
        long first = ALL.get(LONG, at - 2);
        int fragmentToProtocol = ALL.get(INT, at + IPV4_FRAGMENT);
        int kind = fragmentToProtocol & KIND_MASK;
        int length = (Integer.reverseBytes((int) (first >>> 32)) >>> 16) - IPV4;
        if ((first & 0xff_ffff) != ETHERTYPE_TO_VERSION || kind != KIND_UDP && (kind != KIND_TCP || length < TCP)
                || length < UDP || length > m.dataLen - ip - IPV4) {
            return false;
        }
        long addresses = halves(ALL.get(LONG, at + IPV4_ADDRESSES));
        long header = (first >>> 32) + (first >>> 16 & 0xffff) + (fragmentToProtocol & 0xffff_ffffL) + addresses;
        ALL.set(SHORT, at + IPV4_FIELD, (short) ~folded(header));
        long payload = length >= VECTOR_LENGTH ? blocks(at + IPV4, length) : eights(at + IPV4, length);
        // No branch from here on: what the JIT would keep for each that is never taken fills all registers.
        long field = at + (kind == KIND_UDP ? IPV4 + UDP_FIELD : IPV4 + TCP_FIELD);
        int before = ALL.get(SHORT, field) & 0xffff;
        int sum = ~folded(addresses + payload + partial((kind >>> 24) + length) + (before ^ 0xffff)) & 0xffff;
        ALL.set(SHORT, field, (short) (kind == KIND_UDP ? udp(sum, before) : sum));
        return true;
    }

    /** A UDP checksum is never 0, but stays 0 where it was: neither number is negative before 1 is taken from it, unless 0. */
    private static int udp(int sum, int before) {
        return (sum | sum - 1 >> 31) & ~(before - 1 >> 31);
    }

    /** Sums checked memory of at least eight bytes, eight at a time. */
    private static long eights(long address, int length) {
        long at = address;
        long end = address + (length & ~7);
        long sum = 0;
        while (at != end) {
            sum += eight(at);
            at += 8;
        }
        // Shifted by 64 less the bits that are left, in two steps as 64 at once would be none.
        long last = ALL.get(LONG, end + (length & 7) - 8 & Mbuf.ADDRESS_BITS);
        return sum + halves(last >>> 1 >>> (63 ^ (length & 7) << 3));
    }

    /** Called, not inlined: a checksum forwarder's loop has no room for it. */
    private static long blocks(long address, int length) {
        return contiguous(address, length);
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
        return VECTOR && length >= VECTOR_LENGTH ? wide(address, length) : scalar(address, length);
    }

    private static long wide(long address, int length) {
        int head = length & -MbufSumVector.STEP;
        return MbufSumVector.sum(address, head) + scalar(address + head, length - head);
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
