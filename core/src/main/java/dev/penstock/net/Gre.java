package dev.penstock.net;

import dev.penstock.mbuf.Mbuf;

/**
 * GRE header (RFC 2784; key and sequence number RFC 2890).
 */
public final class Gre {
    /** Bytes of the header without optional fields. */
    public static final int LENGTH = 4;
    /** Offset of the flags and version, 2 bytes. */
    public static final int FLAGS = 0;
    /** Offset of the type of what follows, 2 bytes. */
    public static final int PROTOCOL = 2;
    /** Flag: a checksum and two reserved bytes follow. */
    public static final int CHECKSUM_PRESENT = 0x8000;
    /** Flag: a key follows. */
    public static final int KEY_PRESENT = 0x2000;
    /** Flag: a sequence number follows. */
    public static final int SEQ_PRESENT = 0x1000;

    private static final int ROUTING_PRESENT = 0x4000;

    private Gre() {}

    /**
     * Whether a header starts here, with the fields its flags announce. Version 1 (PPTP) is {@link Reject#VERSION}, source
     * routes, which RFC 2784 has removed, are {@link Reject#FIELD}.
     *
     * @param m the packet
     * @param at where the header starts
     * @return the header length in bytes or a {@link Reject} code
     */
    public static int check(Mbuf m, int at) {
        if (!Reject.fits(m, at, LENGTH)) {
            return Reject.TRUNCATED;
        }
        int flags = flags(m, at);
        if ((flags & 7) != 0) {
            return Reject.VERSION;
        }
        if ((flags & ROUTING_PRESENT) != 0) {
            return Reject.FIELD;
        }
        int length = headerLength(flags);
        return Reject.fits(m, at, length) ? length : Reject.TRUNCATED;
    }

    /**
     * Reads the flags and version.
     *
     * @param m the packet
     * @param at where the header starts
     * @return {@link #CHECKSUM_PRESENT}, ...; version in the lower three bits
     */
    public static int flags(Mbuf m, int at) {
        return m.getShort(at) & 0xffff;
    }

    /**
     * Writes the flags and version.
     *
     * @param m the packet
     * @param at where the header starts
     * @param value {@link #CHECKSUM_PRESENT}, ...; version in the lower three bits
     */
    public static void flags(Mbuf m, int at, int value) {
        m.putShort(at, (short) value);
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
     * How long a header with these flags is.
     *
     * @param flags flags
     * @return bytes, 4 to 16
     */
    public static int headerLength(int flags) {
        return LENGTH + ((flags >>> 13 & 4) + (flags >>> 11 & 4) + (flags >>> 10 & 4));
    }

    /**
     * Reads the key, which must be present.
     *
     * @param m the packet
     * @param at where the header starts
     * @return 32 bits
     */
    public static int key(Mbuf m, int at) {
        return m.getInt(at + LENGTH + (flags(m, at) >>> 13 & 4));
    }

    /**
     * Writes a header without optional fields.
     *
     * @param m the packet
     * @param at where the header starts
     * @param protocol an {@link EtherType}: what follows
     * @return {@link #LENGTH}
     */
    public static int write(Mbuf m, int at, int protocol) {
        m.putInt(at, protocol & 0xffff);
        return LENGTH;
    }
}
