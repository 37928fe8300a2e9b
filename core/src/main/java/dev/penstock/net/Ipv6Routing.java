package dev.penstock.net;

import dev.penstock.mbuf.Mbuf;

/**
 * IPv6 routing header (RFC 8200, section 4.4; types: IANA). Type 0 is parsed as any other; RFC 5095 forbids to act
 * on it.
 */
public final class Ipv6Routing {
    /** Bytes of the smallest header. */
    public static final int LENGTH = 8;
    /** Offset of the kind of the next header, 1 byte. */
    public static final int NEXT_HEADER = 0;
    /** Offset of the header length in units of 8 bytes, the first not counted, 1 byte. */
    public static final int EXT_LENGTH = 1;
    /** Offset of the routing type, 1 byte. */
    public static final int TYPE = 2;
    /** Offset of the number of nodes still to be visited, 1 byte. */
    public static final int SEGMENTS_LEFT = 3;
    /** Type: source route, deprecated (RFC 5095). */
    public static final int TYPE_SOURCE = 0;
    /** Type: mobility (RFC 6275). */
    public static final int TYPE_MOBILITY = 2;
    /** Type: segment routing (RFC 8754). */
    public static final int TYPE_SEGMENTS = 4;

    private Ipv6Routing() {}

    /**
     * Whether a header starts here, whole.
     *
     * @param m the packet
     * @param at where the header starts
     * @return the header length in bytes or a {@link Reject} code
     */
    public static int check(Mbuf m, int at) {
        if (!Reject.fits(m, at, LENGTH)) {
            return Reject.TRUNCATED;
        }
        int length = headerLength(m, at);
        return Reject.fits(m, at, length) ? length : Reject.TRUNCATED;
    }

    /**
     * Reads the kind of the next header.
     *
     * @param m the packet
     * @param at where the header starts
     * @return an {@link IpProtocol}
     */
    public static int nextHeader(Mbuf m, int at) {
        return m.getByte(at) & 0xff;
    }

    /**
     * Writes the kind of the next header.
     *
     * @param m the packet
     * @param at where the header starts
     * @param value an {@link IpProtocol}
     */
    public static void nextHeader(Mbuf m, int at, int value) {
        m.putByte(at, (byte) value);
    }

    /**
     * Reads the header length in units of 8 bytes, the first not counted.
     *
     * @param m the packet
     * @param at where the header starts
     * @return 0 to 255
     */
    public static int extLength(Mbuf m, int at) {
        return m.getByte(at + EXT_LENGTH) & 0xff;
    }

    /**
     * Writes the header length in units of 8 bytes, the first not counted.
     *
     * @param m the packet
     * @param at where the header starts
     * @param value 0 to 255
     */
    public static void extLength(Mbuf m, int at, int value) {
        m.putByte(at + EXT_LENGTH, (byte) value);
    }

    /**
     * Reads the routing type.
     *
     * @param m the packet
     * @param at where the header starts
     * @return {@link #TYPE_SEGMENTS}, ...
     */
    public static int type(Mbuf m, int at) {
        return m.getByte(at + TYPE) & 0xff;
    }

    /**
     * Writes the routing type.
     *
     * @param m the packet
     * @param at where the header starts
     * @param value {@link #TYPE_SEGMENTS}, ...
     */
    public static void type(Mbuf m, int at, int value) {
        m.putByte(at + TYPE, (byte) value);
    }

    /**
     * Reads the number of nodes still to be visited.
     *
     * @param m the packet
     * @param at where the header starts
     * @return 0 to 255
     */
    public static int segmentsLeft(Mbuf m, int at) {
        return m.getByte(at + SEGMENTS_LEFT) & 0xff;
    }

    /**
     * Writes the number of nodes still to be visited.
     *
     * @param m the packet
     * @param at where the header starts
     * @param value 0 to 255
     */
    public static void segmentsLeft(Mbuf m, int at, int value) {
        m.putByte(at + SEGMENTS_LEFT, (byte) value);
    }

    /**
     * Reads the header length.
     *
     * @param m the packet
     * @param at where the header starts
     * @return bytes, 8 to 2048
     */
    public static int headerLength(Mbuf m, int at) {
        return (extLength(m, at) + 1) << 3;
    }

    /**
     * Writes the fixed part of a header; the addresses behind it are the caller's.
     *
     * @param m the packet
     * @param at where the header starts
     * @param nextHeader an {@link IpProtocol}
     * @param extLength header length in units of 8 bytes, the first not counted
     * @param type routing type
     * @param segmentsLeft nodes still to be visited
     * @return {@link #LENGTH}
     */
    public static int write(Mbuf m, int at, int nextHeader, int extLength, int type, int segmentsLeft) {
        m.putInt(at, nextHeader << 24 | (extLength & 0xff) << 16 | (type & 0xff) << 8 | segmentsLeft & 0xff);
        m.putInt(at + 4, 0);
        return LENGTH;
    }
}
