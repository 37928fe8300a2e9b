package dev.penstock.net;

import dev.penstock.mbuf.Mbuf;

/**
 * SCTP common header (RFC 9260, section 3.1). Its checksum is {@link Crc#crc32c} over the SCTP packet with the field
 * zero, its bytes in reverse order (appendix A), see {@link Crc#sctp}.
 */
public final class Sctp {
    /** Bytes of the header. */
    public static final int LENGTH = 12;
    /** Offset of the source port, 2 bytes. */
    public static final int SRC_PORT = 0;
    /** Offset of the destination port, 2 bytes. */
    public static final int DST_PORT = 2;
    /** Offset of the verification tag, 4 bytes. */
    public static final int VERIFICATION_TAG = 4;
    /** Offset of the checksum, 4 bytes. */
    public static final int CHECKSUM = 8;
    /** Offset of the first chunk. */
    public static final int CHUNKS = 12;

    private Sctp() {}

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
     * Reads the source port.
     *
     * @param m the packet
     * @param at where the header starts
     * @return 0 to 65535
     */
    public static int srcPort(Mbuf m, int at) {
        return m.getShort(at) & 0xffff;
    }

    /**
     * Writes the source port.
     *
     * @param m the packet
     * @param at where the header starts
     * @param value 0 to 65535
     */
    public static void srcPort(Mbuf m, int at, int value) {
        m.putShort(at, (short) value);
    }

    /**
     * Reads the destination port.
     *
     * @param m the packet
     * @param at where the header starts
     * @return 0 to 65535
     */
    public static int dstPort(Mbuf m, int at) {
        return m.getShort(at + DST_PORT) & 0xffff;
    }

    /**
     * Writes the destination port.
     *
     * @param m the packet
     * @param at where the header starts
     * @param value 0 to 65535
     */
    public static void dstPort(Mbuf m, int at, int value) {
        m.putShort(at + DST_PORT, (short) value);
    }

    /**
     * Reads the verification tag.
     *
     * @param m the packet
     * @param at where the header starts
     * @return 32 bits
     */
    public static int verificationTag(Mbuf m, int at) {
        return m.getInt(at + VERIFICATION_TAG);
    }

    /**
     * Writes the verification tag.
     *
     * @param m the packet
     * @param at where the header starts
     * @param value 32 bits
     */
    public static void verificationTag(Mbuf m, int at, int value) {
        m.putInt(at + VERIFICATION_TAG, value);
    }

    /**
     * Reads the checksum.
     *
     * @param m the packet
     * @param at where the header starts
     * @return the four bytes as they stand
     */
    public static int checksum(Mbuf m, int at) {
        return m.getInt(at + CHECKSUM);
    }

    /**
     * Writes the checksum.
     *
     * @param m the packet
     * @param at where the header starts
     * @param value the four bytes as they stand
     */
    public static void checksum(Mbuf m, int at, int value) {
        m.putInt(at + CHECKSUM, value);
    }

    /**
     * Exchanges source and destination port.
     *
     * @param m the packet
     * @param at where the header starts
     */
    public static void swapPorts(Mbuf m, int at) {
        m.putInt(at, Integer.rotateLeft(m.getInt(at), 16));
    }

    /**
     * Writes the header, with no checksum.
     *
     * @param m the packet
     * @param at where the header starts
     * @param srcPort source port
     * @param dstPort destination port
     * @param verificationTag verification tag
     * @return {@link #LENGTH}
     */
    public static int write(Mbuf m, int at, int srcPort, int dstPort, int verificationTag) {
        m.putInt(at, srcPort << 16 | dstPort & 0xffff);
        verificationTag(m, at, verificationTag);
        checksum(m, at, 0);
        return LENGTH;
    }
}
