package dev.penstock.flow;

/** A header's field that patterns can speak of, and where {@link FlowKey} puts it. */
public enum FlowField {
    /** Destination address, 48 bits. */
    ETH_DST(FlowItem.Type.ETH, "dst", 8, 8, 48),
    /** Source address, 48 bits. */
    ETH_SRC(FlowItem.Type.ETH, "src", 16, 8, 48),
    /** EtherType, of the first tag when there is one. */
    ETH_TYPE(FlowItem.Type.ETH, "type", 24, 2, 16),
    /** Whether there is a tag. */
    ETH_HAS_VLAN(FlowItem.Type.ETH, "has_vlan", FlowKey.HEADERS, 0, 1),
    /** Tag control information. */
    VLAN_TCI(FlowItem.Type.VLAN, "tci", 26, 2, 16),
    /** EtherType behind the tag. */
    VLAN_INNER_TYPE(FlowItem.Type.VLAN, "inner_type", 28, 2, 16),
    /** Whether there is another tag behind it. */
    VLAN_HAS_MORE_VLAN(FlowItem.Type.VLAN, "has_more_vlan", FlowKey.HEADERS, 0, 1),
    /** Type of service. */
    IPV4_TOS(FlowItem.Type.IPV4, "tos", 30, 1, 8),
    /** Time to live. */
    IPV4_TTL(FlowItem.Type.IPV4, "ttl", 31, 1, 8),
    /** Protocol. */
    IPV4_PROTO(FlowItem.Type.IPV4, "proto", 32, 1, 8),
    /** Flags and offset of the fragment. */
    IPV4_FRAGMENT_OFFSET(FlowItem.Type.IPV4, "fragment_offset", 34, 2, 16),
    /** Source address. */
    IPV4_SRC(FlowItem.Type.IPV4, "src", 44, 4, 32),
    /** Destination address. */
    IPV4_DST(FlowItem.Type.IPV4, "dst", 60, 4, 32),
    /** Version, and the header's length in words. */
    IPV4_VERSION_IHL(FlowItem.Type.IPV4, "version_ihl", 56, 1, 8),
    /** Identification. */
    IPV4_PACKET_ID(FlowItem.Type.IPV4, "packet_id", 42, 2, 16),
    /** Traffic class. */
    IPV6_TC(FlowItem.Type.IPV6, "tc", 30, 1, 8),
    /** Hop limit. */
    IPV6_HOP(FlowItem.Type.IPV6, "hop", 31, 1, 8),
    /** Protocol, of the first header behind the fixed one. */
    IPV6_PROTO(FlowItem.Type.IPV6, "proto", 32, 1, 8),
    /** Flow label. */
    IPV6_FLOW(FlowItem.Type.IPV6, "flow", 76, 4, 20),
    /** First half of the source address. */
    IPV6_SRC_HIGH(FlowItem.Type.IPV6, "src_high", 40, 8, 64),
    /** Second half of the source address. */
    IPV6_SRC_LOW(FlowItem.Type.IPV6, "src_low", 48, 8, 64),
    /** First half of the destination address. */
    IPV6_DST_HIGH(FlowItem.Type.IPV6, "dst_high", 56, 8, 64),
    /** Second half of the destination address. */
    IPV6_DST_LOW(FlowItem.Type.IPV6, "dst_low", 64, 8, 64),
    /** Whether it is a fragment. */
    IPV6_HAS_FRAG_EXT(FlowItem.Type.IPV6, "has_frag_ext", FlowKey.HEADERS, 0, 1),
    /** Type. */
    ICMP_TYPE(FlowItem.Type.ICMP, "type", 36, 1, 8),
    /** Code. */
    ICMP_CODE(FlowItem.Type.ICMP, "code", 37, 1, 8),
    /** Identifier. */
    ICMP_IDENT(FlowItem.Type.ICMP, "ident", 38, 2, 16),
    /** Sequence number. */
    ICMP_SEQ(FlowItem.Type.ICMP, "seq", 40, 2, 16),
    /** Type. */
    ICMP6_TYPE(FlowItem.Type.ICMP6, "type", 36, 1, 8),
    /** Code. */
    ICMP6_CODE(FlowItem.Type.ICMP6, "code", 37, 1, 8),
    /** Source port. */
    UDP_SRC(FlowItem.Type.UDP, "src", 36, 2, 16),
    /** Destination port. */
    UDP_DST(FlowItem.Type.UDP, "dst", 38, 2, 16),
    /** Source port. */
    TCP_SRC(FlowItem.Type.TCP, "src", 36, 2, 16),
    /** Destination port. */
    TCP_DST(FlowItem.Type.TCP, "dst", 38, 2, 16),
    /** Flags. */
    TCP_FLAGS(FlowItem.Type.TCP, "flags", 33, 1, 8),
    /** Source port. */
    SCTP_SRC(FlowItem.Type.SCTP, "src", 36, 2, 16),
    /** Destination port. */
    SCTP_DST(FlowItem.Type.SCTP, "dst", 38, 2, 16),
    /** Verification tag. */
    SCTP_TAG(FlowItem.Type.SCTP, "tag", 72, 4, 32),
    /** Checksum. */
    SCTP_CKSUM(FlowItem.Type.SCTP, "cksum", 84, 4, 32),
    /** Network identifier. */
    VXLAN_VNI(FlowItem.Type.VXLAN, "vni", 72, 4, 24),
    /** Its last byte, reserved. */
    VXLAN_LAST_RSVD(FlowItem.Type.VXLAN, "last_rsvd", 86, 1, 8),
    /** Virtual subnet. */
    NVGRE_TNI(FlowItem.Type.NVGRE, "tni", 72, 4, 24),
    /** Operation: 1 asks, 2 answers. */
    ARP_OPCODE(FlowItem.Type.ARP_ETH_IPV4, "opcode", 30, 2, 16),
    /** The sender's MAC address. */
    ARP_SHA(FlowItem.Type.ARP_ETH_IPV4, "sha", 48, 8, 48),
    /** The sender's IPv4 address. */
    ARP_SPA(FlowItem.Type.ARP_ETH_IPV4, "spa", 44, 4, 32),
    /** The target's MAC address. */
    ARP_THA(FlowItem.Type.ARP_ETH_IPV4, "tha", 64, 8, 48),
    /** The target's IPv4 address. */
    ARP_TPA(FlowItem.Type.ARP_ETH_IPV4, "tpa", 60, 4, 32),
    /** Label. */
    MPLS_LABEL(FlowItem.Type.MPLS, "label", 72, 4, 20),
    /** Traffic class. */
    MPLS_TC(FlowItem.Type.MPLS, "tc", 84, 1, 3),
    /** 1 of the stack's last label. */
    MPLS_S(FlowItem.Type.MPLS, "s", 85, 1, 1),
    /** Flags and version. */
    GRE_FLAGS(FlowItem.Type.GRE, "c_rsvd0_ver", 36, 2, 16),
    /** EtherType of what it carries. */
    GRE_PROTOCOL(FlowItem.Type.GRE, "protocol", 38, 2, 16),
    /** The key. */
    GRE_KEY_VALUE(FlowItem.Type.GRE_KEY, "value", 84, 4, 32),
    /** Security parameters index. */
    ESP_SPI(FlowItem.Type.ESP, "spi", 72, 4, 32),
    /** Network identifier. */
    GENEVE_VNI(FlowItem.Type.GENEVE, "vni", 72, 4, 24),
    /** EtherType of what it carries. */
    GENEVE_PROTOCOL(FlowItem.Type.GENEVE, "protocol", 84, 2, 16),
    /** Length of the options, in words. */
    GENEVE_OPTLEN(FlowItem.Type.GENEVE, "optlen", 86, 1, 6),
    /** Tunnel endpoint identifier. */
    GTPU_TEID(FlowItem.Type.GTPU, "teid", 72, 4, 32),
    /** Version and flags. */
    GTPU_FLAGS(FlowItem.Type.GTPU, "v_pt_rsv_flags", 86, 1, 8),
    /** Message type. */
    GTPU_MSG_TYPE(FlowItem.Type.GTPU, "msg_type", 87, 1, 8),
    /** Tunnel endpoint identifier. */
    GTPC_TEID(FlowItem.Type.GTPC, "teid", 72, 4, 32),
    /** Version and flags. */
    GTPC_FLAGS(FlowItem.Type.GTPC, "v_pt_rsv_flags", 86, 1, 8),
    /** Message type. */
    GTPC_MSG_TYPE(FlowItem.Type.GTPC, "msg_type", 87, 1, 8),
    /** QoS flow identifier. */
    GTP_PSC_QFI(FlowItem.Type.GTP_PSC, "qfi", 84, 1, 6),
    /** Type of the PDU: 0 comes from the network, 1 goes to it. */
    GTP_PSC_PDU_T(FlowItem.Type.GTP_PSC, "pdu_t", 85, 1, 4),
    /** Network identifier. */
    VXLAN_GPE_VNI(FlowItem.Type.VXLAN_GPE, "vni", 72, 4, 24),
    /** Session identifier; 0 is a control message. */
    L2TPV3OIP_SESSION_ID(FlowItem.Type.L2TPV3OIP, "session_id", 72, 4, 32),
    /** Session identifier. */
    PPPOES_SEID(FlowItem.Type.PPPOES, "seid", 72, 2, 16),
    /** PPP's protocol. */
    PPPOE_PROTO_ID_PROTO_ID(FlowItem.Type.PPPOE_PROTO_ID, "proto_id", 84, 2, 16);

    private final FlowItem.Type item;
    private final String word;
    private final int offset;
    private final int size;
    private final int bits;

    FlowField(FlowItem.Type item, String word, int offset, int size, int bits) {
        this.item = item;
        this.word = word;
        this.offset = offset;
        this.size = size;
        this.bits = bits;
    }

    /** @return the header it belongs to */
    public FlowItem.Type item() {
        return item;
    }

    /** @return what testpmd calls it, behind the item's name */
    public String word() {
        return word;
    }

    /** @return its greatest value, to be read as an unsigned number */
    public long max() {
        return -1L >>> 64 - bits;
    }

    /** The bit among a key's headers that a field stands for which says whether another header is there; 0 for others. */
    int header() {
        return switch (this) {
            case ETH_HAS_VLAN -> FlowKey.bit(FlowItem.Type.VLAN);
            case VLAN_HAS_MORE_VLAN -> FlowKey.QINQ;
            case IPV6_HAS_FRAG_EXT -> FlowKey.FRAGMENT;
            default -> 0;
        };
    }

    int offset() {
        return offset;
    }

    int size() {
        return size;
    }
}
