package dev.penstock.net;

import dev.penstock.mbuf.Mbuf;

/**
 * IPv6 routing header (RFC 8200, section 4.4; types: IANA). Type 0 is parsed as any other; RFC 5095 forbids to act
 * on it. What the header begins with is in {@link Ipv6Extensions}.
 */
public final class Ipv6Routing {
    /** Bytes of the smallest header. */
    public static final int LENGTH = 8;
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
