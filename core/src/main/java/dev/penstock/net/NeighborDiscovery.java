package dev.penstock.net;

import dev.penstock.mbuf.Mbuf;

/**
 * Neighbour discovery messages of ICMPv6 (RFC 4861, section 4). A receiver must also see that the hop limit is 255 and
 * the checksum is right (section 6.1).
 */
public final class NeighborDiscovery {
    /** Bytes of the smallest message without options. */
    public static final int LENGTH = 8;
    /** Offset of the flags and what stands beside them, 4 bytes. */
    public static final int FLAGS = 4;
    /** Type: routers, speak up. */
    public static final int ROUTER_SOLICITATION = 133;
    /** Type: here is a router. */
    public static final int ROUTER_ADVERTISEMENT = 134;
    /** Type: who has this address? */
    public static final int NEIGHBOR_SOLICITATION = 135;
    /** Type: here it is. */
    public static final int NEIGHBOR_ADVERTISEMENT = 136;
    /** Type: there is a better first hop. */
    public static final int REDIRECT = 137;
    /** Offset of the target address in solicitations and advertisements of neighbours and in redirects. */
    public static final int TARGET_HIGH = 8;
    /** Offset of the target address, second half. */
    public static final int TARGET_LOW = 16;
    /** Offset of the destination address in redirects. */
    public static final int DESTINATION_HIGH = 24;
    /** Bit of {@link #flags} in advertisements of neighbours: the sender is a router. */
    public static final int ROUTER = 0x8000_0000;
    /** Bit of {@link #flags}: the answer to a solicitation. */
    public static final int SOLICITED = 0x4000_0000;
    /** Bit of {@link #flags}: replaces what is known. */
    public static final int OVERRIDE = 0x2000_0000;
    /** Option: link address of the source. */
    public static final int OPTION_SOURCE_LINK = 1;
    /** Option: link address of the target. */
    public static final int OPTION_TARGET_LINK = 2;
    /** Option: a prefix on this link. */
    public static final int OPTION_PREFIX = 3;
    /** Option: the link's MTU. */
    public static final int OPTION_MTU = 5;

    private NeighborDiscovery() {}

    /**
     * Whether a neighbour discovery message starts here, up to its options.
     *
     * @param m the packet
     * @param at where the header starts
     * @return its length up to the options in bytes or a {@link Reject} code
     */
    public static int check(Mbuf m, int at) {
        if (!Reject.fits(m, at, LENGTH)) {
            return Reject.TRUNCATED;
        }
        int length = fixedLength(Icmp.type(m, at));
        if (length < 0 || Icmp.code(m, at) != 0) {
            return Reject.FIELD;
        }
        return Reject.fits(m, at, length) ? length : Reject.TRUNCATED;
    }

    /**
     * Reads the flags and what stands beside them.
     *
     * @param m the packet
     * @param at where the header starts
     * @return {@link #ROUTER}, ...; in router advertisements hop limit, flags and lifetime
     */
    public static int flags(Mbuf m, int at) {
        return m.getInt(at + FLAGS);
    }

    /**
     * Writes the flags and what stands beside them.
     *
     * @param m the packet
     * @param at where the header starts
     * @param value {@link #ROUTER}, ...; in router advertisements hop limit, flags and lifetime
     */
    public static void flags(Mbuf m, int at, int value) {
        m.putInt(at + FLAGS, value);
    }

    /**
     * How long a message is up to its options.
     *
     * @param type the type
     * @return bytes, or {@link Reject#FIELD} when it is no neighbour discovery message
     */
    public static int fixedLength(int type) {
        return switch (type) {
            case ROUTER_SOLICITATION -> LENGTH;
            case ROUTER_ADVERTISEMENT -> 16;
            case NEIGHBOR_SOLICITATION, NEIGHBOR_ADVERTISEMENT -> 24;
            case REDIRECT -> 40;
            default -> Reject.FIELD;
        };
    }

    /**
     * Reads the first half of the target address; not in messages to or of routers.
     *
     * @param m the packet
     * @param at where the header starts
     * @return its first eight bytes
     */
    public static long targetHigh(Mbuf m, int at) {
        return m.getLong(at + TARGET_HIGH);
    }

    /**
     * Reads the second half of the target address; not in messages to or of routers.
     *
     * @param m the packet
     * @param at where the header starts
     * @return its last eight bytes
     */
    public static long targetLow(Mbuf m, int at) {
        return m.getLong(at + TARGET_LOW);
    }

    /**
     * Finds an option.
     *
     * @param m the packet
     * @param at where the header starts
     * @param end where the message ends
     * @param type the option's type
     * @return where its type byte is, or {@link Reject#ABSENT}, or {@link Reject#OPTION} when one before it has no
     *     length or leaves the message (the message is then to be dropped whole, section 6.1)
     */
    public static int option(Mbuf m, int at, int end, int type) {
        int option = at + fixedLength(Icmp.type(m, at));
        int last = Math.min(end, m.dataLen());
        while (option < last) {
            if (last - option < 8) {
                return Reject.OPTION;
            }
            int length = (m.getByte(option + 1) & 0xff) << 3;
            if (length == 0 || length > last - option) {
                return Reject.OPTION;
            }
            if ((m.getByte(option) & 0xff) == type) {
                return option;
            }
            option += length;
        }
        return Reject.ABSENT;
    }

    /**
     * Reads the Ethernet address in a link address option.
     *
     * @param m the packet
     * @param option where the option starts, as {@link #option} found it
     * @return the address in 48 bits
     */
    public static long optionMac(Mbuf m, int option) {
        return m.getLong(option) & 0xffff_ffff_ffffL;
    }

    /**
     * Writes a solicitation or advertisement of a neighbour with its link address option and with no checksum.
     *
     * @param m the packet
     * @param at where the header starts
     * @param type {@link #NEIGHBOR_SOLICITATION} or {@link #NEIGHBOR_ADVERTISEMENT}
     * @param flags {@link #ROUTER}, ...; 0 in a solicitation
     * @param target target address
     * @param mac Ethernet address of the sender
     * @return bytes of the message, 32
     */
    public static int write(Mbuf m, int at, int type, int flags, Ipv6Address target, long mac) {
        m.putInt(at, type << 24);
        flags(m, at, flags);
        m.putLong(at + TARGET_HIGH, target.high());
        m.putLong(at + TARGET_LOW, target.low());
        long option = type == NEIGHBOR_SOLICITATION ? OPTION_SOURCE_LINK : OPTION_TARGET_LINK;
        m.putLong(at + 24, option << 56 | 1L << 48 | mac & 0xffff_ffff_ffffL);
        return 32;
    }
}
