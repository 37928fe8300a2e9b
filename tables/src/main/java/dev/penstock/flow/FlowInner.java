package dev.penstock.flow;

import dev.penstock.mbuf.Mbuf;
import dev.penstock.net.EtherType;
import dev.penstock.net.Geneve;
import dev.penstock.net.Gre;
import dev.penstock.net.GtpU;
import dev.penstock.net.Mpls;
import dev.penstock.net.Udp;
import dev.penstock.net.Vxlan;

/** Finds what is in a tunnel, by the level of {@link FlowKey} that the tunnel's own headers have. */
final class FlowInner {
    private static final int TUNNELS = FlowKey.IP_IN_IP | FlowKey.bit(FlowItem.Type.VXLAN) | FlowKey.bit(FlowItem.Type.VXLAN_GPE)
            | FlowKey.bit(FlowItem.Type.GENEVE) | FlowKey.bit(FlowItem.Type.GTPU) | FlowKey.bit(FlowItem.Type.GRE)
            | FlowKey.bit(FlowItem.Type.MPLS) | FlowKey.bit(FlowItem.Type.PPPOES);
    /** EtherType of an Ethernet frame in a tunnel. */
    private static final int BRIDGED = 0x6558;
    private static final int PPP_LENGTH = 8;

    private FlowInner() {}

    /** Writes the level behind another one; its headers, 0 when there is no tunnel, or nothing known in it. */
    static int write(Mbuf m, byte[] keys, int outer, int wanted) {
        int headers = FlowKey.headers(keys, outer);
        if ((headers & TUNNELS) == 0) {
            return 0;
        }
        int key = outer + FlowKey.LENGTH;
        int l3 = FlowKey.l3(keys, outer);
        int l4 = FlowKey.l4(keys, outer);
        if (FlowEdit.has(headers, FlowItem.Type.MPLS)) {
            int behind = l3 + Mpls.LENGTH;
            return !Mpls.isBottom(m, l3) ? FlowKey.network(m, EtherType.MPLS, behind, keys, key, wanted) : labelled(m, behind, keys, key, wanted);
        }
        if (FlowEdit.has(headers, FlowItem.Type.PPPOES)) {
            return switch (m.getShort(l3 + PPP_LENGTH - 2)) {
                case 0x21 -> FlowKey.network(m, EtherType.IPV4, l3 + PPP_LENGTH, keys, key, wanted);
                case 0x57 -> FlowKey.network(m, EtherType.IPV6, l3 + PPP_LENGTH, keys, key, wanted);
                default -> 0;
            };
        }
        if (FlowEdit.has(headers, FlowItem.Type.GRE)) {
            return bridged(m, Gre.protocol(m, l4), l4 + Gre.headerLength(Gre.flags(m, l4)), keys, key, wanted);
        }
        if ((headers & FlowKey.IP_IN_IP) != 0) {
            return ip(m, l4, keys, key, wanted);
        }
        return overUdp(m, headers, l4 + Udp.LENGTH, keys, key, wanted);
    }

    private static int overUdp(Mbuf m, int headers, int at, byte[] keys, int key, int wanted) {
        if (FlowEdit.has(headers, FlowItem.Type.VXLAN)) {
            return FlowKey.ethernet(m, at + Vxlan.LENGTH, keys, key, wanted);
        }
        if (FlowEdit.has(headers, FlowItem.Type.GENEVE)) {
            return bridged(m, Geneve.protocol(m, at), at + Geneve.check(m, at), keys, key, wanted);
        }
        if (FlowEdit.has(headers, FlowItem.Type.GTPU)) {
            return GtpU.type(m, at) == GtpU.G_PDU ? ip(m, at + GtpU.check(m, at), keys, key, wanted) : 0;
        }
        return switch (m.getByte(at + 3)) {
            case 1 -> FlowKey.network(m, EtherType.IPV4, at + Vxlan.LENGTH, keys, key, wanted);
            case 2 -> FlowKey.network(m, EtherType.IPV6, at + Vxlan.LENGTH, keys, key, wanted);
            case 3 -> FlowKey.ethernet(m, at + Vxlan.LENGTH, keys, key, wanted);
            default -> 0;
        };
    }

    private static int bridged(Mbuf m, int type, int at, byte[] keys, int key, int wanted) {
        return type == BRIDGED ? FlowKey.ethernet(m, at, keys, key, wanted) : FlowKey.network(m, type, at, keys, key, wanted);
    }

    /** Behind the last label nothing says what comes: the first four bits tell IP (RFC 4928), and else it is a frame. */
    private static int labelled(Mbuf m, int at, byte[] keys, int key, int wanted) {
        int version = m.dataLen() <= at ? 0 : m.getByte(at) >> 4;
        return version == 4 || version == 6 ? ip(m, at, keys, key, wanted) : FlowKey.ethernet(m, at, keys, key, wanted);
    }

    private static int ip(Mbuf m, int at, byte[] keys, int key, int wanted) {
        if (m.dataLen() <= at) {
            return 0;
        }
        int version = m.getByte(at) >> 4;
        return version == 4 ? FlowKey.network(m, EtherType.IPV4, at, keys, key, wanted)
                : version == 6 ? FlowKey.network(m, EtherType.IPV6, at, keys, key, wanted) : 0;
    }
}
