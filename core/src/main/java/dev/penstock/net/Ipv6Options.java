package dev.penstock.net;

import dev.penstock.mbuf.Mbuf;

/**
 * IPv6 hop-by-hop and destination options (RFC 8200, sections 4.2, 4.3 and 4.6). What they begin with is in {@link Ipv6Extensions}.
 */
public final class Ipv6Options {
    /** Bytes of the smallest header. */
    public static final int LENGTH = 8;
    /** Offset of the options. */
    public static final int OPTIONS = 2;
    /** Option: routers look closer (RFC 2711). */
    public static final int OPTION_ROUTER_ALERT = 5;
    /** Option: payload length of a jumbogram (RFC 2675). */
    public static final int OPTION_JUMBO = 0xc2;

    private Ipv6Options() {}

    /**
     * Finds an option.
     *
     * @param m the packet
     * @param at where the header starts
     * @param type the option's type
     * @return where its type byte is, or {@link Reject#ABSENT} or {@link Reject#OPTION}
     */
    public static int option(Mbuf m, int at, int type) {
        return Options.findTlv(m, at + OPTIONS, at + Ipv6Extensions.headerLength(m, at), type);
    }

    /**
     * Writes a header of eight bytes that holds nothing but padding.
     *
     * @param m the packet
     * @param at where the header starts
     * @param nextHeader an {@link IpProtocol}
     * @return {@link #LENGTH}
     */
    public static int write(Mbuf m, int at, int nextHeader) {
        m.putLong(at, (long) nextHeader << 56 | 0x0104_0000_0000L);
        return LENGTH;
    }
}
