package dev.penstock.net;

import dev.penstock.mbuf.Mbuf;

/**
 * The header of ICMP (RFC 792) and of ICMPv6 (RFC 4443, section 2.1), with the types of ICMP; those of the other are in
 * {@link Icmpv6}. The second word is an identifier and a sequence number in echo messages, and depends on the type in others.
 */
public final class Icmp {
    /** Bytes of the header. */
    public static final int LENGTH = 8;
    /** Offset of the type, 1 byte. */
    public static final int TYPE = 0;
    /** Offset of the code, 1 byte. */
    public static final int CODE = 1;
    /** Offset of the checksum, 2 bytes. */
    public static final int CHECKSUM = 2;
    /** Offset of the identifier of an echo, 2 bytes. */
    public static final int ID = 4;
    /** Offset of the sequence number of an echo, 2 bytes. */
    public static final int SEQ = 6;
    /** Type: echo reply. */
    public static final int ECHO_REPLY = 0;
    /** Type: destination unreachable. */
    public static final int UNREACHABLE = 3;
    /** Type: redirect. */
    public static final int REDIRECT = 5;
    /** Type: echo request. */
    public static final int ECHO_REQUEST = 8;
    /** Type: time exceeded. */
    public static final int TIME_EXCEEDED = 11;
    /** Type: parameter problem. */
    public static final int PARAMETER_PROBLEM = 12;

    private Icmp() {}

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
     * Reads the type.
     *
     * @param m the packet
     * @param at where the header starts
     * @return {@link #ECHO_REQUEST}, ...
     */
    public static int type(Mbuf m, int at) {
        return m.getByte(at) & 0xff;
    }

    /**
     * Writes the type.
     *
     * @param m the packet
     * @param at where the header starts
     * @param value {@link #ECHO_REQUEST}, ...
     */
    public static void type(Mbuf m, int at, int value) {
        m.putByte(at, (byte) value);
    }

    /**
     * Reads the code.
     *
     * @param m the packet
     * @param at where the header starts
     * @return depends on the type
     */
    public static int code(Mbuf m, int at) {
        return m.getByte(at + CODE) & 0xff;
    }

    /**
     * Writes the code.
     *
     * @param m the packet
     * @param at where the header starts
     * @param value depends on the type
     */
    public static void code(Mbuf m, int at, int value) {
        m.putByte(at + CODE, (byte) value);
    }

    /**
     * Reads the checksum.
     *
     * @param m the packet
     * @param at where the header starts
     * @return the checksum over header and data
     */
    public static int checksum(Mbuf m, int at) {
        return m.getShort(at + CHECKSUM) & 0xffff;
    }

    /**
     * Writes the checksum.
     *
     * @param m the packet
     * @param at where the header starts
     * @param value the checksum over header and data
     */
    public static void checksum(Mbuf m, int at, int value) {
        m.putShort(at + CHECKSUM, (short) value);
    }

    /**
     * Reads the identifier of an echo.
     *
     * @param m the packet
     * @param at where the header starts
     * @return 0 to 65535
     */
    public static int id(Mbuf m, int at) {
        return m.getShort(at + ID) & 0xffff;
    }

    /**
     * Writes the identifier of an echo.
     *
     * @param m the packet
     * @param at where the header starts
     * @param value 0 to 65535
     */
    public static void id(Mbuf m, int at, int value) {
        m.putShort(at + ID, (short) value);
    }

    /**
     * Reads the sequence number of an echo.
     *
     * @param m the packet
     * @param at where the header starts
     * @return 0 to 65535
     */
    public static int seq(Mbuf m, int at) {
        return m.getShort(at + SEQ) & 0xffff;
    }

    /**
     * Writes the sequence number of an echo.
     *
     * @param m the packet
     * @param at where the header starts
     * @param value 0 to 65535
     */
    public static void seq(Mbuf m, int at, int value) {
        m.putShort(at + SEQ, (short) value);
    }

    /**
     * Writes the header, with no checksum.
     *
     * @param m the packet
     * @param at where the header starts
     * @param type the type
     * @param code the code
     * @param id identifier, or the upper half of the second word
     * @param seq sequence number, or the lower half of the second word
     * @return {@link #LENGTH}
     */
    public static int write(Mbuf m, int at, int type, int code, int id, int seq) {
        m.putInt(at, type << 24 | (code & 0xff) << 16);
        m.putInt(at + ID, id << 16 | seq & 0xffff);
        return LENGTH;
    }
}
