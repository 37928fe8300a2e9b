package dev.penstock.net;

import dev.penstock.mbuf.Mbuf;

/**
 * MPLS label stack entry (RFC 3032, section 2.1; traffic class RFC 5462).
 */
public final class Mpls {
    /** Bytes of one entry. */
    public static final int LENGTH = 4;
    /** Offset of the entry, 4 bytes. */
    public static final int ENTRY = 0;
    /** More entries than this are {@link Reject#TOO_DEEP}. */
    public static final int MAX_ENTRIES = 16;
    /** Bit of {@link #entry}: the last of the stack. */
    public static final int BOTTOM = 0x100;

    private Mpls() {}

    /**
     * Whether a whole label stack starts here.
     *
     * @param m the packet
     * @param at where the header starts
     * @return bytes of all entries down to the bottom of the stack, or a {@link Reject} code
     */
    public static int check(Mbuf m, int at) {
        int length = 0;
        for (int i = 0; i < MAX_ENTRIES; i++) {
            if (!Reject.fits(m, at, length + LENGTH)) {
                return Reject.TRUNCATED;
            }
            length += LENGTH;
            if (isBottom(m, at + length - LENGTH)) {
                return length;
            }
        }
        return Reject.TOO_DEEP;
    }

    /**
     * Reads the entry.
     *
     * @param m the packet
     * @param at where the header starts
     * @return label in 20 bits, traffic class in 3, {@link #BOTTOM} in 1, time to live in 8
     */
    public static int entry(Mbuf m, int at) {
        return m.getInt(at);
    }

    /**
     * Writes the entry.
     *
     * @param m the packet
     * @param at where the header starts
     * @param value label in 20 bits, traffic class in 3, {@link #BOTTOM} in 1, time to live in 8
     */
    public static void entry(Mbuf m, int at, int value) {
        m.putInt(at, value);
    }

    /**
     * Reads the label.
     *
     * @param m the packet
     * @param at where the header starts
     * @return 0 to 2^20 - 1
     */
    public static int label(Mbuf m, int at) {
        return entry(m, at) >>> 12;
    }

    /**
     * Reads the time to live.
     *
     * @param m the packet
     * @param at where the header starts
     * @return hops left
     */
    public static int ttl(Mbuf m, int at) {
        return entry(m, at) & 0xff;
    }

    /**
     * Whether this is the last entry of the stack.
     *
     * @param m the packet
     * @param at where the header starts
     * @return true for the last one
     */
    public static boolean isBottom(Mbuf m, int at) {
        return (entry(m, at) & BOTTOM) != 0;
    }

    /**
     * Writes one entry.
     *
     * @param m the packet
     * @param at where the header starts
     * @param label 0 to 2^20 - 1
     * @param trafficClass 0 to 7
     * @param bottom whether it is the last of the stack
     * @param ttl hops it may go
     * @return {@link #LENGTH}
     */
    public static int write(Mbuf m, int at, int label, int trafficClass, boolean bottom, int ttl) {
        entry(m, at, label << 12 | (trafficClass & 7) << 9 | (bottom ? BOTTOM : 0) | ttl & 0xff);
        return LENGTH;
    }
}
