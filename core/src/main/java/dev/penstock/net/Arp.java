package dev.penstock.net;

import dev.penstock.mbuf.Mbuf;

/**
 * Address resolution of IPv4 over Ethernet (RFC 826).
 */
public final class Arp {
    /** Bytes of a message for Ethernet and IPv4. */
    public static final int LENGTH = 28;
    /** Offset of the kind of link and protocol and the lengths of their addresses, 6 bytes. */
    public static final int HARDWARE = 0;
    /** Offset of the operation, 2 bytes. */
    public static final int OPERATION = 6;
    /** Offset of the Ethernet address of the sender, 6 bytes. */
    public static final int SENDER_MAC = 8;
    /** Offset of the IPv4 address of the sender, 4 bytes. */
    public static final int SENDER_IP = 14;
    /** Offset of the Ethernet address of the target, 6 bytes. */
    public static final int TARGET_MAC = 18;
    /** Offset of the IPv4 address of the target, 4 bytes. */
    public static final int TARGET_IP = 24;
    /** Operation: who has this address? */
    public static final int REQUEST = 1;
    /** Operation: here it is. */
    public static final int REPLY = 2;

    private static final long ETHERNET_IPV4 = 0x0001_0800_0604L;

    private Arp() {}

    /**
     * Whether a message for Ethernet and IPv4 starts here; other kinds are {@link Reject#FIELD}.
     *
     * @param m the packet
     * @param at where the header starts
     * @return {@link #LENGTH} or a {@link Reject} code
     */
    public static int check(Mbuf m, int at) {
        if (!Reject.fits(m, at, LENGTH)) {
            return Reject.TRUNCATED;
        }
        return m.getLong(at) >>> 16 == ETHERNET_IPV4 ? LENGTH : Reject.FIELD;
    }

    /**
     * Reads the operation.
     *
     * @param m the packet
     * @param at where the header starts
     * @return {@link #REQUEST} or {@link #REPLY}
     */
    public static int operation(Mbuf m, int at) {
        return m.getShort(at + OPERATION) & 0xffff;
    }

    /**
     * Writes the operation.
     *
     * @param m the packet
     * @param at where the header starts
     * @param value {@link #REQUEST} or {@link #REPLY}
     */
    public static void operation(Mbuf m, int at, int value) {
        m.putShort(at + OPERATION, (short) value);
    }

    /**
     * Reads the IPv4 address of the sender.
     *
     * @param m the packet
     * @param at where the header starts
     * @return the address
     */
    public static int senderIp(Mbuf m, int at) {
        return m.getInt(at + SENDER_IP);
    }

    /**
     * Writes the IPv4 address of the sender.
     *
     * @param m the packet
     * @param at where the header starts
     * @param value the address
     */
    public static void senderIp(Mbuf m, int at, int value) {
        m.putInt(at + SENDER_IP, value);
    }

    /**
     * Reads the IPv4 address of the target.
     *
     * @param m the packet
     * @param at where the header starts
     * @return the address
     */
    public static int targetIp(Mbuf m, int at) {
        return m.getInt(at + TARGET_IP);
    }

    /**
     * Writes the IPv4 address of the target.
     *
     * @param m the packet
     * @param at where the header starts
     * @param value the address
     */
    public static void targetIp(Mbuf m, int at, int value) {
        m.putInt(at + TARGET_IP, value);
    }

    /**
     * Reads the Ethernet address of the sender.
     *
     * @param m the packet
     * @param at where the header starts
     * @return the address in 48 bits
     */
    public static long senderMac(Mbuf m, int at) {
        return m.getLong(at + SENDER_MAC) >>> 16;
    }

    /**
     * Writes the Ethernet address of the sender.
     *
     * @param m the packet
     * @param at where the header starts
     * @param value the address in 48 bits
     */
    public static void senderMac(Mbuf m, int at, long value) {
        Ethernet.dst(m, at + SENDER_MAC, value);
    }

    /**
     * Reads the Ethernet address of the target.
     *
     * @param m the packet
     * @param at where the header starts
     * @return the address in 48 bits
     */
    public static long targetMac(Mbuf m, int at) {
        return m.getLong(at + TARGET_MAC) >>> 16;
    }

    /**
     * Writes the Ethernet address of the target.
     *
     * @param m the packet
     * @param at where the header starts
     * @param value the address in 48 bits
     */
    public static void targetMac(Mbuf m, int at, long value) {
        Ethernet.dst(m, at + TARGET_MAC, value);
    }

    /**
     * Writes a message.
     *
     * @param m the packet
     * @param at where the header starts
     * @param operation {@link #REQUEST} or {@link #REPLY}
     * @param senderMac Ethernet address of the sender
     * @param senderIp IPv4 address of the sender
     * @param targetMac Ethernet address of the target, 0 in a request
     * @param targetIp IPv4 address of the target
     * @return {@link #LENGTH}
     */
    public static int write(Mbuf m, int at, int operation, long senderMac, int senderIp, long targetMac, int targetIp) {
        m.putLong(at, ETHERNET_IPV4 << 16 | operation & 0xffff);
        senderMac(m, at, senderMac);
        senderIp(m, at, senderIp);
        targetMac(m, at, targetMac);
        targetIp(m, at, targetIp);
        return LENGTH;
    }
}
