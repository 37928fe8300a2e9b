package dev.penstock.net;

import dev.penstock.mbuf.Mbuf;

/**
 * What IPv6's extension headers have in common, and what a packet carries behind them (RFC 8200, section 4; DPDK:
 * rte_net_skip_ip6_ext).
 *
 * <p>The answer of {@link #walk} is a {@code long} that holds three things, taken out with {@link #offset},
 * {@link #protocol} and {@link #isFragment}; negative answers are {@link Reject} codes.
 */
public final class Ipv6Extensions {
    /** More headers than this are {@link Reject#TOO_DEEP}. */
    public static final int MAX_HEADERS = 8;

    private static final int SHORTEST = 8;
    private static final long FRAGMENT_BIT = 1L << 40;

    private Ipv6Extensions() {}

    /**
     * Whether a header of options or of routing starts here, whole.
     *
     * @param m the packet
     * @param at where the header starts
     * @return the header length in bytes or a {@link Reject} code
     */
    public static int check(Mbuf m, int at) {
        if (!Reject.fits(m, at, SHORTEST)) {
            return Reject.TRUNCATED;
        }
        int length = headerLength(m, at);
        return Reject.fits(m, at, length) ? length : Reject.TRUNCATED;
    }

    /**
     * Reads the kind of the next header, which is the first byte of every extension header but ESP.
     *
     * @param m the packet
     * @param at where the header starts
     * @return an {@link IpProtocol}
     */
    public static int nextHeader(Mbuf m, int at) {
        return m.getByte(at) & 0xff;
    }

    /**
     * Writes the kind of the next header, which is the first byte of every extension header but ESP.
     *
     * @param m the packet
     * @param at where the header starts
     * @param value an {@link IpProtocol}
     */
    public static void nextHeader(Mbuf m, int at, int value) {
        m.putByte(at, (byte) value);
    }

    /**
     * Reads the length of a header of options or of routing in units of 8 bytes, the first not counted.
     *
     * @param m the packet
     * @param at where the header starts
     * @return 0 to 255
     */
    public static int extLength(Mbuf m, int at) {
        return m.getByte(at + 1) & 0xff;
    }

    /**
     * Writes the length of a header of options or of routing in units of 8 bytes, the first not counted.
     *
     * @param m the packet
     * @param at where the header starts
     * @param value 0 to 255
     */
    public static void extLength(Mbuf m, int at, int value) {
        m.putByte(at + 1, (byte) value);
    }

    /**
     * Reads the length of a header of options or of routing.
     *
     * @param m the packet
     * @param at where the header starts
     * @return bytes, 8 to 2048
     */
    public static int headerLength(Mbuf m, int at) {
        return (extLength(m, at) + 1) << 3;
    }

    /**
     * Walks over hop-by-hop options, destination options, routing, fragment and authentication headers.
     *
     * <p>A fragment header ends the walk unless it says that the packet is whole (RFC 6946), for what follows in a
     * fragment need not be a header.
     *
     * @param m the packet
     * @param at where the first header behind IPv6's starts
     * @param nextHeader what IPv6's header says it is
     * @return where the payload starts and what it is, or a {@link Reject} code
     */
    public static long walk(Mbuf m, int at, int nextHeader) {
        int protocol = nextHeader;
        int offset = at;
        for (int i = 0; i <= MAX_HEADERS; i++) {
            int length;
            switch (protocol) {
                case IpProtocol.HOP_BY_HOP, IpProtocol.DESTINATION, IpProtocol.ROUTING -> length = check(m, offset);
                case IpProtocol.AH -> length = Ah.check(m, offset);
                case IpProtocol.FRAGMENT -> {
                    length = Ipv6Fragment.check(m, offset);
                    if (length > 0 && (Ipv6Fragment.fragment(m, offset) & ~6) != 0) {
                        return FRAGMENT_BIT | (long) nextHeader(m, offset) << 32 | offset + length;
                    }
                }
                default -> {
                    return (long) protocol << 32 | offset;
                }
            }
            if (length < 0) {
                return length;
            }
            protocol = nextHeader(m, offset);
            offset += length;
        }
        return Reject.TOO_DEEP;
    }

    /**
     * Whether a header that IPv6 names is an extension header rather than a payload.
     *
     * @param nextHeader an {@link IpProtocol}
     * @return true for the kinds that {@link #walk} walks over, and ESP
     */
    public static boolean isExtension(int nextHeader) {
        return switch (nextHeader) {
            case IpProtocol.HOP_BY_HOP, IpProtocol.ROUTING, IpProtocol.FRAGMENT, IpProtocol.ESP, IpProtocol.AH,
                    IpProtocol.DESTINATION -> true;
            default -> false;
        };
    }

    /**
     * Where the payload starts.
     *
     * @param walked an answer of {@link #walk} that is not negative
     * @return offset in the packet
     */
    public static int offset(long walked) {
        return (int) walked;
    }

    /**
     * What the payload is.
     *
     * @param walked an answer of {@link #walk} that is not negative
     * @return an {@link IpProtocol}
     */
    public static int protocol(long walked) {
        return (int) (walked >>> 32) & 0xff;
    }

    /**
     * Whether the packet is a fragment, the first one included.
     *
     * @param walked an answer of {@link #walk} that is not negative
     * @return true when it is only a part
     */
    public static boolean isFragment(long walked) {
        return (walked & FRAGMENT_BIT) != 0;
    }
}
