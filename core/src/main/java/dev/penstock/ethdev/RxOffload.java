package dev.penstock.ethdev;

/** Offloads on the receive side, with DPDK's bits (RTE_ETH_RX_OFFLOAD_*). */
public final class RxOffload {
    /** RTE_ETH_RX_OFFLOAD_VLAN_STRIP. */
    public static final long VLAN_STRIP = 1L << 0;
    /** RTE_ETH_RX_OFFLOAD_IPV4_CKSUM. */
    public static final long IPV4_CKSUM = 1L << 1;
    /** RTE_ETH_RX_OFFLOAD_UDP_CKSUM. */
    public static final long UDP_CKSUM = 1L << 2;
    /** RTE_ETH_RX_OFFLOAD_TCP_CKSUM. */
    public static final long TCP_CKSUM = 1L << 3;
    /** RTE_ETH_RX_OFFLOAD_TCP_LRO. */
    public static final long TCP_LRO = 1L << 4;
    /** RTE_ETH_RX_OFFLOAD_QINQ_STRIP. */
    public static final long QINQ_STRIP = 1L << 5;
    /** RTE_ETH_RX_OFFLOAD_OUTER_IPV4_CKSUM. */
    public static final long OUTER_IPV4_CKSUM = 1L << 6;
    /** RTE_ETH_RX_OFFLOAD_MACSEC_STRIP. */
    public static final long MACSEC_STRIP = 1L << 7;
    /** RTE_ETH_RX_OFFLOAD_VLAN_FILTER. */
    public static final long VLAN_FILTER = 1L << 9;
    /** RTE_ETH_RX_OFFLOAD_VLAN_EXTEND. */
    public static final long VLAN_EXTEND = 1L << 10;
    /** RTE_ETH_RX_OFFLOAD_SCATTER. */
    public static final long SCATTER = 1L << 13;
    /** RTE_ETH_RX_OFFLOAD_TIMESTAMP. */
    public static final long TIMESTAMP = 1L << 14;
    /** RTE_ETH_RX_OFFLOAD_SECURITY. */
    public static final long SECURITY = 1L << 15;
    /** RTE_ETH_RX_OFFLOAD_KEEP_CRC. */
    public static final long KEEP_CRC = 1L << 16;
    /** RTE_ETH_RX_OFFLOAD_SCTP_CKSUM. */
    public static final long SCTP_CKSUM = 1L << 17;
    /** RTE_ETH_RX_OFFLOAD_OUTER_UDP_CKSUM. */
    public static final long OUTER_UDP_CKSUM = 1L << 18;
    /** RTE_ETH_RX_OFFLOAD_RSS_HASH. */
    public static final long RSS_HASH = 1L << 19;
    /** RTE_ETH_RX_OFFLOAD_BUFFER_SPLIT. */
    public static final long BUFFER_SPLIT = 1L << 20;

    /** All that concern VLAN tags. */
    public static final long VLAN = VLAN_STRIP | QINQ_STRIP | VLAN_FILTER | VLAN_EXTEND;

    private static final String[] NAMES = {
        "VLAN_STRIP", "IPV4_CKSUM", "UDP_CKSUM", "TCP_CKSUM", "TCP_LRO",
        "QINQ_STRIP", "OUTER_IPV4_CKSUM", "MACSEC_STRIP", "", "VLAN_FILTER",
        "VLAN_EXTEND", "", "", "SCATTER", "TIMESTAMP",
        "SECURITY", "KEEP_CRC", "SCTP_CKSUM", "OUTER_UDP_CKSUM", "RSS_HASH",
        "BUFFER_SPLIT",
    };

    private RxOffload() {}

    /**
     * The names of bits, each as DPDK prints it.
     *
     * @param bits the bits
     * @return the names with a blank before each, or an empty text
     */
    public static String names(long bits) {
        return OffloadNames.of(bits, NAMES);
    }
}
