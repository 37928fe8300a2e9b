package dev.penstock.net;

import dev.penstock.mbuf.Mbuf;

/**
 * IPv6 header (RFC 8200, section 3). Addresses are two {@code long}s, see {@link Ipv6Address}; what may lie
 * between it and the payload is in {@link Ipv6Extensions}.
 */
public final class Ipv6 {
    /** Bytes of the header. */
    public static final int LENGTH = 40;
    /** Offset of the version, traffic class and flow label, 4 bytes. */
    public static final int VERSION_CLASS_FLOW = 0;
    /** Offset of the payload length, extension headers included, 2 bytes. */
    public static final int PAYLOAD_LENGTH = 4;
    /** Offset of the kind of the next header, 1 byte. */
    public static final int NEXT_HEADER = 6;
    /** Offset of the hop limit, 1 byte. */
    public static final int HOP_LIMIT = 7;
    /** Offset of the source address, first half, 8 bytes. */
    public static final int SRC_HIGH = 8;
    /** Offset of the source address, second half, 8 bytes. */
    public static final int SRC_LOW = 16;
    /** Offset of the destination address, first half, 8 bytes. */
    public static final int DST_HIGH = 24;
    /** Offset of the destination address, second half, 8 bytes. */
    public static final int DST_LOW = 32;

    private Ipv6() {}

    /**
     * Whether a header starts here and the packet is as long as it says. Jumbograms (RFC 2675), which say 0, count as
     * packets without payload.
     *
     * @param m the packet
     * @param at where the header starts
     * @return {@link #LENGTH} or a {@link Reject} code
     */
    public static int check(Mbuf m, int at) {
        if (!Reject.fits(m, at, LENGTH)) {
            return Reject.TRUNCATED;
        }
        if (versionClassFlow(m, at) >>> 28 != 6) {
            return Reject.VERSION;
        }
        return payloadLength(m, at) <= m.pktLen() - at - LENGTH ? LENGTH : Reject.PACKET_LENGTH;
    }

    /**
     * Reads the version, traffic class and flow label.
     *
     * @param m the packet
     * @param at where the header starts
     * @return version in 4 bits, class in 8, label in 20
     */
    public static int versionClassFlow(Mbuf m, int at) {
        return m.getInt(at);
    }

    /**
     * Writes the version, traffic class and flow label.
     *
     * @param m the packet
     * @param at where the header starts
     * @param value version in 4 bits, class in 8, label in 20
     */
    public static void versionClassFlow(Mbuf m, int at, int value) {
        m.putInt(at, value);
    }

    /**
     * Reads the payload length, extension headers included.
     *
     * @param m the packet
     * @param at where the header starts
     * @return bytes behind this header
     */
    public static int payloadLength(Mbuf m, int at) {
        return m.getShort(at + PAYLOAD_LENGTH) & 0xffff;
    }

    /**
     * Writes the payload length, extension headers included.
     *
     * @param m the packet
     * @param at where the header starts
     * @param value bytes behind this header
     */
    public static void payloadLength(Mbuf m, int at, int value) {
        m.putShort(at + PAYLOAD_LENGTH, (short) value);
    }

    /**
     * Reads the kind of the next header.
     *
     * @param m the packet
     * @param at where the header starts
     * @return an {@link IpProtocol}
     */
    public static int nextHeader(Mbuf m, int at) {
        return m.getByte(at + NEXT_HEADER) & 0xff;
    }

    /**
     * Writes the kind of the next header.
     *
     * @param m the packet
     * @param at where the header starts
     * @param value an {@link IpProtocol}
     */
    public static void nextHeader(Mbuf m, int at, int value) {
        m.putByte(at + NEXT_HEADER, (byte) value);
    }

    /**
     * Reads the hop limit.
     *
     * @param m the packet
     * @param at where the header starts
     * @return hops left
     */
    public static int hopLimit(Mbuf m, int at) {
        return m.getByte(at + HOP_LIMIT) & 0xff;
    }

    /**
     * Writes the hop limit.
     *
     * @param m the packet
     * @param at where the header starts
     * @param value hops left
     */
    public static void hopLimit(Mbuf m, int at, int value) {
        m.putByte(at + HOP_LIMIT, (byte) value);
    }

    /**
     * Reads the source address, first half.
     *
     * @param m the packet
     * @param at where the header starts
     * @return its first eight bytes
     */
    public static long srcHigh(Mbuf m, int at) {
        return m.getLong(at + SRC_HIGH);
    }

    /**
     * Writes the source address, first half.
     *
     * @param m the packet
     * @param at where the header starts
     * @param value its first eight bytes
     */
    public static void srcHigh(Mbuf m, int at, long value) {
        m.putLong(at + SRC_HIGH, value);
    }

    /**
     * Reads the source address, second half.
     *
     * @param m the packet
     * @param at where the header starts
     * @return its last eight bytes
     */
    public static long srcLow(Mbuf m, int at) {
        return m.getLong(at + SRC_LOW);
    }

    /**
     * Writes the source address, second half.
     *
     * @param m the packet
     * @param at where the header starts
     * @param value its last eight bytes
     */
    public static void srcLow(Mbuf m, int at, long value) {
        m.putLong(at + SRC_LOW, value);
    }

    /**
     * Reads the destination address, first half.
     *
     * @param m the packet
     * @param at where the header starts
     * @return its first eight bytes
     */
    public static long dstHigh(Mbuf m, int at) {
        return m.getLong(at + DST_HIGH);
    }

    /**
     * Writes the destination address, first half.
     *
     * @param m the packet
     * @param at where the header starts
     * @param value its first eight bytes
     */
    public static void dstHigh(Mbuf m, int at, long value) {
        m.putLong(at + DST_HIGH, value);
    }

    /**
     * Reads the destination address, second half.
     *
     * @param m the packet
     * @param at where the header starts
     * @return its last eight bytes
     */
    public static long dstLow(Mbuf m, int at) {
        return m.getLong(at + DST_LOW);
    }

    /**
     * Writes the destination address, second half.
     *
     * @param m the packet
     * @param at where the header starts
     * @param value its last eight bytes
     */
    public static void dstLow(Mbuf m, int at, long value) {
        m.putLong(at + DST_LOW, value);
    }

    /**
     * Reads the traffic class.
     *
     * @param m the packet
     * @param at where the header starts
     * @return DSCP in the upper six bits, ECN in the lower two
     */
    public static int trafficClass(Mbuf m, int at) {
        return m.getInt(at) >>> 20 & 0xff;
    }

    /**
     * Reads the flow label.
     *
     * @param m the packet
     * @param at where the header starts
     * @return 20 bits
     */
    public static int flowLabel(Mbuf m, int at) {
        return m.getInt(at) & 0xf_ffff;
    }

    /**
     * Writes the header.
     *
     * @param m the packet
     * @param at where the header starts
     * @param trafficClass DSCP and ECN
     * @param flowLabel 20 bits
     * @param payloadLength bytes behind this header
     * @param nextHeader an {@link IpProtocol}
     * @param hopLimit hops it may go
     * @param src source address
     * @param dst destination address
     * @return {@link #LENGTH}
     */
    public static int write(Mbuf m, int at, int trafficClass, int flowLabel, int payloadLength, int nextHeader,
            int hopLimit, Ipv6Address src, Ipv6Address dst) {
        m.putInt(at, 0x6000_0000 | (trafficClass & 0xff) << 20 | flowLabel & 0xf_ffff);
        m.putInt(at + PAYLOAD_LENGTH, payloadLength << 16 | (nextHeader & 0xff) << 8 | hopLimit & 0xff);
        srcHigh(m, at, src.high());
        srcLow(m, at, src.low());
        dstHigh(m, at, dst.high());
        dstLow(m, at, dst.low());
        return LENGTH;
    }
}
