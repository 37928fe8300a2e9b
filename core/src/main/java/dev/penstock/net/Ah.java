package dev.penstock.net;

import dev.penstock.mbuf.Mbuf;

/**
 * IP authentication header (RFC 4302, section 2).
 */
public final class Ah {
    /** Bytes of the header without integrity check value. */
    public static final int LENGTH = 12;
    /** Offset of the header length in words of 4 bytes, two not counted, 1 byte. */
    public static final int PAYLOAD_LENGTH = 1;
    /** Offset of the security parameters index, 4 bytes. */
    public static final int SPI = 4;
    /** Offset of the sequence number, 4 bytes. */
    public static final int SEQ = 8;
    /** Offset of the integrity check value. */
    public static final int ICV = 12;

    private Ah() {}

    /**
     * Whether a header starts here, with all of its integrity check value.
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
        if (length < LENGTH) {
            return Reject.HEADER_LENGTH;
        }
        return Reject.fits(m, at, length) ? length : Reject.TRUNCATED;
    }

    /**
     * Reads the header length in words of 4 bytes, two not counted.
     *
     * @param m the packet
     * @param at where the header starts
     * @return 1 to 255
     */
    public static int payloadLength(Mbuf m, int at) {
        return m.getByte(at + PAYLOAD_LENGTH) & 0xff;
    }

    /**
     * Writes the header length in words of 4 bytes, two not counted.
     *
     * @param m the packet
     * @param at where the header starts
     * @param value 1 to 255
     */
    public static void payloadLength(Mbuf m, int at, int value) {
        m.putByte(at + PAYLOAD_LENGTH, (byte) value);
    }

    /**
     * Reads the security parameters index.
     *
     * @param m the packet
     * @param at where the header starts
     * @return 32 bits
     */
    public static int spi(Mbuf m, int at) {
        return m.getInt(at + SPI);
    }

    /**
     * Writes the security parameters index.
     *
     * @param m the packet
     * @param at where the header starts
     * @param value 32 bits
     */
    public static void spi(Mbuf m, int at, int value) {
        m.putInt(at + SPI, value);
    }

    /**
     * Reads the sequence number.
     *
     * @param m the packet
     * @param at where the header starts
     * @return 0 to 2^32 - 1
     */
    public static long seq(Mbuf m, int at) {
        return m.getInt(at + SEQ) & 0xffff_ffffL;
    }

    /**
     * Writes the sequence number.
     *
     * @param m the packet
     * @param at where the header starts
     * @param value 0 to 2^32 - 1
     */
    public static void seq(Mbuf m, int at, long value) {
        m.putInt(at + SEQ, (int) value);
    }

    /**
     * Reads the header length.
     *
     * @param m the packet
     * @param at where the header starts
     * @return bytes, integrity check value included
     */
    public static int headerLength(Mbuf m, int at) {
        return (payloadLength(m, at) + 2) << 2;
    }

    /**
     * Writes the header up to the integrity check value, which is the caller's.
     *
     * @param m the packet
     * @param at where the header starts
     * @param nextHeader an {@link IpProtocol}
     * @param icvLength bytes of the integrity check value, a multiple of 4
     * @param spi security parameters index
     * @param seq sequence number
     * @return {@link #LENGTH}
     */
    public static int write(Mbuf m, int at, int nextHeader, int icvLength, int spi, long seq) {
        m.putInt(at, nextHeader << 24 | (1 + (icvLength >>> 2) & 0xff) << 16);
        spi(m, at, spi);
        seq(m, at, seq);
        return LENGTH;
    }
}
