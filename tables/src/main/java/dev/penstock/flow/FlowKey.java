package dev.penstock.flow;

import dev.penstock.mbuf.Mbuf;
import dev.penstock.net.Arp;
import dev.penstock.net.EtherType;
import dev.penstock.net.Ethernet;
import dev.penstock.net.Geneve;
import dev.penstock.net.Gre;
import dev.penstock.net.GtpU;
import dev.penstock.net.IpProtocol;
import dev.penstock.net.Ipv4;
import dev.penstock.net.Ipv6;
import dev.penstock.net.Ipv6Extensions;
import dev.penstock.net.Mpls;
import dev.penstock.net.Udp;
import dev.penstock.net.Vlan;
import dev.penstock.net.Vxlan;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;

/**
 * A packet's headers as the key of an ACL: which there are, and their fields at places that do not depend on what
 * stands before them. A header that ends behind the packet's first segment is not there. Bytes of fields that are not
 * there are left from the packet before; patterns ask for the header first.
 */
final class FlowKey {
    /** Bytes of a key. */
    static final int LENGTH = 88;
    /** Where the bits of the headers are, one for each {@link FlowItem.Type}. */
    static final int HEADERS = 0;
    /** Bytes of an NVGRE header, a GRE header with a key and nothing else, and what it begins with. */
    static final int NVGRE_LENGTH = 8;
    private static final int NVGRE = Gre.KEY_PRESENT << 16 | 0x6558;
    /** Offset of the network header in the packet, behind the bits of headers. */
    private static final int L3 = 4;
    /** Offset of the transport header. */
    private static final int L4 = 6;

    private static final VarHandle SHORT = MethodHandles.byteArrayViewVarHandle(short[].class, ByteOrder.BIG_ENDIAN);
    private static final VarHandle INT = MethodHandles.byteArrayViewVarHandle(int[].class, ByteOrder.BIG_ENDIAN);
    private static final VarHandle LONG = MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.BIG_ENDIAN);

    private FlowKey() {}

    static int bit(FlowItem.Type type) {
        return 1 << type.ordinal();
    }

    static int headers(byte[] keys, int key) {
        return (int) INT.get(keys, key + HEADERS);
    }

    static int l3(byte[] keys, int key) {
        return (short) SHORT.get(keys, key + L3) & 0xffff;
    }

    static int l4(byte[] keys, int key) {
        return (short) SHORT.get(keys, key + L4) & 0xffff;
    }

    /**
     * Writes a packet's key.
     *
     * @param m the packet
     * @param keys gets it
     * @param key where it begins
     */
    static void write(Mbuf m, byte[] keys, int key) {
        int headers = 0;
        if (m.dataLen() >= Ethernet.LENGTH) {
            headers = ethernet(m, keys, key);
        }
        INT.set(keys, key + HEADERS, headers);
    }

    private static int ethernet(Mbuf m, byte[] keys, int key) {
        LONG.set(keys, key + FlowField.ETH_DST.offset(), Ethernet.dst(m, 0));
        LONG.set(keys, key + FlowField.ETH_SRC.offset(), Ethernet.src(m, 0));
        int type = Ethernet.etherType(m, 0);
        SHORT.set(keys, key + FlowField.ETH_TYPE.offset(), (short) type);
        int at = Ethernet.LENGTH;
        int headers = bit(FlowItem.Type.ETH);
        if (Vlan.isTag(type) && m.dataLen() >= at + Vlan.LENGTH) {
            headers |= bit(FlowItem.Type.VLAN);
            SHORT.set(keys, key + FlowField.VLAN_TCI.offset(), (short) Vlan.tci(m, at));
            type = Vlan.etherType(m, at);
            SHORT.set(keys, key + FlowField.VLAN_INNER_TYPE.offset(), (short) type);
            at += Vlan.LENGTH;
            if (Vlan.isTag(type) && m.dataLen() >= at + Vlan.LENGTH) {
                type = Vlan.etherType(m, at);
                at += Vlan.LENGTH;
            }
        }
        SHORT.set(keys, key + L3, (short) at);
        return headers | switch (type) {
            case EtherType.IPV4 -> ipv4(m, at, keys, key);
            case EtherType.IPV6 -> ipv6(m, at, keys, key);
            case EtherType.ARP -> arp(m, at, keys, key);
            case EtherType.MPLS -> mpls(m, at, keys, key);
            default -> 0;
        };
    }

    private static int arp(Mbuf m, int at, byte[] keys, int key) {
        if (Arp.check(m, at) < 0) {
            return 0;
        }
        SHORT.set(keys, key + FlowField.ARP_OPCODE.offset(), (short) Arp.operation(m, at));
        LONG.set(keys, key + FlowField.ARP_SHA.offset(), Arp.senderMac(m, at));
        INT.set(keys, key + FlowField.ARP_SPA.offset(), Arp.senderIp(m, at));
        LONG.set(keys, key + FlowField.ARP_THA.offset(), Arp.targetMac(m, at));
        INT.set(keys, key + FlowField.ARP_TPA.offset(), Arp.targetIp(m, at));
        return bit(FlowItem.Type.ARP_ETH_IPV4);
    }

    private static int mpls(Mbuf m, int at, byte[] keys, int key) {
        if (m.dataLen() < at + Mpls.LENGTH) {
            return 0;
        }
        INT.set(keys, key + FlowField.MPLS_LABEL.offset(), Mpls.label(m, at));
        return bit(FlowItem.Type.MPLS);
    }

    private static int ipv4(Mbuf m, int at, byte[] keys, int key) {
        if (m.dataLen() < at + Ipv4.LENGTH || Ipv4.versionIhl(m, at) >>> 4 != 4 || Ipv4.headerLength(m, at) < Ipv4.LENGTH) {
            return 0;
        }
        keys[key + FlowField.IPV4_TOS.offset()] = (byte) Ipv4.tos(m, at);
        keys[key + FlowField.IPV4_TTL.offset()] = (byte) Ipv4.ttl(m, at);
        keys[key + FlowField.IPV4_PROTO.offset()] = (byte) Ipv4.protocol(m, at);
        SHORT.set(keys, key + FlowField.IPV4_FRAGMENT_OFFSET.offset(), (short) Ipv4.fragment(m, at));
        INT.set(keys, key + FlowField.IPV4_SRC.offset(), Ipv4.src(m, at));
        INT.set(keys, key + FlowField.IPV4_DST.offset(), Ipv4.dst(m, at));
        boolean later = (Ipv4.fragment(m, at) & Ipv4.FRAGMENT_MASK) != 0;
        return bit(FlowItem.Type.IPV4)
                | (later ? 0 : transport(m, Ipv4.protocol(m, at), at + Ipv4.headerLength(m, at), keys, key, true));
    }

    private static int ipv6(Mbuf m, int at, byte[] keys, int key) {
        if (m.dataLen() < at + Ipv6.LENGTH || m.getByte(at) >> 4 != 6) {
            return 0;
        }
        keys[key + FlowField.IPV6_TC.offset()] = (byte) (Ipv6.versionClassFlow(m, at) >>> 20);
        keys[key + FlowField.IPV6_HOP.offset()] = (byte) Ipv6.hopLimit(m, at);
        keys[key + FlowField.IPV6_PROTO.offset()] = (byte) Ipv6.nextHeader(m, at);
        INT.set(keys, key + FlowField.IPV6_FLOW.offset(), Ipv6.versionClassFlow(m, at) & 0xf_ffff);
        LONG.set(keys, key + FlowField.IPV6_SRC_HIGH.offset(), Ipv6.srcHigh(m, at));
        LONG.set(keys, key + FlowField.IPV6_SRC_LOW.offset(), Ipv6.srcLow(m, at));
        LONG.set(keys, key + FlowField.IPV6_DST_HIGH.offset(), Ipv6.dstHigh(m, at));
        LONG.set(keys, key + FlowField.IPV6_DST_LOW.offset(), Ipv6.dstLow(m, at));
        long walked = Ipv6Extensions.walk(m, at + Ipv6.LENGTH, Ipv6.nextHeader(m, at));
        return bit(FlowItem.Type.IPV6) | (walked < 0 || Ipv6Extensions.isFragment(walked) ? 0
                : transport(m, Ipv6Extensions.protocol(walked), Ipv6Extensions.offset(walked), keys, key, false));
    }

    private static int transport(Mbuf m, int protocol, int at, byte[] keys, int key, boolean four) {
        FlowItem.Type type = switch (protocol) {
            case IpProtocol.UDP -> FlowItem.Type.UDP;
            case IpProtocol.TCP -> FlowItem.Type.TCP;
            case IpProtocol.SCTP -> FlowItem.Type.SCTP;
            case IpProtocol.ICMP -> four ? FlowItem.Type.ICMP : null;
            case IpProtocol.ICMPV6 -> four ? null : FlowItem.Type.ICMP6;
            case IpProtocol.GRE -> FlowItem.Type.GRE;
            case IpProtocol.ESP -> FlowItem.Type.ESP;
            default -> null;
        };
        if (type == null || m.dataLen() < at + switch (type) {
            case TCP -> 20;
            case SCTP -> 12;
            case GRE, ICMP6 -> 4;
            default -> 8;
        } || type == FlowItem.Type.GRE && Gre.check(m, at) < 0) {
            return 0;
        }
        SHORT.set(keys, key + L4, (short) at);
        if (type == FlowItem.Type.ESP) {
            INT.set(keys, key + FlowField.ESP_SPI.offset(), m.getInt(at));
            return bit(type);
        }
        INT.set(keys, key + FlowField.UDP_SRC.offset(), m.getInt(at));
        return bit(type) | switch (type) {
            case TCP -> {
                keys[key + FlowField.TCP_FLAGS.offset()] = m.getByte(at + 13);
                yield 0;
            }
            case UDP -> udp(m, m.getInt(at) & 0xffff, at + Udp.LENGTH, keys, key);
            case ICMP -> {
                INT.set(keys, key + FlowField.ICMP_IDENT.offset(), m.getInt(at + 4));
                yield 0;
            }
            case GRE -> gre(m, at, keys, key);
            default -> 0;
        };
    }

    private static int udp(Mbuf m, int port, int at, byte[] keys, int key) {
        FlowItem.Type type = switch (port) {
            case Vxlan.PORT -> Vxlan.check(m, at) < 0 ? null : FlowItem.Type.VXLAN;
            case Geneve.PORT -> Geneve.check(m, at) < 0 ? null : FlowItem.Type.GENEVE;
            case GtpU.PORT -> GtpU.check(m, at) < 0 ? null : FlowItem.Type.GTPU;
            default -> null;
        };
        if (type == null) {
            return 0;
        }
        if (type == FlowItem.Type.GENEVE) {
            SHORT.set(keys, key + FlowField.GENEVE_PROTOCOL.offset(), (short) Geneve.protocol(m, at));
        }
        // the identifier is the second word of each, of GTP-U all of it
        int second = m.getInt(at + 4);
        INT.set(keys, key + FlowField.VXLAN_VNI.offset(), type == FlowItem.Type.GTPU ? second : second >>> 8);
        return bit(type);
    }

    private static int gre(Mbuf m, int at, byte[] keys, int key) {
        if ((Gre.flags(m, at) & Gre.KEY_PRESENT) == 0) {
            return 0;
        }
        INT.set(keys, key + FlowField.GRE_KEY_VALUE.offset(), Gre.key(m, at));
        INT.set(keys, key + FlowField.NVGRE_TNI.offset(), Gre.key(m, at) >>> 8);
        return bit(FlowItem.Type.GRE_KEY) | (m.getInt(at) == NVGRE ? bit(FlowItem.Type.NVGRE) : 0);
    }

    /** Says that a tag came or went: the headers behind it lie elsewhere now. */
    static void moved(byte[] keys, int key, int bytes) {
        int headers = headers(keys, key);
        SHORT.set(keys, key + L3, (short) (l3(keys, key) + bytes));
        SHORT.set(keys, key + L4, (short) (l4(keys, key) + bytes));
        INT.set(keys, key + HEADERS, bytes > 0 ? headers | bit(FlowItem.Type.VLAN)
                : l3(keys, key) > Ethernet.LENGTH ? headers : headers & ~bit(FlowItem.Type.VLAN));
    }
}
