package dev.penstock.net;

import dev.penstock.mbuf.Mbuf;

/**
 * Geneve header (RFC 8926, section 3.4); behind its options whatever {@link #protocol} says.
 */
public final class Geneve {
    /** Bytes of the header without options. */
    public static final int LENGTH = 8;
    /** Offset of the version and length of the options in words of 4 bytes, 1 byte. */
    public static final int VERSION_OPTIONS = 0;
    /** Offset of the flags, 1 byte. */
    public static final int FLAGS = 1;
    /** Offset of the type of what follows, 2 bytes. */
    public static final int PROTOCOL = 2;
    /** UDP destination port. */
    public static final int PORT = 6081;
    /** Offset of the options. */
    public static final int OPTIONS = 8;

    private Geneve() {}

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
        if (versionOptions(m, at) >>> 6 != 0) {
            return Reject.VERSION;
        }
        int length = LENGTH + ((versionOptions(m, at) & 0x3f) << 2);
        return Reject.fits(m, at, length) ? length : Reject.TRUNCATED;
    }

    /**
     * Reads the version and length of the options in words of 4 bytes.
     *
     * @param m the packet
     * @param at where the header starts
     * @return version in the upper two bits, length in the lower six
     */
    public static int versionOptions(Mbuf m, int at) {
        return m.getByte(at) & 0xff;
    }

    /**
     * Writes the version and length of the options in words of 4 bytes.
     *
     * @param m the packet
     * @param at where the header starts
     * @param value version in the upper two bits, length in the lower six
     */
    public static void versionOptions(Mbuf m, int at, int value) {
        m.putByte(at, (byte) value);
    }

    /**
     * Reads the flags.
     *
     * @param m the packet
     * @param at where the header starts
     * @return control in the highest bit, critical in the next
     */
    public static int flags(Mbuf m, int at) {
        return m.getByte(at + FLAGS) & 0xff;
    }

    /**
     * Writes the flags.
     *
     * @param m the packet
     * @param at where the header starts
     * @param value control in the highest bit, critical in the next
     */
    public static void flags(Mbuf m, int at, int value) {
        m.putByte(at + FLAGS, (byte) value);
    }

    /**
     * Reads the type of what follows.
     *
     * @param m the packet
     * @param at where the header starts
     * @return an {@link EtherType}
     */
    public static int protocol(Mbuf m, int at) {
        return m.getShort(at + PROTOCOL) & 0xffff;
    }

    /**
     * Writes the type of what follows.
     *
     * @param m the packet
     * @param at where the header starts
     * @param value an {@link EtherType}
     */
    public static void protocol(Mbuf m, int at, int value) {
        m.putShort(at + PROTOCOL, (short) value);
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
     * Writes a header without options.
     *
     * @param m the packet
     * @param at where the header starts
     * @param protocol an {@link EtherType}: what follows
     * @param vni network identifier
     * @return {@link #LENGTH}
     */
    public static int write(Mbuf m, int at, int protocol, int vni) {
        m.putInt(at, protocol & 0xffff);
        vni(m, at, vni);
        return LENGTH;
    }
}
