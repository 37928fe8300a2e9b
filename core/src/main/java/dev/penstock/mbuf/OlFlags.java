package dev.penstock.mbuf;

/**
 * The bits of {@link Mbuf#olFlags()}: what was found on receive and what is asked for on transmit. Names
 * and positions are DPDK's, there with {@code RTE_MBUF_F_} before the name.
 */
public final class OlFlags {
    /** The frame has a VLAN tag, kept in vlanTci. */
    public static final long RX_VLAN = 1L << 0;
    /** rssHash is valid. */
    public static final long RX_RSS_HASH = 1L << 1;
    /** A flow rule matched. */
    public static final long RX_FDIR = 1L << 2;
    /** The outermost IP header checksum is wrong. */
    public static final long RX_OUTER_IP_CKSUM_BAD = 1L << 5;
    /** The VLAN tag was taken off the data; comes with RX_VLAN. */
    public static final long RX_VLAN_STRIPPED = 1L << 6;
    /** The two bits of the IP checksum state. */
    public static final long RX_IP_CKSUM_MASK = 1L << 4 | 1L << 7;
    /** IP checksum state: not looked at. */
    public static final long RX_IP_CKSUM_UNKNOWN = 0;
    /** IP checksum state: wrong. */
    public static final long RX_IP_CKSUM_BAD = 1L << 4;
    /** IP checksum state: right. */
    public static final long RX_IP_CKSUM_GOOD = 1L << 7;
    /** IP checksum state: not in the data, yet the header is intact. */
    public static final long RX_IP_CKSUM_NONE = 1L << 4 | 1L << 7;
    /** The two bits of the L4 checksum state. */
    public static final long RX_L4_CKSUM_MASK = 1L << 3 | 1L << 8;
    /** L4 checksum state: not looked at. */
    public static final long RX_L4_CKSUM_UNKNOWN = 0;
    /** L4 checksum state: wrong. */
    public static final long RX_L4_CKSUM_BAD = 1L << 3;
    /** L4 checksum state: right. */
    public static final long RX_L4_CKSUM_GOOD = 1L << 8;
    /** L4 checksum state: not in the data, yet the data is intact. */
    public static final long RX_L4_CKSUM_NONE = 1L << 3 | 1L << 8;
    /** A PTP frame. */
    public static final long RX_IEEE1588_PTP = 1L << 9;
    /** A PTP frame whose time was taken. */
    public static final long RX_IEEE1588_TMST = 1L << 10;
    /** fdirId is valid. */
    public static final long RX_FDIR_ID = 1L << 13;
    /** Flexible bytes of a flow rule are reported. */
    public static final long RX_FDIR_FLX = 1L << 14;
    /** The outer VLAN tag was taken off; comes with RX_VLAN and RX_QINQ. */
    public static final long RX_QINQ_STRIPPED = 1L << 15;
    /** Merged from several; tsoSegsz holds their size. */
    public static final long RX_LRO = 1L << 16;
    /** Security processing was done. */
    public static final long RX_SEC_OFFLOAD = 1L << 18;
    /** Security processing failed. */
    public static final long RX_SEC_OFFLOAD_FAILED = 1L << 19;
    /** The frame has two VLAN tags; the outer one is in vlanTciOuter. */
    public static final long RX_QINQ = 1L << 20;
    /** The two bits of the outer L4 checksum state. */
    public static final long RX_OUTER_L4_CKSUM_MASK = 1L << 21 | 1L << 22;
    /** Outer L4 checksum state: not looked at. */
    public static final long RX_OUTER_L4_CKSUM_UNKNOWN = 0;
    /** Outer L4 checksum state: wrong. */
    public static final long RX_OUTER_L4_CKSUM_BAD = 1L << 21;
    /** Outer L4 checksum state: right. */
    public static final long RX_OUTER_L4_CKSUM_GOOD = 1L << 22;
    /** Outer L4 checksum state: a contradiction. */
    public static final long RX_OUTER_L4_CKSUM_INVALID = 1L << 21 | 1L << 22;
    /** The lowest bit that a dynamic flag may take. */
    public static final long FIRST_FREE = 1L << 23;
    /** The highest bit that a dynamic flag may take. */
    public static final long LAST_FREE = 1L << 40;
    /** Compute the outer UDP checksum. */
    public static final long TX_OUTER_UDP_CKSUM = 1L << 41;
    /** Cut a UDP packet into pieces of tsoSegsz. */
    public static final long TX_UDP_SEG = 1L << 42;
    /** Do security processing. */
    public static final long TX_SEC_OFFLOAD = 1L << 43;
    /** Do MACsec. */
    public static final long TX_MACSEC = 1L << 44;
    /** Tunnel type: VXLAN. */
    public static final long TX_TUNNEL_VXLAN = 0x1L << 45;
    /** Tunnel type: GRE. */
    public static final long TX_TUNNEL_GRE = 0x2L << 45;
    /** Tunnel type: IPIP. */
    public static final long TX_TUNNEL_IPIP = 0x3L << 45;
    /** Tunnel type: GENEVE. */
    public static final long TX_TUNNEL_GENEVE = 0x4L << 45;
    /** Tunnel type: MPLSINUDP. */
    public static final long TX_TUNNEL_MPLSINUDP = 0x5L << 45;
    /** Tunnel type: VXLAN-GPE. */
    public static final long TX_TUNNEL_VXLAN_GPE = 0x6L << 45;
    /** Tunnel type: GTP. */
    public static final long TX_TUNNEL_GTP = 0x7L << 45;
    /** Tunnel type: ESP. */
    public static final long TX_TUNNEL_ESP = 0x8L << 45;
    /** Tunnel type: IP. */
    public static final long TX_TUNNEL_IP = 0xdL << 45;
    /** Tunnel type: UDP. */
    public static final long TX_TUNNEL_UDP = 0xeL << 45;
    /** The four bits of the tunnel type. */
    public static final long TX_TUNNEL_MASK = 0xfL << 45;
    /** Insert two VLAN tags. */
    public static final long TX_QINQ = 1L << 49;
    /** Cut a TCP packet into segments of tsoSegsz. */
    public static final long TX_TCP_SEG = 1L << 50;
    /** Take the time of sending. */
    public static final long TX_IEEE1588_TMST = 1L << 51;
    /** L4 checksum: none. */
    public static final long TX_L4_NO_CKSUM = 0;
    /** L4 checksum: TCP. */
    public static final long TX_TCP_CKSUM = 1L << 52;
    /** L4 checksum: SCTP. */
    public static final long TX_SCTP_CKSUM = 2L << 52;
    /** L4 checksum: UDP. */
    public static final long TX_UDP_CKSUM = 3L << 52;
    /** The two bits of the L4 checksum request. */
    public static final long TX_L4_MASK = 3L << 52;
    /** Compute the IPv4 header checksum. */
    public static final long TX_IP_CKSUM = 1L << 54;
    /** The (inner) packet is IPv4. */
    public static final long TX_IPV4 = 1L << 55;
    /** The (inner) packet is IPv6. */
    public static final long TX_IPV6 = 1L << 56;
    /** Insert the VLAN tag in vlanTci. */
    public static final long TX_VLAN = 1L << 57;
    /** Compute the outer IPv4 header checksum. */
    public static final long TX_OUTER_IP_CKSUM = 1L << 58;
    /** The outer packet is IPv4. */
    public static final long TX_OUTER_IPV4 = 1L << 59;
    /** The outer packet is IPv6. */
    public static final long TX_OUTER_IPV6 = 1L << 60;
    /** The data lies in an external buffer. */
    public static final long EXTERNAL = 1L << 61;
    /** The data lies in another mbuf. */
    public static final long INDIRECT = 1L << 62;
    /** Every transmit offload. */
    public static final long TX_OFFLOAD_MASK = TX_OUTER_IPV6 | TX_OUTER_IPV4 | TX_OUTER_IP_CKSUM | TX_VLAN | TX_IPV6
            | TX_IPV4 | TX_IP_CKSUM | TX_L4_MASK | TX_IEEE1588_TMST | TX_TCP_SEG | TX_QINQ | TX_TUNNEL_MASK | TX_MACSEC
            | TX_SEC_OFFLOAD | TX_UDP_SEG | TX_OUTER_UDP_CKSUM;

    private OlFlags() {}
}
