package dev.penstock.net;

import dev.penstock.mbuf.Mbuf;

/**
 * IPv4 header (RFC 791; type of service as RFC 2474 and RFC 3168). Addresses are {@code int}s, see
 * {@link Ipv4Address}; checksums come from {@link Checksum}.
 */
public final class Ipv4 {
    /** Bytes of the header without options. */
    public static final int LENGTH = 20;
    /** Offset of the version and header length in words of 4 bytes, 1 byte. */
    public static final int VERSION_IHL = 0;
    /** Offset of the type of service, 1 byte. */
    public static final int TOS = 1;
    /** Offset of the packet length, header included, 2 bytes. */
    public static final int TOTAL_LENGTH = 2;
    /** Offset of the identification of the fragments of one packet, 2 bytes. */
    public static final int ID = 4;
    /** Offset of the fragment flags and offset, 2 bytes. */
    public static final int FRAGMENT = 6;
    /** Offset of the time to live, 1 byte. */
    public static final int TTL = 8;
    /** Offset of the protocol of the payload, 1 byte. */
    public static final int PROTOCOL = 9;
    /** Offset of the header checksum, 2 bytes. */
    public static final int CHECKSUM = 10;
    /** Offset of the source address, 4 bytes. */
    public static final int SRC = 12;
    /** Offset of the destination address, 4 bytes. */
    public static final int DST = 16;
    /** Bit of {@link #fragment}: routers may not fragment. */
    public static final int DONT_FRAGMENT = 0x4000;
    /** Bit of {@link #fragment}: another fragment follows. */
    public static final int MORE_FRAGMENTS = 0x2000;
    /** Bits of {@link #fragment} with the fragment offset, in units of 8 bytes. */
    public static final int FRAGMENT_MASK = 0x1fff;
    /** Offset of the options. */
    public static final int OPTIONS = 20;
    /** Option: routers look closer (RFC 2113). */
    public static final int OPTION_ROUTER_ALERT = 148;
    /** Option: routers write down their addresses. */
    public static final int OPTION_RECORD_ROUTE = 7;

    private Ipv4() {}

    /**
     * Whether a header starts here, with all its options, and the packet is as long as it says. Does not look at the
     * checksum, see {@link Checksum#verifyIpv4}.
     *
     * @param m the packet
     * @param at where the header starts
     * @return the header length in bytes or a {@link Reject} code
     */
    public static int check(Mbuf m, int at) {
        if (!Reject.fits(m, at, LENGTH)) {
            return Reject.TRUNCATED;
        }
        int first = m.getInt(at);
        if (first >>> 28 != 4) {
            return Reject.VERSION;
        }
        int length = first >>> 22 & 0x3c;
        if (length < LENGTH) {
            return Reject.HEADER_LENGTH;
        }
        if (!Reject.fits(m, at, length)) {
            return Reject.TRUNCATED;
        }
        int total = first & 0xffff;
        return total >= length && total <= m.pktLen() - at ? length : Reject.PACKET_LENGTH;
    }

    /**
     * Reads the version and header length in words of 4 bytes.
     *
     * @param m the packet
     * @param at where the header starts
     * @return version in the upper four bits, length in the lower
     */
    public static int versionIhl(Mbuf m, int at) {
        return m.getByte(at) & 0xff;
    }

    /**
     * Writes the version and header length in words of 4 bytes.
     *
     * @param m the packet
     * @param at where the header starts
     * @param value version in the upper four bits, length in the lower
     */
    public static void versionIhl(Mbuf m, int at, int value) {
        m.putByte(at, (byte) value);
    }

    /**
     * Reads the type of service.
     *
     * @param m the packet
     * @param at where the header starts
     * @return DSCP in the upper six bits, ECN in the lower two
     */
    public static int tos(Mbuf m, int at) {
        return m.getByte(at + TOS) & 0xff;
    }

    /**
     * Writes the type of service.
     *
     * @param m the packet
     * @param at where the header starts
     * @param value DSCP in the upper six bits, ECN in the lower two
     */
    public static void tos(Mbuf m, int at, int value) {
        m.putByte(at + TOS, (byte) value);
    }

    /**
     * Reads the packet length, header included.
     *
     * @param m the packet
     * @param at where the header starts
     * @return bytes
     */
    public static int totalLength(Mbuf m, int at) {
        return m.getShort(at + TOTAL_LENGTH) & 0xffff;
    }

    /**
     * Writes the packet length, header included.
     *
     * @param m the packet
     * @param at where the header starts
     * @param value bytes
     */
    public static void totalLength(Mbuf m, int at, int value) {
        m.putShort(at + TOTAL_LENGTH, (short) value);
    }

    /**
     * Reads the identification of the fragments of one packet.
     *
     * @param m the packet
     * @param at where the header starts
     * @return 0 to 65535
     */
    public static int id(Mbuf m, int at) {
        return m.getShort(at + ID) & 0xffff;
    }

    /**
     * Writes the identification of the fragments of one packet.
     *
     * @param m the packet
     * @param at where the header starts
     * @param value 0 to 65535
     */
    public static void id(Mbuf m, int at, int value) {
        m.putShort(at + ID, (short) value);
    }

    /**
     * Reads the fragment flags and offset.
     *
     * @param m the packet
     * @param at where the header starts
     * @return {@link #DONT_FRAGMENT}, {@link #MORE_FRAGMENTS} and offset
     */
    public static int fragment(Mbuf m, int at) {
        return m.getShort(at + FRAGMENT) & 0xffff;
    }

    /**
     * Writes the fragment flags and offset.
     *
     * @param m the packet
     * @param at where the header starts
     * @param value {@link #DONT_FRAGMENT}, {@link #MORE_FRAGMENTS} and offset
     */
    public static void fragment(Mbuf m, int at, int value) {
        m.putShort(at + FRAGMENT, (short) value);
    }

    /**
     * Reads the time to live.
     *
     * @param m the packet
     * @param at where the header starts
     * @return hops left
     */
    public static int ttl(Mbuf m, int at) {
        return m.getByte(at + TTL) & 0xff;
    }

    /**
     * Writes the time to live.
     *
     * @param m the packet
     * @param at where the header starts
     * @param value hops left
     */
    public static void ttl(Mbuf m, int at, int value) {
        m.putByte(at + TTL, (byte) value);
    }

    /**
     * Reads the protocol of the payload.
     *
     * @param m the packet
     * @param at where the header starts
     * @return an {@link IpProtocol}
     */
    public static int protocol(Mbuf m, int at) {
        return m.getByte(at + PROTOCOL) & 0xff;
    }

    /**
     * Writes the protocol of the payload.
     *
     * @param m the packet
     * @param at where the header starts
     * @param value an {@link IpProtocol}
     */
    public static void protocol(Mbuf m, int at, int value) {
        m.putByte(at + PROTOCOL, (byte) value);
    }

    /**
     * Reads the header checksum.
     *
     * @param m the packet
     * @param at where the header starts
     * @return the checksum
     */
    public static int checksum(Mbuf m, int at) {
        return m.getShort(at + CHECKSUM) & 0xffff;
    }

    /**
     * Writes the header checksum.
     *
     * @param m the packet
     * @param at where the header starts
     * @param value the checksum
     */
    public static void checksum(Mbuf m, int at, int value) {
        m.putShort(at + CHECKSUM, (short) value);
    }

    /**
     * Reads the source address.
     *
     * @param m the packet
     * @param at where the header starts
     * @return the address
     */
    public static int src(Mbuf m, int at) {
        return m.getInt(at + SRC);
    }

    /**
     * Writes the source address.
     *
     * @param m the packet
     * @param at where the header starts
     * @param value the address
     */
    public static void src(Mbuf m, int at, int value) {
        m.putInt(at + SRC, value);
    }

    /**
     * Reads the destination address.
     *
     * @param m the packet
     * @param at where the header starts
     * @return the address
     */
    public static int dst(Mbuf m, int at) {
        return m.getInt(at + DST);
    }

    /**
     * Writes the destination address.
     *
     * @param m the packet
     * @param at where the header starts
     * @param value the address
     */
    public static void dst(Mbuf m, int at, int value) {
        m.putInt(at + DST, value);
    }

    /**
     * Reads the header length.
     *
     * @param m the packet
     * @param at where the header starts
     * @return bytes, options included
     */
    public static int headerLength(Mbuf m, int at) {
        return (m.getByte(at) & 0xf) << 2;
    }

    /**
     * Whether the packet is a fragment, the first one included.
     *
     * @param m the packet
     * @param at where the header starts
     * @return true when it is only a part
     */
    public static boolean isFragment(Mbuf m, int at) {
        return (m.getShort(at + FRAGMENT) & (MORE_FRAGMENTS | FRAGMENT_MASK)) != 0;
    }

    /**
     * Lowers the time to live by one and mends the checksum (RFC 1624).
     *
     * @param m the packet
     * @param at where the header starts
     * @return hops left, 0 when the packet must not go on; it is then unchanged
     */
    public static int decrementTtl(Mbuf m, int at) {
        int word = m.getShort(at + TTL) & 0xffff;
        if (word < 0x200) {
            return 0;
        }
        checksum(m, at, Checksum.update(checksum(m, at), word, word - 0x100));
        ttl(m, at, (word >>> 8) - 1);
        return (word >>> 8) - 1;
    }

    /**
     * Finds an option.
     *
     * @param m the packet
     * @param at where the header starts
     * @param kind number of the option, flags included
     * @return where its kind byte is, or {@link Reject#ABSENT} or {@link Reject#OPTION}
     */
    public static int option(Mbuf m, int at, int kind) {
        return Options.find(m, at + OPTIONS, at + headerLength(m, at), kind);
    }

    /**
     * Writes a header without options and with its checksum.
     *
     * @param m the packet
     * @param at where the header starts
     * @param tos type of service
     * @param totalLength bytes of the packet, header included
     * @param id identification
     * @param fragment fragment flags and offset
     * @param ttl hops it may go
     * @param protocol an {@link IpProtocol}
     * @param src source address
     * @param dst destination address
     * @return {@link #LENGTH}
     */
    public static int write(Mbuf m, int at, int tos, int totalLength, int id, int fragment, int ttl, int protocol, int src,
            int dst) {
        m.putInt(at, 0x4500_0000 | (tos & 0xff) << 16 | totalLength & 0xffff);
        m.putInt(at + ID, id << 16 | fragment & 0xffff);
        m.putInt(at + TTL, ttl << 24 | (protocol & 0xff) << 16);
        src(m, at, src);
        dst(m, at, dst);
        checksum(m, at, Checksum.ipv4(m, at));
        return LENGTH;
    }
}
