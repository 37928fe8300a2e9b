package dev.penstock.mbuf;

/** The names of {@link OlFlags}, as DPDK writes them (rte_get_rx_ol_flag_list, rte_get_tx_ol_flag_list). */
public final class OlFlagNames {
    private record Flag(String name, long value, long mask) {}

    private static final Flag[] RX = {
        flag("RX_VLAN", OlFlags.RX_VLAN, OlFlags.RX_VLAN),
        flag("RX_RSS_HASH", OlFlags.RX_RSS_HASH, OlFlags.RX_RSS_HASH),
        flag("RX_FDIR", OlFlags.RX_FDIR, OlFlags.RX_FDIR),
        flag("RX_L4_CKSUM_BAD", OlFlags.RX_L4_CKSUM_BAD, OlFlags.RX_L4_CKSUM_MASK),
        flag("RX_L4_CKSUM_GOOD", OlFlags.RX_L4_CKSUM_GOOD, OlFlags.RX_L4_CKSUM_MASK),
        flag("RX_L4_CKSUM_NONE", OlFlags.RX_L4_CKSUM_NONE, OlFlags.RX_L4_CKSUM_MASK),
        flag("RX_L4_CKSUM_UNKNOWN", OlFlags.RX_L4_CKSUM_UNKNOWN, OlFlags.RX_L4_CKSUM_MASK),
        flag("RX_IP_CKSUM_BAD", OlFlags.RX_IP_CKSUM_BAD, OlFlags.RX_IP_CKSUM_MASK),
        flag("RX_IP_CKSUM_GOOD", OlFlags.RX_IP_CKSUM_GOOD, OlFlags.RX_IP_CKSUM_MASK),
        flag("RX_IP_CKSUM_NONE", OlFlags.RX_IP_CKSUM_NONE, OlFlags.RX_IP_CKSUM_MASK),
        flag("RX_IP_CKSUM_UNKNOWN", OlFlags.RX_IP_CKSUM_UNKNOWN, OlFlags.RX_IP_CKSUM_MASK),
        flag("RX_OUTER_IP_CKSUM_BAD", OlFlags.RX_OUTER_IP_CKSUM_BAD, OlFlags.RX_OUTER_IP_CKSUM_BAD),
        flag("RX_VLAN_STRIPPED", OlFlags.RX_VLAN_STRIPPED, OlFlags.RX_VLAN_STRIPPED),
        flag("RX_IEEE1588_PTP", OlFlags.RX_IEEE1588_PTP, OlFlags.RX_IEEE1588_PTP),
        flag("RX_IEEE1588_TMST", OlFlags.RX_IEEE1588_TMST, OlFlags.RX_IEEE1588_TMST),
        flag("RX_FDIR_ID", OlFlags.RX_FDIR_ID, OlFlags.RX_FDIR_ID),
        flag("RX_FDIR_FLX", OlFlags.RX_FDIR_FLX, OlFlags.RX_FDIR_FLX),
        flag("RX_QINQ_STRIPPED", OlFlags.RX_QINQ_STRIPPED, OlFlags.RX_QINQ_STRIPPED),
        flag("RX_LRO", OlFlags.RX_LRO, OlFlags.RX_LRO),
        flag("RX_SEC_OFFLOAD", OlFlags.RX_SEC_OFFLOAD, OlFlags.RX_SEC_OFFLOAD),
        flag("RX_SEC_OFFLOAD_FAILED", OlFlags.RX_SEC_OFFLOAD_FAILED, OlFlags.RX_SEC_OFFLOAD_FAILED),
        flag("RX_QINQ", OlFlags.RX_QINQ, OlFlags.RX_QINQ),
        flag("RX_OUTER_L4_CKSUM_BAD", OlFlags.RX_OUTER_L4_CKSUM_BAD, OlFlags.RX_OUTER_L4_CKSUM_MASK),
        flag("RX_OUTER_L4_CKSUM_GOOD", OlFlags.RX_OUTER_L4_CKSUM_GOOD, OlFlags.RX_OUTER_L4_CKSUM_MASK),
        flag("RX_OUTER_L4_CKSUM_INVALID", OlFlags.RX_OUTER_L4_CKSUM_INVALID, OlFlags.RX_OUTER_L4_CKSUM_MASK),
        flag("RX_OUTER_L4_CKSUM_UNKNOWN", OlFlags.RX_OUTER_L4_CKSUM_UNKNOWN, OlFlags.RX_OUTER_L4_CKSUM_MASK),
    };

    private static final Flag[] TX = {
        flag("TX_VLAN", OlFlags.TX_VLAN, OlFlags.TX_VLAN),
        flag("TX_IP_CKSUM", OlFlags.TX_IP_CKSUM, OlFlags.TX_IP_CKSUM),
        flag("TX_TCP_CKSUM", OlFlags.TX_TCP_CKSUM, OlFlags.TX_L4_MASK),
        flag("TX_SCTP_CKSUM", OlFlags.TX_SCTP_CKSUM, OlFlags.TX_L4_MASK),
        flag("TX_UDP_CKSUM", OlFlags.TX_UDP_CKSUM, OlFlags.TX_L4_MASK),
        flag("TX_L4_NO_CKSUM", OlFlags.TX_L4_NO_CKSUM, OlFlags.TX_L4_MASK),
        flag("TX_IEEE1588_TMST", OlFlags.TX_IEEE1588_TMST, OlFlags.TX_IEEE1588_TMST),
        flag("TX_TCP_SEG", OlFlags.TX_TCP_SEG, OlFlags.TX_TCP_SEG),
        flag("TX_IPV4", OlFlags.TX_IPV4, OlFlags.TX_IPV4),
        flag("TX_IPV6", OlFlags.TX_IPV6, OlFlags.TX_IPV6),
        flag("TX_OUTER_IP_CKSUM", OlFlags.TX_OUTER_IP_CKSUM, OlFlags.TX_OUTER_IP_CKSUM),
        flag("TX_OUTER_IPV4", OlFlags.TX_OUTER_IPV4, OlFlags.TX_OUTER_IPV4),
        flag("TX_OUTER_IPV6", OlFlags.TX_OUTER_IPV6, OlFlags.TX_OUTER_IPV6),
        flag("TX_TUNNEL_VXLAN", OlFlags.TX_TUNNEL_VXLAN, OlFlags.TX_TUNNEL_MASK),
        flag("TX_TUNNEL_GTP", OlFlags.TX_TUNNEL_GTP, OlFlags.TX_TUNNEL_MASK),
        flag("TX_TUNNEL_GRE", OlFlags.TX_TUNNEL_GRE, OlFlags.TX_TUNNEL_MASK),
        flag("TX_TUNNEL_IPIP", OlFlags.TX_TUNNEL_IPIP, OlFlags.TX_TUNNEL_MASK),
        flag("TX_TUNNEL_GENEVE", OlFlags.TX_TUNNEL_GENEVE, OlFlags.TX_TUNNEL_MASK),
        flag("TX_TUNNEL_MPLSINUDP", OlFlags.TX_TUNNEL_MPLSINUDP, OlFlags.TX_TUNNEL_MASK),
        flag("TX_TUNNEL_VXLAN_GPE", OlFlags.TX_TUNNEL_VXLAN_GPE, OlFlags.TX_TUNNEL_MASK),
        flag("TX_TUNNEL_IP", OlFlags.TX_TUNNEL_IP, OlFlags.TX_TUNNEL_MASK),
        flag("TX_TUNNEL_UDP", OlFlags.TX_TUNNEL_UDP, OlFlags.TX_TUNNEL_MASK),
        flag("TX_QINQ", OlFlags.TX_QINQ, OlFlags.TX_QINQ),
        flag("TX_MACSEC", OlFlags.TX_MACSEC, OlFlags.TX_MACSEC),
        flag("TX_SEC_OFFLOAD", OlFlags.TX_SEC_OFFLOAD, OlFlags.TX_SEC_OFFLOAD),
        flag("TX_UDP_SEG", OlFlags.TX_UDP_SEG, OlFlags.TX_UDP_SEG),
        flag("TX_OUTER_UDP_CKSUM", OlFlags.TX_OUTER_UDP_CKSUM, OlFlags.TX_OUTER_UDP_CKSUM),
    };

    private OlFlagNames() {}

    private static Flag flag(String name, long value, long mask) {
        return new Flag("RTE_MBUF_F_" + name, value, mask);
    }

    /**
     * The name of one receive flag or checksum state.
     *
     * @param flag exactly one
     * @return its DPDK name, or null when there is none
     */
    public static String rxName(long flag) {
        return name(RX, flag);
    }

    /**
     * The name of one transmit flag.
     *
     * @param flag exactly one
     * @return its DPDK name, or null when there is none
     */
    public static String txName(long flag) {
        return name(TX, flag);
    }

    /**
     * All receive flags, checksum states that are unknown among them, each followed by a space.
     *
     * @param flags any flags
     * @return the names in DPDK's order
     */
    public static String rxList(long flags) {
        return list(RX, flags);
    }

    /**
     * All transmit flags, each followed by a space.
     *
     * @param flags any flags
     * @return the names in DPDK's order
     */
    public static String txList(long flags) {
        return list(TX, flags);
    }

    private static String name(Flag[] flags, long value) {
        for (Flag flag : flags) {
            if (value != 0 && flag.value == value) {
                return flag.name;
            }
        }
        return null;
    }

    private static String list(Flag[] flags, long value) {
        StringBuilder text = new StringBuilder();
        for (Flag flag : flags) {
            if ((value & flag.mask) == flag.value) {
                text.append(flag.name).append(' ');
            }
        }
        return text.toString();
    }
}
