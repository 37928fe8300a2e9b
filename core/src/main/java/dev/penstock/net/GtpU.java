package dev.penstock.net;

import dev.penstock.mbuf.Mbuf;

/**
 * GTP-U header, version 1 (3GPP TS 29.281, clause 5).
 */
public final class GtpU {
    /** Bytes of the header without optional fields. */
    public static final int LENGTH = 8;
    /** Offset of the version and flags, 1 byte. */
    public static final int FLAGS = 0;
    /** Offset of the message type, 1 byte. */
    public static final int TYPE = 1;
    /** Offset of the message length, the first eight bytes not counted, 2 bytes. */
    public static final int LENGTH_FIELD = 2;
    /** Offset of the tunnel endpoint identifier, 4 bytes. */
    public static final int TEID = 4;
    /** UDP port. */
    public static final int PORT = 2152;
    /** Message type: an IP packet follows. */
    public static final int G_PDU = 255;
    /** Message type: echo request. */
    public static final int ECHO_REQUEST = 1;
    /** Flag: an extension header follows. */
    public static final int EXTENSION_PRESENT = 4;
    /** Flag: the sequence number is valid. */
    public static final int SEQ_PRESENT = 2;
    /** Flag: the N-PDU number is valid. */
    public static final int NPDU_PRESENT = 1;
    /** Offset of the optional fields: sequence number, N-PDU number, next extension type. */
    public static final int OPTIONAL = 8;
    /** More extension headers than this are {@link Reject#TOO_DEEP}. */
    public static final int MAX_EXTENSIONS = 8;

    private GtpU() {}

    /**
     * Whether a header of version 1 starts here, with its optional fields and extension headers; GTP prime is
     * {@link Reject#VERSION}.
     *
     * @param m the packet
     * @param at where the header starts
     * @return the header length in bytes, extension headers included, or a {@link Reject} code
     */
    public static int check(Mbuf m, int at) {
        if (!Reject.fits(m, at, LENGTH)) {
            return Reject.TRUNCATED;
        }
        int flags = flags(m, at);
        if (flags >>> 4 != 3) {
            return Reject.VERSION;
        }
        if (length(m, at) > m.pktLen() - at - LENGTH) {
            return Reject.PACKET_LENGTH;
        }
        if ((flags & 7) == 0) {
            return LENGTH;
        }
        int optional = Reject.fits(m, at, 12) ? 12 : Reject.TRUNCATED;
        int end = optional > 0 && (flags & EXTENSION_PRESENT) != 0 ? extensions(m, at) : optional;
        return end > LENGTH + length(m, at) ? Reject.PACKET_LENGTH : end;
    }

    /**
     * Reads the version and flags.
     *
     * @param m the packet
     * @param at where the header starts
     * @return version in the upper three bits, protocol type in bit 4
     */
    public static int flags(Mbuf m, int at) {
        return m.getByte(at) & 0xff;
    }

    /**
     * Writes the version and flags.
     *
     * @param m the packet
     * @param at where the header starts
     * @param value version in the upper three bits, protocol type in bit 4
     */
    public static void flags(Mbuf m, int at, int value) {
        m.putByte(at, (byte) value);
    }

    /**
     * Reads the message type.
     *
     * @param m the packet
     * @param at where the header starts
     * @return {@link #G_PDU}, ...
     */
    public static int type(Mbuf m, int at) {
        return m.getByte(at + TYPE) & 0xff;
    }

    /**
     * Writes the message type.
     *
     * @param m the packet
     * @param at where the header starts
     * @param value {@link #G_PDU}, ...
     */
    public static void type(Mbuf m, int at, int value) {
        m.putByte(at + TYPE, (byte) value);
    }

    /**
     * Reads the message length, the first eight bytes not counted.
     *
     * @param m the packet
     * @param at where the header starts
     * @return bytes
     */
    public static int length(Mbuf m, int at) {
        return m.getShort(at + LENGTH_FIELD) & 0xffff;
    }

    /**
     * Writes the message length, the first eight bytes not counted.
     *
     * @param m the packet
     * @param at where the header starts
     * @param value bytes
     */
    public static void length(Mbuf m, int at, int value) {
        m.putShort(at + LENGTH_FIELD, (short) value);
    }

    /**
     * Reads the tunnel endpoint identifier.
     *
     * @param m the packet
     * @param at where the header starts
     * @return 32 bits
     */
    public static int teid(Mbuf m, int at) {
        return m.getInt(at + TEID);
    }

    /**
     * Writes the tunnel endpoint identifier.
     *
     * @param m the packet
     * @param at where the header starts
     * @param value 32 bits
     */
    public static void teid(Mbuf m, int at, int value) {
        m.putInt(at + TEID, value);
    }

    /** Walks the extension headers, each with its length in words first and the next one's type last. */
    private static int extensions(Mbuf m, int at) {
        int length = 12;
        for (int i = 0; i <= MAX_EXTENSIONS; i++) {
            if (m.getByte(at + length - 1) == 0) {
                return length;
            }
            if (!Reject.fits(m, at, length + 4)) {
                return Reject.TRUNCATED;
            }
            int extension = (m.getByte(at + length) & 0xff) << 2;
            if (extension == 0) {
                return Reject.HEADER_LENGTH;
            }
            length += extension;
            if (!Reject.fits(m, at, length)) {
                return Reject.TRUNCATED;
            }
        }
        return Reject.TOO_DEEP;
    }

    /**
     * Writes a header without optional fields.
     *
     * @param m the packet
     * @param at where the header starts
     * @param type message type
     * @param length bytes of the message, these eight not counted
     * @param teid tunnel endpoint identifier
     * @return {@link #LENGTH}
     */
    public static int write(Mbuf m, int at, int type, int length, int teid) {
        m.putInt(at, 0x3000_0000 | (type & 0xff) << 16 | length & 0xffff);
        teid(m, at, teid);
        return LENGTH;
    }
}
