package dev.penstock.flow;

import dev.penstock.mbuf.Mbuf;
import dev.penstock.mbuf.OlFlags;
import dev.penstock.net.Checksum;
import dev.penstock.net.Ethernet;
import dev.penstock.net.Ipv4;
import dev.penstock.net.Ipv6;
import dev.penstock.net.Vlan;

/** Actions that change a packet. Checksums that cover what changes are mended (RFC 1624). */
final class FlowEdit {
    private static final int UDP_CHECKSUM = 6;
    private static final int TCP_CHECKSUM = 16;

    private FlowEdit() {}

    static void edit(FlowAction action, Mbuf m, int headers, int l3, int l4) {
        if (!action.type().fits(headers)) {
            // an action before it took off what the pattern asked for
            return;
        }
        int value = (int) action.value();
        switch (action.type()) {
            case SET_MAC_SRC -> Ethernet.src(m, 0, action.value());
            case SET_MAC_DST -> Ethernet.dst(m, 0, action.value());
            case SET_IPV4_SRC -> address(m, headers, l3, l4, Ipv4.SRC, value);
            case SET_IPV4_DST -> address(m, headers, l3, l4, Ipv4.DST, value);
            case SET_TP_SRC -> port(m, headers, l4, l4, value);
            case SET_TP_DST -> port(m, headers, l4 + 2, l4, value);
            case OF_SET_VLAN_VID -> tag(m, 0xfff, value);
            case OF_SET_VLAN_PCP -> tag(m, 0xe000, value << 13);
            default -> hop(m, headers, l3);
        }
    }

    static boolean has(int headers, FlowItem.Type type) {
        return (headers & FlowKey.bit(type)) != 0;
    }

    private static void tag(Mbuf m, int mask, int bits) {
        if (m.dataLen() >= Ethernet.LENGTH + Vlan.LENGTH && Vlan.isTag(Ethernet.etherType(m, 0))) {
            Vlan.tci(m, Ethernet.LENGTH, Vlan.tci(m, Ethernet.LENGTH) & ~mask | bits);
        }
    }

    /** Takes the outer tag off; false when there is none. */
    static boolean pop(Mbuf m) {
        if (m.dataLen() < Ethernet.LENGTH + Vlan.LENGTH || !Vlan.isTag(Ethernet.etherType(m, 0))) {
            return false;
        }
        Ethernet.addresses(m, Vlan.LENGTH, Ethernet.dst(m, 0), Ethernet.src(m, 0));
        m.adj(Vlan.LENGTH);
        return true;
    }

    /** Puts a tag before all others; false when there is no room before the packet, or no Ethernet header. */
    static boolean push(Mbuf m, int etherType) {
        if (m.dataLen() < Ethernet.LENGTH) {
            return false;
        }
        long dst = Ethernet.dst(m, 0);
        long src = Ethernet.src(m, 0);
        int inner = Ethernet.etherType(m, 0);
        int tci = Vlan.isTag(inner) && m.dataLen() >= Ethernet.LENGTH + Vlan.LENGTH ? Vlan.tci(m, Ethernet.LENGTH) : 0;
        if (!m.prepend(Vlan.LENGTH)) {
            return false;
        }
        Ethernet.addresses(m, 0, dst, src);
        Ethernet.etherType(m, 0, etherType);
        Vlan.write(m, Ethernet.LENGTH, tci, inner);
        return true;
    }

    /** Takes bytes off before the packet; false, and nothing done, when nothing would be left of its first segment. */
    static boolean decap(Mbuf m, int bytes) {
        if (bytes >= m.dataLen()) {
            return false;
        }
        m.adj(bytes);
        forget(m);
        return true;
    }

    /** Puts headers before the packet; false, and nothing done, when there is no room. */
    static boolean encap(Mbuf m, FlowHeader header) {
        if (!header.push(m)) {
            return false;
        }
        forget(m);
        return true;
    }

    /** What the port said of the headers holds no longer. */
    private static void forget(Mbuf m) {
        m.packetType(0);
        m.olFlags(m.olFlags() & ~(OlFlags.RX_IP_CKSUM_MASK | OlFlags.RX_L4_CKSUM_MASK | OlFlags.RX_OUTER_L4_CKSUM_MASK
                | OlFlags.RX_OUTER_IP_CKSUM_BAD));
    }

    private static void address(Mbuf m, int headers, int l3, int l4, int field, int value) {
        int before = m.getInt(l3 + field);
        m.putInt(l3 + field, value);
        Ipv4.checksum(m, l3, Checksum.update32(Ipv4.checksum(m, l3), before, value));
        int sum = transportSum(m, headers, l4);
        if (sum >= 0) {
            put(m, headers, sum, Checksum.update32(m.getShort(sum) & 0xffff, before, value));
        }
    }

    private static void port(Mbuf m, int headers, int at, int l4, int value) {
        int before = m.getShort(at) & 0xffff;
        m.putShort(at, (short) value);
        int sum = transportSum(m, headers, l4);
        if (sum >= 0) {
            put(m, headers, sum, Checksum.update(m.getShort(sum) & 0xffff, before, value));
        }
    }

    /** Where the checksum of TCP or UDP is; -1 when there is none, or UDP's is not used. */
    private static int transportSum(Mbuf m, int headers, int l4) {
        if (has(headers, FlowItem.Type.TCP)) {
            return l4 + TCP_CHECKSUM;
        }
        return has(headers, FlowItem.Type.UDP) && m.getShort(l4 + UDP_CHECKSUM) != 0 ? l4 + UDP_CHECKSUM : -1;
    }

    private static void put(Mbuf m, int headers, int at, int checksum) {
        // 0 would say that UDP has no checksum.
        m.putShort(at, (short) (checksum == 0 && has(headers, FlowItem.Type.UDP) ? 0xffff : checksum));
    }

    private static void hop(Mbuf m, int headers, int l3) {
        if (has(headers, FlowItem.Type.IPV4)) {
            Ipv4.decrementTtl(m, l3);
        } else if (Ipv6.hopLimit(m, l3) > 1) {
            Ipv6.hopLimit(m, l3, Ipv6.hopLimit(m, l3) - 1);
        }
    }
}
