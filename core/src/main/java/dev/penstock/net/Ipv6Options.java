package dev.penstock.net;

import dev.penstock.mbuf.Mbuf;

/**
 * IPv6 hop-by-hop and destination options (RFC 8200, sections 4.2, 4.3 and 4.6).
 */
public final class Ipv6Options {
    /** Bytes of the smallest header. */
    public static final int LENGTH = 8;
    /** Offset of the kind of the next header, 1 byte. */
    public static final int NEXT_HEADER = 0;
    /** Offset of the header length in units of 8 bytes, the first not counted, 1 byte. */
    public static final int EXT_LENGTH = 1;
    /** Offset of the options. */
    public static final int OPTIONS = 2;
    /** Option: routers look closer (RFC 2711). */
    public static final int OPTION_ROUTER_ALERT = 5;
    /** Option: payload length of a jumbogram (RFC 2675). */
    public static final int OPTION_JUMBO = 0xc2;

    private Ipv6Options() {}

    /**
     * Whether a header starts here, with all its options.
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
     * Finds an option.
     *
     * @param m the packet
     * @param at where the header starts
     * @param type the option's type
     * @return where its type byte is, or {@link Reject#ABSENT} or {@link Reject#OPTION}
     */
    public static int option(Mbuf m, int at, int type) {
        return Options.findTlv(m, at + OPTIONS, at + headerLength(m, at), type);
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
