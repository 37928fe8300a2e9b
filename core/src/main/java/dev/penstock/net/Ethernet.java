package dev.penstock.net;

import dev.penstock.mbuf.Mbuf;

/** Ethernet header (IEEE 802.3, clause 3). Addresses are the lower 48 bits of a long, see {@link MacAddress}. */
public final class Ethernet {
    /** Bytes of the header, without tags. */
    public static final int LENGTH = 14;
    /** Bytes of the frame check sequence, which packets here do not carry. */
    public static final int CRC_LENGTH = 4;
    /** The shortest frame, frame check sequence included. */
    public static final int MIN_FRAME = 64;
    /** The longest frame without tags, frame check sequence included. */
    public static final int MAX_FRAME = 1518;
    /** Offset of the destination address, 6 bytes. */
    public static final int DST = 0;
    /** Offset of the source address, 6 bytes. */
    public static final int SRC = 6;
    /** Offset of the type, 2 bytes. */
    public static final int ETHER_TYPE = 12;

    private Ethernet() {}

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
     * Reads the destination address.
     *
     * @param m the packet
     * @param at where the header starts
     * @return the address in 48 bits
     */
    public static long dst(Mbuf m, int at) {
        return m.getLong(at) >>> 16;
    }

    /**
     * Writes the destination address.
     *
     * @param m the packet
     * @param at where the header starts
     * @param mac the address in 48 bits
     */
    public static void dst(Mbuf m, int at, long mac) {
        m.putShort(at, (short) (mac >>> 32));
        m.putInt(at + 2, (int) mac);
    }

    /**
     * Reads the source address.
     *
     * @param m the packet
     * @param at where the header starts
     * @return the address in 48 bits
     */
    public static long src(Mbuf m, int at) {
        return m.getLong(at + SRC) >>> 16;
    }

    /**
     * Writes the source address.
     *
     * @param m the packet
     * @param at where the header starts
     * @param mac the address in 48 bits
     */
    public static void src(Mbuf m, int at, long mac) {
        m.putShort(at + SRC, (short) (mac >>> 32));
        m.putInt(at + SRC + 2, (int) mac);
    }

    /**
     * Writes both addresses, with two stores.
     *
     * @param m the packet
     * @param at where the header starts
     * @param dst destination address
     * @param src source address
     */
    public static void addresses(Mbuf m, int at, long dst, long src) {
        m.putLong(at, dst << 16 | src >>> 32 & 0xffff);
        m.putInt(at + 8, (int) src);
    }

    /**
     * Exchanges source and destination address.
     *
     * @param m the packet
     * @param at where the header starts
     */
    public static void swap(Mbuf m, int at) {
        long dst = m.getLong(at) >>> 16;
        long src = m.getLong(at + 4);
        addresses(m, at, src, dst);
    }

    /**
     * Reads the type of what follows.
     *
     * @param m the packet
     * @param at where the header starts
     * @return an {@link EtherType}, or a length in bytes when below 0x0600
     */
    public static int etherType(Mbuf m, int at) {
        return m.getShort(at + ETHER_TYPE) & 0xffff;
    }

    /**
     * Writes the type of what follows.
     *
     * @param m the packet
     * @param at where the header starts
     * @param type an {@link EtherType}
     */
    public static void etherType(Mbuf m, int at, int type) {
        m.putShort(at + ETHER_TYPE, (short) type);
    }

    /**
     * Writes the header.
     *
     * @param m the packet
     * @param at where the header starts
     * @param dst destination address
     * @param src source address
     * @param type an {@link EtherType}
     * @return {@link #LENGTH}
     */
    public static int write(Mbuf m, int at, long dst, long src, int type) {
        addresses(m, at, dst, src);
        etherType(m, at, type);
        return LENGTH;
    }
}
