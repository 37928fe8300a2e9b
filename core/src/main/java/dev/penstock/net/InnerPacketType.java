package dev.penstock.net;

import dev.penstock.mbuf.Mbuf;

/** The part of {@link PacketType} that looks into tunnels. */
final class InnerPacketType {
    private static final int NOTHING = 0;

    private InnerPacketType() {}

    /** Tunnels directly over IP. */
    static int ip(Mbuf m, PacketLengths lengths, int layers, int type, int at, int protocol) {
        switch (protocol) {
            case IpProtocol.IPV4:
                return inside(m, lengths, layers, type | PacketType.TUNNEL_IP, at, EtherType.IPV4);
            case IpProtocol.IPV6:
                return inside(m, lengths, layers, type | PacketType.TUNNEL_IP, at, EtherType.IPV6);
            case IpProtocol.GRE:
                int length = Gre.check(m, at);
                if (length < 0) {
                    return type;
                }
                lengths.tunnel = length;
                lengths.innerL2 = length;
                int carried = Gre.protocol(m, at);
                int tunnel = carried == EtherType.TEB ? PacketType.TUNNEL_NVGRE : PacketType.TUNNEL_GRE;
                return inside(m, lengths, layers, type | tunnel, at + length, carried);
            default:
                return type;
        }
    }

    /** Tunnels over UDP, known by their destination port. */
    static int udp(Mbuf m, PacketLengths lengths, int layers, int type, int udp) {
        int at = udp + Udp.LENGTH;
        int length;
        int tunnel;
        int carried;
        switch (Udp.dstPort(m, udp)) {
            case Vxlan.PORT:
                length = Vxlan.check(m, at);
                tunnel = PacketType.TUNNEL_VXLAN;
                carried = EtherType.TEB;
                break;
            case Geneve.PORT:
                length = Geneve.check(m, at);
                tunnel = PacketType.TUNNEL_GENEVE;
                carried = length < 0 ? NOTHING : Geneve.protocol(m, at);
                break;
            case GtpU.PORT:
                length = GtpU.check(m, at);
                tunnel = PacketType.TUNNEL_GTPU;
                carried = length < 0 ? NOTHING : ipOfGtp(m, at, length);
                break;
            default:
                return type;
        }
        if (length < 0) {
            return type;
        }
        lengths.tunnel = length;
        lengths.innerL2 = Udp.LENGTH + length;
        return inside(m, lengths, layers, type | tunnel, at + length, carried);
    }

    /** GTP-U does not say which IP it carries; the version in the packet does. */
    private static int ipOfGtp(Mbuf m, int at, int length) {
        if (GtpU.type(m, at) != GtpU.G_PDU || !Reject.fits(m, at + length, 1)) {
            return NOTHING;
        }
        return switch (m.getByte(at + length) >>> 4 & 0xf) {
            case 4 -> EtherType.IPV4;
            case 6 -> EtherType.IPV6;
            default -> NOTHING;
        };
    }

    private static int inside(Mbuf m, PacketLengths lengths, int layers, int outer, int from, int carried) {
        if ((layers & PacketType.INNER_L2_MASK) == 0) {
            return outer;
        }
        int type = outer;
        int at = from;
        int etherType = carried;
        if (carried == EtherType.TEB) {
            if (Ethernet.check(m, at) < 0) {
                return type;
            }
            type |= PacketType.INNER_L2_ETHER;
            etherType = Ethernet.etherType(m, at);
            at += Ethernet.LENGTH;
            lengths.innerL2 += Ethernet.LENGTH;
            if (Vlan.isTag(etherType)) {
                type = outer | (etherType == EtherType.VLAN
                        ? PacketType.INNER_L2_ETHER_VLAN : PacketType.INNER_L2_ETHER_QINQ);
            }
            for (int tags = 0; Vlan.isTag(etherType); tags++) {
                if (tags == PacketType.MAX_TAGS || Vlan.check(m, at) < 0) {
                    return type;
                }
                etherType = Vlan.etherType(m, at);
                at += Vlan.LENGTH;
                lengths.innerL2 += Vlan.LENGTH;
            }
        }
        if ((layers & PacketType.INNER_L3_MASK) == 0) {
            return type;
        }
        return switch (etherType) {
            case EtherType.IPV4 -> ipv4(m, lengths, layers, type, at);
            case EtherType.IPV6 -> ipv6(m, lengths, layers, type, at);
            default -> type;
        };
    }

    private static int ipv4(Mbuf m, PacketLengths lengths, int layers, int type, int at) {
        int length = Ipv4.check(m, at);
        if (length < 0) {
            return type;
        }
        lengths.innerL3 = length;
        int network = type | (length == Ipv4.LENGTH ? PacketType.INNER_L3_IPV4 : PacketType.INNER_L3_IPV4_EXT);
        if ((layers & PacketType.INNER_L4_MASK) == 0) {
            return network;
        }
        if (Ipv4.isFragment(m, at)) {
            return network | PacketType.INNER_L4_FRAG;
        }
        return transport(m, lengths, network, at + length, Ipv4.protocol(m, at));
    }

    private static int ipv6(Mbuf m, PacketLengths lengths, int layers, int type, int at) {
        if (Ipv6.check(m, at) < 0) {
            return type;
        }
        lengths.innerL3 = Ipv6.LENGTH;
        int next = Ipv6.nextHeader(m, at);
        int network = type
                | (Ipv6Extensions.isExtension(next) ? PacketType.INNER_L3_IPV6_EXT : PacketType.INNER_L3_IPV6);
        long payload = Ipv6Extensions.walk(m, at + Ipv6.LENGTH, next);
        if (payload < 0) {
            return network;
        }
        lengths.innerL3 = Ipv6Extensions.offset(payload) - at;
        if ((layers & PacketType.INNER_L4_MASK) == 0) {
            return network;
        }
        if (Ipv6Extensions.isFragment(payload)) {
            return network | PacketType.INNER_L4_FRAG;
        }
        return transport(m, lengths, network, Ipv6Extensions.offset(payload), Ipv6Extensions.protocol(payload));
    }

    private static int transport(Mbuf m, PacketLengths lengths, int network, int at, int protocol) {
        int length = PacketType.transportLength(m, at, protocol);
        if (length <= 0) {
            return network;
        }
        lengths.innerL4 = length;
        return network | PacketType.innerTransportType(protocol);
    }
}
