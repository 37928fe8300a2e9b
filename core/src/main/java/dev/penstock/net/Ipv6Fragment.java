package dev.penstock.net;

import dev.penstock.mbuf.Mbuf;

/**
 * IPv6 fragment header (RFC 8200, section 4.5).
 */
public final class Ipv6Fragment {
    /** Bytes of the header. */
    public static final int LENGTH = 8;
    /** Offset of the fragment offset and flag, 2 bytes. */
    public static final int FRAGMENT = 2;
    /** Offset of the identification of the fragments of one packet, 4 bytes. */
    public static final int ID = 4;
    /** Bit of {@link #fragment}: another fragment follows. */
    public static final int MORE_FRAGMENTS = 1;
    /** Bits of {@link #fragment} that are the offset in bytes. */
    public static final int OFFSET_MASK = 0xfff8;

    private Ipv6Fragment() {}

    /**
     * Whether a header starts here.
     *
     * @param m the packet
     * @param at where the header starts
     * @return {@link #LENGTH} or a {@link Reject} code
     */
    public static int check(Mbuf m, int at) {
        return Reject.fits(m, at, LENGTH) ? LENGTH : Reject.TRUNCATED;
    }

    /**
     * Reads the fragment offset and flag.
     *
     * @param m the packet
     * @param at where the header starts
     * @return offset in bytes, a multiple of 8, and {@link #MORE_FRAGMENTS}
     */
    public static int fragment(Mbuf m, int at) {
        return m.getShort(at + FRAGMENT) & 0xffff;
    }

    /**
     * Writes the fragment offset and flag.
     *
     * @param m the packet
     * @param at where the header starts
     * @param value offset in bytes, a multiple of 8, and {@link #MORE_FRAGMENTS}
     */
    public static void fragment(Mbuf m, int at, int value) {
        m.putShort(at + FRAGMENT, (short) value);
    }

    /**
     * Reads the identification of the fragments of one packet.
     *
     * @param m the packet
     * @param at where the header starts
     * @return 32 bits
     */
    public static int id(Mbuf m, int at) {
        return m.getInt(at + ID);
    }

    /**
     * Writes the identification of the fragments of one packet.
     *
     * @param m the packet
     * @param at where the header starts
     * @param value 32 bits
     */
    public static void id(Mbuf m, int at, int value) {
        m.putInt(at + ID, value);
    }

    /**
     * Writes the header.
     *
     * @param m the packet
     * @param at where the header starts
     * @param nextHeader an {@link IpProtocol}
     * @param fragment offset in bytes, a multiple of 8, and {@link #MORE_FRAGMENTS}
     * @param id identification
     * @return {@link #LENGTH}
     */
    public static int write(Mbuf m, int at, int nextHeader, int fragment, int id) {
        m.putInt(at, nextHeader << 24 | fragment & 0xffff);
        id(m, at, id);
        return LENGTH;
    }
}
