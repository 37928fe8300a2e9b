package dev.penstock.net;

/** The names of packet types, as DPDK prints them (rte_get_ptype_name), device-only types included. */
public final class PacketTypeName {
    private static final String[] L2 = {
        null, "ETHER", "ETHER_TIMESYNC", "ETHER_ARP", "ETHER_LLDP", "ETHER_NSH", "ETHER_VLAN", "ETHER_QINQ", "ETHER_PPPOE",
        "ETHER_FCOE", "ETHER_MPLS",
    };
    private static final String[] L3 = {
        null, "IPV4", null, "IPV4_EXT", "IPV6", null, null, null, null, "IPV4_EXT_UNKNOWN", null, null, "IPV6_EXT", null,
        "IPV6_EXT_UNKNOWN",
    };
    private static final String[] L4 = {null, "TCP", "UDP", "FRAG", "SCTP", "ICMP", "NONFRAG", "IGMP"};
    private static final String[] TUNNEL = {
        null, "IP", "GRE", "VXLAN", "NVGRE", "GENEVE", "GRENAT", "GTPC", "GTPU", "ESP", "L2TP", "VXLAN_GPE", "MPLS_IN_GRE",
        "MPLS_IN_UDP",
    };
    private static final String[] INNER_L2 = {null, "ETHER", "ETHER_VLAN", "ETHER_QINQ"};
    private static final String[] INNER_L3 = {
        null, "IPV4", "IPV4_EXT", "IPV6", "IPV4_EXT_UNKNOWN", "IPV6_EXT", "IPV6_EXT_UNKNOWN",
    };
    private static final String[] INNER_L4 = {null, "TCP", "UDP", "FRAG", "SCTP", "ICMP", "NONFRAG"};

    private PacketTypeName() {}

    /**
     * Names a packet type.
     *
     * @param type the packet type
     * @return the names of its layers with a space between them, or "UNKNOWN"
     */
    public static String of(int type) {
        if ((type & PacketType.ALL_MASK) == 0) {
            return "UNKNOWN";
        }
        StringBuilder text = new StringBuilder();
        layer(text, "L2_", L2, type);
        layer(text, "L3_", L3, type >>> 4);
        layer(text, "L4_", L4, type >>> 8);
        layer(text, "TUNNEL_", TUNNEL, type >>> 12);
        layer(text, "INNER_L2_", INNER_L2, type >>> 16);
        layer(text, "INNER_L3_", INNER_L3, type >>> 20);
        layer(text, "INNER_L4_", INNER_L4, type >>> 24);
        return text.toString();
    }

    private static void layer(StringBuilder text, String prefix, String[] names, int shifted) {
        int value = shifted & 0xf;
        if (value == 0) {
            return;
        }
        if (!text.isEmpty()) {
            text.append(' ');
        }
        text.append(prefix).append(value < names.length && names[value] != null ? names[value] : "UNKNOWN");
    }
}
