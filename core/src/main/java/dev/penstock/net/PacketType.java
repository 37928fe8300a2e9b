package dev.penstock.net;

import dev.penstock.mbuf.Mbuf;

/**
 * What a packet holds, found by looking (DPDK: rte_net_get_ptype), with DPDK's bits (RTE_PTYPE_*).
 *
 * <p>A packet type is an {@code int} of seven fields of four bits, each with a mask here: link, network and transport
 * layer, tunnel, and the same three layers within the tunnel. A layer whose header is not whole, or not in order, is 0
 * and so are those above it. Checksums are not looked at. As in DPDK, ARP is plain {@link #L2_ETHER} and ICMP has no
 * transport type. Beyond DPDK 22.11, tunnels over UDP, MPLS stacks, any mix of up to {@value #MAX_TAGS} VLAN tags,
 * authentication headers and atomic IPv6 fragments (RFC 6946) are understood.
 */
public final class PacketType {
    /** Nothing is known. */
    public static final int UNKNOWN = 0;

    /** Ethernet. */
    public static final int L2_ETHER = 0x1;
    /** Ethernet with a VLAN tag. */
    public static final int L2_ETHER_VLAN = 0x6;
    /** Ethernet with a service VLAN tag. */
    public static final int L2_ETHER_QINQ = 0x7;
    /** Ethernet with MPLS. */
    public static final int L2_ETHER_MPLS = 0xa;
    /** The link layer. */
    public static final int L2_MASK = 0xf;

    /** IPv4 without options. */
    public static final int L3_IPV4 = 0x10;
    /** IPv4 with options. */
    public static final int L3_IPV4_EXT = 0x30;
    /** IPv6 without extension headers. */
    public static final int L3_IPV6 = 0x40;
    /** IPv4, with or without options. */
    public static final int L3_IPV4_EXT_UNKNOWN = 0x90;
    /** IPv6 with extension headers. */
    public static final int L3_IPV6_EXT = 0xc0;
    /** IPv6, with or without extension headers. */
    public static final int L3_IPV6_EXT_UNKNOWN = 0xe0;
    /** The network layer. */
    public static final int L3_MASK = 0xf0;

    /** TCP. */
    public static final int L4_TCP = 0x100;
    /** UDP. */
    public static final int L4_UDP = 0x200;
    /** A fragment of anything. */
    public static final int L4_FRAG = 0x300;
    /** SCTP. */
    public static final int L4_SCTP = 0x400;
    /** ICMP; only devices say so. */
    public static final int L4_ICMP = 0x500;
    /** Something else that is not fragmented; only devices say so. */
    public static final int L4_NONFRAG = 0x600;
    /** The transport layer. */
    public static final int L4_MASK = 0xf00;

    /** IP within IP. */
    public static final int TUNNEL_IP = 0x1000;
    /** GRE. */
    public static final int TUNNEL_GRE = 0x2000;
    /** VXLAN. */
    public static final int TUNNEL_VXLAN = 0x3000;
    /** Ethernet within GRE. */
    public static final int TUNNEL_NVGRE = 0x4000;
    /** Geneve. */
    public static final int TUNNEL_GENEVE = 0x5000;
    /** GTP's user plane. */
    public static final int TUNNEL_GTPU = 0x8000;
    /** The tunnel. */
    public static final int TUNNEL_MASK = 0xf000;

    /** Ethernet. */
    public static final int INNER_L2_ETHER = 0x1_0000;
    /** Ethernet with a VLAN tag. */
    public static final int INNER_L2_ETHER_VLAN = 0x2_0000;
    /** Ethernet with a service VLAN tag. */
    public static final int INNER_L2_ETHER_QINQ = 0x3_0000;
    /** The inner link layer. */
    public static final int INNER_L2_MASK = 0xf_0000;

    /** IPv4 without options. */
    public static final int INNER_L3_IPV4 = 0x10_0000;
    /** IPv4 with options. */
    public static final int INNER_L3_IPV4_EXT = 0x20_0000;
    /** IPv6 without extension headers. */
    public static final int INNER_L3_IPV6 = 0x30_0000;
    /** IPv6 with extension headers. */
    public static final int INNER_L3_IPV6_EXT = 0x50_0000;
    /** The inner network layer. */
    public static final int INNER_L3_MASK = 0xf0_0000;

    /** TCP. */
    public static final int INNER_L4_TCP = 0x100_0000;
    /** UDP. */
    public static final int INNER_L4_UDP = 0x200_0000;
    /** A fragment of anything. */
    public static final int INNER_L4_FRAG = 0x300_0000;
    /** SCTP. */
    public static final int INNER_L4_SCTP = 0x400_0000;
    /** The inner transport layer. */
    public static final int INNER_L4_MASK = 0xf00_0000;

    /** All layers. */
    public static final int ALL_MASK = 0xfff_ffff;
    /** How many bits a layer has. */
    public static final int LAYER_BITS = 4;

    /** VLAN tags that are looked behind. */
    public static final int MAX_TAGS = 8;

    private static final int L4_SHIFT = 16;

    private PacketType() {}

    /**
     * Looks at every layer.
     *
     * @param m the packet; its headers must lie in the first segment
     * @param lengths takes the lengths of the headers
     * @return the packet type
     */
    public static int parse(Mbuf m, PacketLengths lengths) {
        return parse(m, lengths, ALL_MASK);
    }

    /**
     * Looks at some layers, from the link up to the first that is not asked for.
     *
     * @param m the packet; its headers must lie in the first segment
     * @param lengths takes the lengths of the headers
     * @param layers masks of the layers
     * @return the packet type
     */
    public static int parse(Mbuf m, PacketLengths lengths, int layers) {
        lengths.clear();
        if (Ethernet.check(m, 0) < 0 || (layers & L2_MASK) == 0) {
            return UNKNOWN;
        }
        lengths.l2 = Ethernet.LENGTH;
        int etherType = Ethernet.etherType(m, 0);
        if (etherType == EtherType.IPV4) {
            return (layers & L3_MASK) == 0 ? L2_ETHER : ipv4(m, lengths, layers, L2_ETHER);
        }
        if (etherType == EtherType.IPV6) {
            return (layers & L3_MASK) == 0 ? L2_ETHER : ipv6(m, lengths, layers, L2_ETHER);
        }
        return tagged(m, lengths, layers, etherType);
    }

    private static int tagged(Mbuf m, PacketLengths lengths, int layers, int outerType) {
        int type = L2_ETHER;
        if (Vlan.isTag(outerType)) {
            type = outerType == EtherType.VLAN ? L2_ETHER_VLAN : L2_ETHER_QINQ;
        }
        int etherType = outerType;
        for (int tags = 0; Vlan.isTag(etherType); tags++) {
            if (tags == MAX_TAGS || Vlan.check(m, lengths.l2) < 0) {
                return type;
            }
            etherType = Vlan.etherType(m, lengths.l2);
            lengths.l2 += Vlan.LENGTH;
        }
        if (etherType == EtherType.MPLS || etherType == EtherType.MPLS_MULTICAST) {
            int stack = Mpls.check(m, lengths.l2);
            lengths.l2 += Math.max(stack, 0);
            return stack < 0 ? type : L2_ETHER_MPLS;
        }
        if ((layers & L3_MASK) == 0) {
            return type;
        }
        return switch (etherType) {
            case EtherType.IPV4 -> ipv4(m, lengths, layers, type);
            case EtherType.IPV6 -> ipv6(m, lengths, layers, type);
            default -> type;
        };
    }

    private static int ipv4(Mbuf m, PacketLengths lengths, int layers, int type) {
        int at = lengths.l2;
        int length = Ipv4.check(m, at);
        if (length < 0) {
            return type;
        }
        lengths.l3 = length;
        int network = type | (length == Ipv4.LENGTH ? L3_IPV4 : L3_IPV4_EXT);
        if ((layers & L4_MASK) == 0) {
            return network;
        }
        if (Ipv4.isFragment(m, at)) {
            return network | L4_FRAG;
        }
        return transport(m, lengths, layers, network, Ipv4.protocol(m, at));
    }

    private static int ipv6(Mbuf m, PacketLengths lengths, int layers, int type) {
        int at = lengths.l2;
        if (Ipv6.check(m, at) < 0) {
            return type;
        }
        lengths.l3 = Ipv6.LENGTH;
        int next = Ipv6.nextHeader(m, at);
        if (!Ipv6Extensions.isExtension(next)) {
            return (layers & L4_MASK) == 0 ? type | L3_IPV6 : transport(m, lengths, layers, type | L3_IPV6, next);
        }
        int network = type | L3_IPV6_EXT;
        long payload = Ipv6Extensions.walk(m, at + Ipv6.LENGTH, next);
        if (payload < 0) {
            return network;
        }
        lengths.l3 = Ipv6Extensions.offset(payload) - at;
        if ((layers & L4_MASK) == 0) {
            return network;
        }
        if (Ipv6Extensions.isFragment(payload)) {
            return network | L4_FRAG;
        }
        return transport(m, lengths, layers, network, Ipv6Extensions.protocol(payload));
    }

    private static int transport(Mbuf m, PacketLengths lengths, int layers, int network, int protocol) {
        int at = lengths.l2 + lengths.l3;
        int length = transportLength(m, at, protocol);
        if (length < 0) {
            return network;
        }
        if (length > 0) {
            lengths.l4 = length;
            int type = network | transportType(protocol);
            return protocol == IpProtocol.UDP && (layers & TUNNEL_MASK) != 0
                    ? InnerPacketType.udp(m, lengths, layers, type, at) : type;
        }
        return (layers & TUNNEL_MASK) != 0 ? InnerPacketType.ip(m, lengths, layers, network, at, protocol) : network;
    }

    /** Length of a transport header, 0 for a protocol that has no packet type, or a {@link Reject} code. */
    static int transportLength(Mbuf m, int at, int protocol) {
        return switch (protocol) {
            case IpProtocol.UDP -> Reject.fits(m, at, Udp.LENGTH) ? Udp.LENGTH : Reject.TRUNCATED;
            case IpProtocol.TCP -> Tcp.check(m, at);
            case IpProtocol.SCTP -> Sctp.check(m, at);
            default -> 0;
        };
    }

    private static int transportType(int protocol) {
        return protocol == IpProtocol.UDP ? L4_UDP : protocol == IpProtocol.TCP ? L4_TCP : L4_SCTP;
    }

    /** The inner type of a transport protocol that {@link #transportLength} knows. */
    static int innerTransportType(int protocol) {
        return transportType(protocol) << L4_SHIFT;
    }
}
