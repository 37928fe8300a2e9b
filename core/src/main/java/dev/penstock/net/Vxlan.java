package dev.penstock.net;

import dev.penstock.mbuf.Mbuf;

/**
 * VXLAN header (RFC 7348, section 5); behind it an Ethernet frame.
 */
public final class Vxlan {
    /** Bytes of the header. */
    public static final int LENGTH = 8;
    /** Offset of the flags, 1 byte. */
    public static final int FLAGS = 0;
    /** UDP destination port. */
    public static final int PORT = 4789;
    /** Flag: the network identifier is valid; always set. */
    public static final int VNI_PRESENT = 0x08;

    private Vxlan() {}

    /**
     * Whether a header with a network identifier starts here.
     *
     * @param m the packet
     * @param at where the header starts
     * @return {@link #LENGTH} or a {@link Reject} code
     */
    public static int check(Mbuf m, int at) {
        if (!Reject.fits(m, at, LENGTH)) {
            return Reject.TRUNCATED;
        }
        return (flags(m, at) & VNI_PRESENT) != 0 ? LENGTH : Reject.FIELD;
    }

    /**
     * Reads the flags.
     *
     * @param m the packet
     * @param at where the header starts
     * @return {@link #VNI_PRESENT}
     */
    public static int flags(Mbuf m, int at) {
        return m.getByte(at) & 0xff;
    }

    /**
     * Writes the flags.
     *
     * @param m the packet
     * @param at where the header starts
     * @param value {@link #VNI_PRESENT}
     */
    public static void flags(Mbuf m, int at, int value) {
        m.putByte(at, (byte) value);
    }

    /**
     * Reads the network identifier.
     *
     * @param m the packet
     * @param at where the header starts
     * @return 0 to 2^24 - 1
     */
    public static int vni(Mbuf m, int at) {
        return m.getInt(at + 4) >>> 8;
    }

    /**
     * Writes the network identifier.
     *
     * @param m the packet
     * @param at where the header starts
     * @param value 0 to 2^24 - 1
     */
    public static void vni(Mbuf m, int at, int value) {
        m.putInt(at + 4, value << 8);
    }

    /**
     * Writes the header.
     *
     * @param m the packet
     * @param at where the header starts
     * @param vni network identifier
     * @return {@link #LENGTH}
     */
    public static int write(Mbuf m, int at, int vni) {
        m.putInt(at, VNI_PRESENT << 24);
        vni(m, at, vni);
        return LENGTH;
    }
}
