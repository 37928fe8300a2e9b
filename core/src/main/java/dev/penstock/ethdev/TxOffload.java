package dev.penstock.ethdev;

/** Offloads on the transmit side, with DPDK's bits (RTE_ETH_TX_OFFLOAD_*). */
public final class TxOffload {
    /** RTE_ETH_TX_OFFLOAD_VLAN_INSERT. */
    public static final long VLAN_INSERT = 1L << 0;
    /** RTE_ETH_TX_OFFLOAD_IPV4_CKSUM. */
    public static final long IPV4_CKSUM = 1L << 1;
    /** RTE_ETH_TX_OFFLOAD_UDP_CKSUM. */
    public static final long UDP_CKSUM = 1L << 2;
    /** RTE_ETH_TX_OFFLOAD_TCP_CKSUM. */
    public static final long TCP_CKSUM = 1L << 3;
    /** RTE_ETH_TX_OFFLOAD_SCTP_CKSUM. */
    public static final long SCTP_CKSUM = 1L << 4;
    /** RTE_ETH_TX_OFFLOAD_TCP_TSO. */
    public static final long TCP_TSO = 1L << 5;
    /** RTE_ETH_TX_OFFLOAD_UDP_TSO. */
    public static final long UDP_TSO = 1L << 6;
    /** RTE_ETH_TX_OFFLOAD_OUTER_IPV4_CKSUM. */
    public static final long OUTER_IPV4_CKSUM = 1L << 7;
    /** RTE_ETH_TX_OFFLOAD_QINQ_INSERT. */
    public static final long QINQ_INSERT = 1L << 8;
    /** RTE_ETH_TX_OFFLOAD_VXLAN_TNL_TSO. */
    public static final long VXLAN_TNL_TSO = 1L << 9;
    /** RTE_ETH_TX_OFFLOAD_GRE_TNL_TSO. */
    public static final long GRE_TNL_TSO = 1L << 10;
    /** RTE_ETH_TX_OFFLOAD_IPIP_TNL_TSO. */
    public static final long IPIP_TNL_TSO = 1L << 11;
    /** RTE_ETH_TX_OFFLOAD_GENEVE_TNL_TSO. */
    public static final long GENEVE_TNL_TSO = 1L << 12;
    /** RTE_ETH_TX_OFFLOAD_MACSEC_INSERT. */
    public static final long MACSEC_INSERT = 1L << 13;
    /** RTE_ETH_TX_OFFLOAD_MT_LOCKFREE. */
    public static final long MT_LOCKFREE = 1L << 14;
    /** RTE_ETH_TX_OFFLOAD_MULTI_SEGS. */
    public static final long MULTI_SEGS = 1L << 15;
    /** RTE_ETH_TX_OFFLOAD_MBUF_FAST_FREE. */
    public static final long MBUF_FAST_FREE = 1L << 16;
    /** RTE_ETH_TX_OFFLOAD_SECURITY. */
    public static final long SECURITY = 1L << 17;
    /** RTE_ETH_TX_OFFLOAD_UDP_TNL_TSO. */
    public static final long UDP_TNL_TSO = 1L << 18;
    /** RTE_ETH_TX_OFFLOAD_IP_TNL_TSO. */
    public static final long IP_TNL_TSO = 1L << 19;
    /** RTE_ETH_TX_OFFLOAD_OUTER_UDP_CKSUM. */
    public static final long OUTER_UDP_CKSUM = 1L << 20;
    /** RTE_ETH_TX_OFFLOAD_SEND_ON_TIMESTAMP. */
    public static final long SEND_ON_TIMESTAMP = 1L << 21;

    private static final String[] NAMES = {
        "VLAN_INSERT", "IPV4_CKSUM", "UDP_CKSUM", "TCP_CKSUM", "SCTP_CKSUM",
        "TCP_TSO", "UDP_TSO", "OUTER_IPV4_CKSUM", "QINQ_INSERT", "VXLAN_TNL_TSO",
        "GRE_TNL_TSO", "IPIP_TNL_TSO", "GENEVE_TNL_TSO", "MACSEC_INSERT", "MT_LOCKFREE",
        "MULTI_SEGS", "MBUF_FAST_FREE", "SECURITY", "UDP_TNL_TSO", "IP_TNL_TSO",
        "OUTER_UDP_CKSUM", "SEND_ON_TIMESTAMP",
    };

    private TxOffload() {}

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
