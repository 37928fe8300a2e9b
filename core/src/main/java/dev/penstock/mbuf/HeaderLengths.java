package dev.penstock.mbuf;

/**
 * The header lengths that a transmit offload needs, packed into one number: from the lowest bit on l2Len
 * 7 bits, l3Len 9, l4Len 8, tsoSegsz 16, outerL3Len 9, outerL2Len 7 (DPDK: rte_mbuf.tx_offload).
 */
public final class HeaderLengths {
    private static final int L3 = 7;
    private static final int L4 = 16;
    private static final int TSO = 24;
    private static final int OUTER_L3 = 40;
    private static final int OUTER_L2 = 49;

    private HeaderLengths() {}

    /**
     * Packs all lengths; each is cut to its bits.
     *
     * @param l2 length of the link header
     * @param l3 length of the network header
     * @param l4 length of the transport header
     * @param tso payload bytes a segment
     * @param outerL3 length of the outer network header
     * @param outerL2 length of the outer link header
     * @return the packed number
     */
    public static long pack(int l2, int l3, int l4, int tso, int outerL3, int outerL2) {
        return l2 & 0x7fL | (l3 & 0x1ffL) << L3 | (l4 & 0xffL) << L4 | (tso & 0xffffL) << TSO
                | (outerL3 & 0x1ffL) << OUTER_L3 | (outerL2 & 0x7fL) << OUTER_L2;
    }

    static int l2Len(long packed) {
        return (int) packed & 0x7f;
    }

    static long l2Len(long packed, int value) {
        return packed & ~0x7fL | value & 0x7fL;
    }

    static int l3Len(long packed) {
        return (int) (packed >>> L3) & 0x1ff;
    }

    static long l3Len(long packed, int value) {
        return packed & ~(0x1ffL << L3) | (value & 0x1ffL) << L3;
    }

    static int l4Len(long packed) {
        return (int) (packed >>> L4) & 0xff;
    }

    static long l4Len(long packed, int value) {
        return packed & ~(0xffL << L4) | (value & 0xffL) << L4;
    }

    static int tsoSegsz(long packed) {
        return (int) (packed >>> TSO) & 0xffff;
    }

    static long tsoSegsz(long packed, int value) {
        return packed & ~(0xffffL << TSO) | (value & 0xffffL) << TSO;
    }

    static int outerL3Len(long packed) {
        return (int) (packed >>> OUTER_L3) & 0x1ff;
    }

    static long outerL3Len(long packed, int value) {
        return packed & ~(0x1ffL << OUTER_L3) | (value & 0x1ffL) << OUTER_L3;
    }

    static int outerL2Len(long packed) {
        return (int) (packed >>> OUTER_L2) & 0x7f;
    }

    static long outerL2Len(long packed, int value) {
        return packed & ~(0x7fL << OUTER_L2) | (value & 0x7fL) << OUTER_L2;
    }

    static String validate(long flags, long packed) {
        if ((flags & OlFlags.TX_OFFLOAD_MASK) == 0) {
            return null;
        }
        boolean ipv4 = (flags & OlFlags.TX_IPV4) != 0;
        boolean ipv6 = (flags & OlFlags.TX_IPV6) != 0;
        boolean ipChecksum = (flags & OlFlags.TX_IP_CKSUM) != 0;
        boolean tso = (flags & OlFlags.TX_TCP_SEG) != 0;
        if (ipChecksum && ipv6) {
            return "TX_IP_CKSUM is asked for a packet that TX_IPV6 says is IPv6, which has no header checksum";
        }
        if ((tso || (flags & OlFlags.TX_L4_MASK) != 0) && !ipv4 && !ipv6) {
            return "an L4 checksum or TX_TCP_SEG is asked, but neither TX_IPV4 nor TX_IPV6 is set";
        }
        if (tso && tsoSegsz(packed) == 0) {
            return "TX_TCP_SEG is asked, but tsoSegsz is 0";
        }
        if (tso && ipv4 && !ipChecksum) {
            return "TX_TCP_SEG is asked for an IPv4 packet without TX_IP_CKSUM";
        }
        if ((flags & OlFlags.TX_OUTER_IP_CKSUM) != 0 && (flags & OlFlags.TX_OUTER_IPV4) == 0) {
            return "TX_OUTER_IP_CKSUM is asked, but TX_OUTER_IPV4 is not set";
        }
        return null;
    }
}
