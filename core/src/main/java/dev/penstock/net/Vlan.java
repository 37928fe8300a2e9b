package dev.penstock.net;

import dev.penstock.mbuf.Mbuf;

/**
 * VLAN tag (IEEE 802.1Q, clause 9.6): what follows an Ethernet header, or another tag, of type
 * {@link EtherType#VLAN} or {@link EtherType#QINQ}.
 */
public final class Vlan {
    /** Bytes of a tag, its leading type not counted. */
    public static final int LENGTH = 4;
    /** Offset of the tag control information, 2 bytes. */
    public static final int TCI = 0;
    /** Offset of the type of what follows the tag, 2 bytes. */
    public static final int ETHER_TYPE = 2;

    private Vlan() {}

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
     * Reads the tag control information.
     *
     * @param m the packet
     * @param at where the header starts
     * @return priority in 3 bits, drop eligible in 1, VLAN in 12
     */
    public static int tci(Mbuf m, int at) {
        return m.getShort(at) & 0xffff;
    }

    /**
     * Writes the tag control information.
     *
     * @param m the packet
     * @param at where the header starts
     * @param value priority in 3 bits, drop eligible in 1, VLAN in 12
     */
    public static void tci(Mbuf m, int at, int value) {
        m.putShort(at, (short) value);
    }

    /**
     * Reads the type of what follows the tag.
     *
     * @param m the packet
     * @param at where the header starts
     * @return an {@link EtherType}
     */
    public static int etherType(Mbuf m, int at) {
        return m.getShort(at + ETHER_TYPE) & 0xffff;
    }

    /**
     * Writes the type of what follows the tag.
     *
     * @param m the packet
     * @param at where the header starts
     * @param value an {@link EtherType}
     */
    public static void etherType(Mbuf m, int at, int value) {
        m.putShort(at + ETHER_TYPE, (short) value);
    }

    /**
     * The VLAN of a tag.
     *
     * @param tci tag control information
     * @return 0 to 4095; 0 means that the tag carries a priority alone
     */
    public static int vlanId(int tci) {
        return tci & 0xfff;
    }

    /**
     * The priority of a tag.
     *
     * @param tci tag control information
     * @return 0 to 7
     */
    public static int priority(int tci) {
        return tci >>> 13 & 7;
    }

    /**
     * Whether frames of a tag are dropped first.
     *
     * @param tci tag control information
     * @return true when drop eligible
     */
    public static boolean isDropEligible(int tci) {
        return (tci & 0x1000) != 0;
    }

    /**
     * Makes tag control information.
     *
     * @param vlanId 0 to 4095
     * @param priority 0 to 7
     * @param dropEligible whether such frames are dropped first
     * @return the 16 bits
     */
    public static int tci(int vlanId, int priority, boolean dropEligible) {
        return (priority & 7) << 13 | (dropEligible ? 0x1000 : 0) | vlanId & 0xfff;
    }

    /**
     * Whether a type says that a tag follows.
     *
     * @param etherType the type
     * @return true for both kinds of tag
     */
    public static boolean isTag(int etherType) {
        return etherType == EtherType.VLAN || etherType == EtherType.QINQ;
    }

    /**
     * Writes the tag.
     *
     * @param m the packet
     * @param at where the header starts
     * @param tci tag control information
     * @param type an {@link EtherType}: what follows
     * @return {@link #LENGTH}
     */
    public static int write(Mbuf m, int at, int tci, int type) {
        m.putInt(at, tci << 16 | type & 0xffff);
        return LENGTH;
    }
}
