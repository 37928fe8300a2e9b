package dev.penstock.net;

/**
 * Lengths of the headers that {@link PacketType#parse} found, in bytes (DPDK: rte_net_hdr_lens). Made once and filled
 * anew for each packet; what was not found is 0.
 */
public final class PacketLengths {
    int l2;
    int l3;
    int l4;
    int tunnel;
    int innerL2;
    int innerL3;
    int innerL4;

    /** Makes an empty one. */
    public PacketLengths() {}

    void clear() {
        l2 = 0;
        l3 = 0;
        l4 = 0;
        tunnel = 0;
        innerL2 = 0;
        innerL3 = 0;
        innerL4 = 0;
    }

    /** @return Ethernet, its VLAN tags and MPLS entries */
    public int l2Len() {
        return l2;
    }

    /** @return IPv4 with options, or IPv6 with extension headers */
    public int l3Len() {
        return l3;
    }

    /** @return UDP, TCP with options, or SCTP */
    public int l4Len() {
        return l4;
    }

    /** @return the tunnel's own header, the outer UDP header not counted */
    public int tunnelLen() {
        return tunnel;
    }

    /** @return from the end of the outer IP header to the inner one: outer UDP, tunnel and inner Ethernet */
    public int innerL2Len() {
        return innerL2;
    }

    /** @return inner IP, as {@link #l3Len()} */
    public int innerL3Len() {
        return innerL3;
    }

    /** @return inner UDP, TCP or SCTP, as {@link #l4Len()} */
    public int innerL4Len() {
        return innerL4;
    }

    @Override
    public String toString() {
        return "l2=" + l2 + " l3=" + l3 + " l4=" + l4 + " tunnel=" + tunnel + " inner l2=" + innerL2 + " l3=" + innerL3
                + " l4=" + innerL4;
    }
}
