package dev.penstock.net;

import dev.penstock.mbuf.Mbuf;

/**
 * TCP header (RFC 9293, section 3.1).
 */
public final class Tcp {
    /** Bytes of the header without options. */
    public static final int LENGTH = 20;
    /** Offset of the source port, 2 bytes. */
    public static final int SRC_PORT = 0;
    /** Offset of the destination port, 2 bytes. */
    public static final int DST_PORT = 2;
    /** Offset of the sequence number, 4 bytes. */
    public static final int SEQ = 4;
    /** Offset of the acknowledgment number, 4 bytes. */
    public static final int ACK_NUMBER = 8;
    /** Offset of the header length in words of 4 bytes, 1 byte. */
    public static final int DATA_OFFSET = 12;
    /** Offset of the flags, 1 byte. */
    public static final int FLAGS = 13;
    /** Offset of the receive window, 2 bytes. */
    public static final int WINDOW = 14;
    /** Offset of the checksum, 2 bytes. */
    public static final int CHECKSUM = 16;
    /** Offset of the urgent pointer, 2 bytes. */
    public static final int URGENT_POINTER = 18;
    /** Offset of the options. */
    public static final int OPTIONS = 20;
    /** Flag: the sender has no more data. */
    public static final int FIN = 0x01;
    /** Flag: sequence numbers start here. */
    public static final int SYN = 0x02;
    /** Flag: the connection is void. */
    public static final int RST = 0x04;
    /** Flag: hand the data over at once. */
    public static final int PSH = 0x08;
    /** Flag: the acknowledgment number is valid. */
    public static final int ACK = 0x10;
    /** Flag: the urgent pointer is valid. */
    public static final int URG = 0x20;
    /** Flag: congestion was seen (RFC 3168). */
    public static final int ECE = 0x40;
    /** Flag: the sender has slowed down (RFC 3168). */
    public static final int CWR = 0x80;
    /** Option: largest segment. */
    public static final int OPTION_MSS = 2;
    /** Option: window scale (RFC 7323). */
    public static final int OPTION_WINDOW_SCALE = 3;
    /** Option: selective acknowledgments are understood (RFC 2018). */
    public static final int OPTION_SACK_PERMITTED = 4;
    /** Option: selective acknowledgments. */
    public static final int OPTION_SACK = 5;
    /** Option: timestamps (RFC 7323). */
    public static final int OPTION_TIMESTAMPS = 8;

    private Tcp() {}

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
        if (length < LENGTH) {
            return Reject.HEADER_LENGTH;
        }
        return Reject.fits(m, at, length) ? length : Reject.TRUNCATED;
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
     * Reads the acknowledgment number.
     *
     * @param m the packet
     * @param at where the header starts
     * @return 0 to 2^32 - 1
     */
    public static long ack(Mbuf m, int at) {
        return m.getInt(at + ACK_NUMBER) & 0xffff_ffffL;
    }

    /**
     * Writes the acknowledgment number.
     *
     * @param m the packet
     * @param at where the header starts
     * @param value 0 to 2^32 - 1
     */
    public static void ack(Mbuf m, int at, long value) {
        m.putInt(at + ACK_NUMBER, (int) value);
    }

    /**
     * Reads the header length in words of 4 bytes.
     *
     * @param m the packet
     * @param at where the header starts
     * @return the length in the upper four bits
     */
    public static int dataOffset(Mbuf m, int at) {
        return m.getByte(at + DATA_OFFSET) & 0xff;
    }

    /**
     * Writes the header length in words of 4 bytes.
     *
     * @param m the packet
     * @param at where the header starts
     * @param value the length in the upper four bits
     */
    public static void dataOffset(Mbuf m, int at, int value) {
        m.putByte(at + DATA_OFFSET, (byte) value);
    }

    /**
     * Reads the flags.
     *
     * @param m the packet
     * @param at where the header starts
     * @return {@link #FIN}, {@link #SYN}, ...
     */
    public static int flags(Mbuf m, int at) {
        return m.getByte(at + FLAGS) & 0xff;
    }

    /**
     * Writes the flags.
     *
     * @param m the packet
     * @param at where the header starts
     * @param value {@link #FIN}, {@link #SYN}, ...
     */
    public static void flags(Mbuf m, int at, int value) {
        m.putByte(at + FLAGS, (byte) value);
    }

    /**
     * Reads the receive window.
     *
     * @param m the packet
     * @param at where the header starts
     * @return bytes, before scaling
     */
    public static int window(Mbuf m, int at) {
        return m.getShort(at + WINDOW) & 0xffff;
    }

    /**
     * Writes the receive window.
     *
     * @param m the packet
     * @param at where the header starts
     * @param value bytes, before scaling
     */
    public static void window(Mbuf m, int at, int value) {
        m.putShort(at + WINDOW, (short) value);
    }

    /**
     * Reads the checksum.
     *
     * @param m the packet
     * @param at where the header starts
     * @return the checksum
     */
    public static int checksum(Mbuf m, int at) {
        return m.getShort(at + CHECKSUM) & 0xffff;
    }

    /**
     * Writes the checksum.
     *
     * @param m the packet
     * @param at where the header starts
     * @param value the checksum
     */
    public static void checksum(Mbuf m, int at, int value) {
        m.putShort(at + CHECKSUM, (short) value);
    }

    /**
     * Reads the urgent pointer.
     *
     * @param m the packet
     * @param at where the header starts
     * @return offset from the sequence number
     */
    public static int urgentPointer(Mbuf m, int at) {
        return m.getShort(at + URGENT_POINTER) & 0xffff;
    }

    /**
     * Writes the urgent pointer.
     *
     * @param m the packet
     * @param at where the header starts
     * @param value offset from the sequence number
     */
    public static void urgentPointer(Mbuf m, int at, int value) {
        m.putShort(at + URGENT_POINTER, (short) value);
    }

    /**
     * Reads the header length.
     *
     * @param m the packet
     * @param at where the header starts
     * @return bytes, options included
     */
    public static int headerLength(Mbuf m, int at) {
        return m.getByte(at + DATA_OFFSET) >>> 2 & 0x3c;
    }

    /**
     * Finds an option.
     *
     * @param m the packet
     * @param at where the header starts
     * @param kind number of the option
     * @return where its kind byte is, or {@link Reject#ABSENT} or {@link Reject#OPTION}
     */
    public static int option(Mbuf m, int at, int kind) {
        return Options.find(m, at + OPTIONS, at + headerLength(m, at), kind);
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
     * Writes a header without options and with no checksum.
     *
     * @param m the packet
     * @param at where the header starts
     * @param srcPort source port
     * @param dstPort destination port
     * @param seq sequence number
     * @param ack acknowledgment number
     * @param flags {@link #FIN}, {@link #SYN}, ...
     * @param window receive window
     * @return {@link #LENGTH}
     */
    public static int write(Mbuf m, int at, int srcPort, int dstPort, long seq, long ack, int flags, int window) {
        m.putInt(at, srcPort << 16 | dstPort & 0xffff);
        seq(m, at, seq);
        ack(m, at, ack);
        m.putInt(at + DATA_OFFSET, LENGTH << 26 | (flags & 0xff) << 16 | window & 0xffff);
        m.putInt(at + CHECKSUM, 0);
        return LENGTH;
    }
}
