package dev.penstock.flow;

import dev.penstock.mbuf.Mbuf;
import dev.penstock.mbuf.OlFlags;
import dev.penstock.net.Checksum;
import dev.penstock.net.EtherType;
import dev.penstock.net.Ethernet;
import dev.penstock.net.Ipv4;
import dev.penstock.net.Ipv6;
import dev.penstock.net.Vlan;

/** Actions that change a packet. Checksums that cover what changes are mended (RFC 1624). */
final class FlowEdit {
    private static final int UDP_CHECKSUM = 6;
    private static final int TCP_CHECKSUM = 16;
    private static final int ICMP6_CHECKSUM = 2;

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
            case SET_IPV6_SRC -> address(m, headers, l3 + Ipv6.SRC_HIGH, l4, action.value(), action.low());
            case SET_IPV6_DST -> address(m, headers, l3 + Ipv6.DST_HIGH, l4, action.value(), action.low());
            case SET_TTL -> ttl(m, headers, l3, value);
            case SET_IPV4_DSCP -> {
                int before = m.getShort(l3) & 0xffff;
                m.putShort(l3, (short) (before & ~0xfc | value << 2));
                Ipv4.checksum(m, l3, Checksum.update(Ipv4.checksum(m, l3), before, m.getShort(l3) & 0xffff));
            }
            case SET_IPV6_DSCP -> m.putShort(l3, (short) (m.getShort(l3) & ~0xfc0 | value << 6));
            case INC_TCP_SEQ -> sequence(m, l4, l4 + 4, value);
            case DEC_TCP_SEQ -> sequence(m, l4, l4 + 4, -value);
            case INC_TCP_ACK -> sequence(m, l4, l4 + 8, value);
            case DEC_TCP_ACK -> sequence(m, l4, l4 + 8, -value);
            case MAC_SWAP -> Ethernet.addresses(m, 0, Ethernet.src(m, 0), Ethernet.dst(m, 0));
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

    /** Whether the port took the outer tag off. */
    static boolean isStripped(Mbuf m) {
        return (m.olFlags() & OlFlags.RX_VLAN_STRIPPED) != 0;
    }

    /** Puts a tag that the port took off back, since what follows is about bytes before the packet; false when there is no room. */
    static boolean unstrip(Mbuf m) {
        if (!push(m, EtherType.VLAN)) {
            return false;
        }
        Vlan.tci(m, Ethernet.LENGTH, m.vlanTci());
        m.vlanTci(0);
        m.olFlags(m.olFlags() & ~(OlFlags.RX_VLAN | OlFlags.RX_VLAN_STRIPPED));
        return true;
    }

    private static void tag(Mbuf m, int mask, int bits) {
        if (isStripped(m)) {
            m.vlanTci(m.vlanTci() & ~mask | bits);
        } else if (m.dataLen() >= Ethernet.LENGTH + Vlan.LENGTH && Vlan.isTag(Ethernet.etherType(m, 0))) {
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

    private static void address(Mbuf m, int headers, int at, int l4, long high, long low) {
        int sum = transportSum(m, headers, l4);
        int checksum = sum < 0 ? 0 : m.getShort(sum) & 0xffff;
        for (int i = 0; i < 4; i++) {
            int word = (int) ((i < 2 ? high : low) >>> 32 - 32 * (i & 1));
            checksum = Checksum.update32(checksum, m.getInt(at + 4 * i), word);
            m.putInt(at + 4 * i, word);
        }
        if (sum >= 0) {
            put(m, headers, sum, checksum);
        }
    }

    private static void sequence(Mbuf m, int l4, int at, int add) {
        int before = m.getInt(at);
        int sum = l4 + TCP_CHECKSUM;
        m.putInt(at, before + add);
        m.putShort(sum, (short) Checksum.update32(m.getShort(sum) & 0xffff, before, before + add));
    }

    private static void ttl(Mbuf m, int headers, int l3, int value) {
        if (has(headers, FlowItem.Type.IPV4)) {
            int before = m.getShort(l3 + 8) & 0xffff;
            Ipv4.ttl(m, l3, value);
            Ipv4.checksum(m, l3, Checksum.update(Ipv4.checksum(m, l3), before, m.getShort(l3 + 8) & 0xffff));
        } else {
            Ipv6.hopLimit(m, l3, value);
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

    /** Where the checksum over the addresses is; -1 when there is none, or UDP's is not used. */
    private static int transportSum(Mbuf m, int headers, int l4) {
        if (has(headers, FlowItem.Type.TCP)) {
            return l4 + TCP_CHECKSUM;
        }
        if (has(headers, FlowItem.Type.ICMP6)) {
            // the address is in its sum too (RFC 4443, 2.3); the ports are not there
            return l4 + ICMP6_CHECKSUM;
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
