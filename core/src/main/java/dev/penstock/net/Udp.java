package dev.penstock.net;

import dev.penstock.mbuf.Mbuf;

/**
 * UDP header (RFC 768).
 */
public final class Udp {
    /** Bytes of the header. */
    public static final int LENGTH = 8;
    /** Offset of the source port, 2 bytes. */
    public static final int SRC_PORT = 0;
    /** Offset of the destination port, 2 bytes. */
    public static final int DST_PORT = 2;
    /** Offset of the datagram length, header included, 2 bytes. */
    public static final int LENGTH_FIELD = 4;
    /** Offset of the checksum, 2 bytes. */
    public static final int CHECKSUM = 6;

    private Udp() {}

    /**
     * Whether a header starts here and the packet holds the length it says.
     *
     * @param m the packet
     * @param at where the header starts
     * @return {@link #LENGTH} or a {@link Reject} code
     */
    public static int check(Mbuf m, int at) {
        if (!Reject.fits(m, at, LENGTH)) {
            return Reject.TRUNCATED;
        }
        int length = length(m, at);
        return length >= LENGTH && length <= m.pktLen() - at ? LENGTH : Reject.PACKET_LENGTH;
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
     * Reads the datagram length, header included.
     *
     * @param m the packet
     * @param at where the header starts
     * @return bytes
     */
    public static int length(Mbuf m, int at) {
        return m.getShort(at + LENGTH_FIELD) & 0xffff;
    }

    /**
     * Writes the datagram length, header included.
     *
     * @param m the packet
     * @param at where the header starts
     * @param value bytes
     */
    public static void length(Mbuf m, int at, int value) {
        m.putShort(at + LENGTH_FIELD, (short) value);
    }

    /**
     * Reads the checksum.
     *
     * @param m the packet
     * @param at where the header starts
     * @return the checksum; 0 means none, over IPv4 alone
     */
    public static int checksum(Mbuf m, int at) {
        return m.getShort(at + CHECKSUM) & 0xffff;
    }

    /**
     * Writes the checksum.
     *
     * @param m the packet
     * @param at where the header starts
     * @param value the checksum; 0 means none, over IPv4 alone
     */
    public static void checksum(Mbuf m, int at, int value) {
        m.putShort(at + CHECKSUM, (short) value);
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
     * @param length bytes of the datagram, header included
     * @return {@link #LENGTH}
     */
    public static int write(Mbuf m, int at, int srcPort, int dstPort, int length) {
        m.putInt(at, srcPort << 16 | dstPort & 0xffff);
        m.putInt(at + LENGTH_FIELD, length << 16);
        return LENGTH;
    }
}
