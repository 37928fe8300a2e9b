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
import dev.penstock.net.Ipv6Fragment;
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
 * there are left from the packet before; patterns ask for the header first. What is in a tunnel has a level of its own
 * behind that, of the same shape ({@link FlowInner}), when a rule asks for it.
 */
final class FlowKey {
    /** Bytes of a level. */
    static final int LENGTH = 88;
    /** Most levels: a packet in three tunnels. */
    static final int MAX_LEVELS = 4;
    /** Where the bits of the headers are, one for each {@link FlowItem.Type}. */
    static final int HEADERS = 0;
    /** There is a second tag. */
    static final int QINQ = 1 << 31;
    /** An IP packet lies in the IP packet. */
    static final int IP_IN_IP = 1 << 30;
    /** An IPv6 packet is a fragment. */
    static final int FRAGMENT = 1 << 29;
    /** Where the second tag is: its control information, and the EtherType behind it. */
    static final int SECOND_TCI = 80;
    static final int SECOND_INNER_TYPE = 82;
    /** Bytes of an NVGRE header, a GRE header with a key and nothing else, and what it begins with. */
    static final int NVGRE_LENGTH = 8;
    private static final int IPV4_IN_IP = 4;
    private static final int IPV6_IN_IP = 41;
    private static final int L2TPV3 = 115;
    private static final int PPPOE_SESSION = 0x8864;
    private static final int NVGRE = Gre.KEY_PRESENT << 16 | 0x6558;
    private static final int TCP_LENGTH = 20;
    private static final int TCP_FLAGS = 13;
    private static final int PPPOE_LENGTH = 8;
    private static final int VXLAN_GPE_PORT = 4790;
    private static final int GTPC_PORT = 2123;
    private static final int GTPC_LENGTH = 8;
    private static final int PDU_SESSION = 0x85;
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
     * @param length bytes of all its levels
     * @param wanted headers whose fields rules look at; of Ethernet, VLAN and IP only those are written
     */
    static void write(Mbuf m, byte[] keys, int key, int length, int wanted) {
        int outer = ethernet(m, 0, keys, key, wanted);
        headers(keys, key, FlowEdit.isStripped(m) && outer != 0 ? stripped(m, keys, key, outer) : outer);
        for (int level = LENGTH; level < length; level += LENGTH) {
            headers(keys, key + level, FlowInner.write(m, keys, key + level - LENGTH, wanted));
        }
    }

    private static void headers(byte[] keys, int key, int headers) {
        INT.set(keys, key + HEADERS, headers);
    }

    /** A tag that the port took off stands before those that are there; no third one is looked at, nor what is behind it. */
    private static int stripped(Mbuf m, byte[] keys, int key, int headers) {
        boolean another = (headers & bit(FlowItem.Type.VLAN)) != 0;
        if (another) {
            SHORT.set(keys, key + SECOND_TCI, (short) Vlan.tci(m, Ethernet.LENGTH));
            SHORT.set(keys, key + SECOND_INNER_TYPE, (short) Vlan.etherType(m, Ethernet.LENGTH));
        }
        SHORT.set(keys, key + FlowField.ETH_TYPE.offset(), (short) EtherType.VLAN);
        SHORT.set(keys, key + FlowField.VLAN_TCI.offset(), (short) m.vlanTci());
        SHORT.set(keys, key + FlowField.VLAN_INNER_TYPE.offset(), (short) Ethernet.etherType(m, 0));
        int tags = bit(FlowItem.Type.VLAN) | (another ? QINQ : 0);
        return (headers & QINQ) != 0 ? bit(FlowItem.Type.ETH) | tags : headers | tags;
    }

    /** Writes a level from an Ethernet header on; its headers. */
    static int ethernet(Mbuf m, int start, byte[] keys, int key, int wanted) {
        int at = start + Ethernet.LENGTH;
        if (m.dataLen() < at) {
            return 0;
        }
        int type = Ethernet.etherType(m, start);
        if ((wanted & bit(FlowItem.Type.ETH)) != 0) {
            LONG.set(keys, key + FlowField.ETH_DST.offset(), Ethernet.dst(m, start));
            LONG.set(keys, key + FlowField.ETH_SRC.offset(), Ethernet.src(m, start));
            SHORT.set(keys, key + FlowField.ETH_TYPE.offset(), (short) type);
        }
        int headers = bit(FlowItem.Type.ETH);
        if (Vlan.isTag(type) && m.dataLen() >= at + Vlan.LENGTH) {
            headers |= bit(FlowItem.Type.VLAN);
            SHORT.set(keys, key + FlowField.VLAN_TCI.offset(), (short) Vlan.tci(m, at));
            type = Vlan.etherType(m, at);
            SHORT.set(keys, key + FlowField.VLAN_INNER_TYPE.offset(), (short) type);
            at += Vlan.LENGTH;
            if (Vlan.isTag(type) && m.dataLen() >= at + Vlan.LENGTH) {
                headers |= QINQ;
                SHORT.set(keys, key + SECOND_TCI, (short) Vlan.tci(m, at));
                type = Vlan.etherType(m, at);
                SHORT.set(keys, key + SECOND_INNER_TYPE, (short) type);
                at += Vlan.LENGTH;
            }
        }
        return headers | network(m, type, at, keys, key, wanted);
    }

    /** Writes a level's part from what an EtherType leads to; its headers. */
    static int network(Mbuf m, int type, int at, byte[] keys, int key, int wanted) {
        SHORT.set(keys, key + L3, (short) at);
        return switch (type) {
            case EtherType.IPV4 -> ipv4(m, at, keys, key, wanted);
            case EtherType.IPV6 -> ipv6(m, at, keys, key, wanted);
            case EtherType.ARP -> arp(m, at, keys, key);
            case EtherType.MPLS -> mpls(m, at, keys, key);
            case PPPOE_SESSION -> pppoe(m, at, keys, key);
            default -> 0;
        };
    }

    private static int pppoe(Mbuf m, int at, byte[] keys, int key) {
        // version and type 1, code 0: session data (RFC 2516, section 4)
        if (m.dataLen() < at + PPPOE_LENGTH || m.getShort(at) != 0x1100) {
            return 0;
        }
        SHORT.set(keys, key + FlowField.PPPOES_SEID.offset(), m.getShort(at + 2));
        SHORT.set(keys, key + FlowField.PPPOE_PROTO_ID_PROTO_ID.offset(), m.getShort(at + 6));
        return bit(FlowItem.Type.PPPOES) | bit(FlowItem.Type.PPPOE_PROTO_ID);
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
        int rest = m.getByte(at + 2);
        keys[key + FlowField.MPLS_TC.offset()] = (byte) (rest >> 1 & 7);
        keys[key + FlowField.MPLS_S.offset()] = (byte) (rest & 1);
        return bit(FlowItem.Type.MPLS);
    }

    private static int ipv4(Mbuf m, int at, byte[] keys, int key, int wanted) {
        if (m.dataLen() < at + Ipv4.LENGTH || Ipv4.versionIhl(m, at) >>> 4 != 4 || Ipv4.headerLength(m, at) < Ipv4.LENGTH) {
            return 0;
        }
        if ((wanted & bit(FlowItem.Type.IPV4)) != 0) {
            keys[key + FlowField.IPV4_VERSION_IHL.offset()] = (byte) Ipv4.versionIhl(m, at);
            SHORT.set(keys, key + FlowField.IPV4_PACKET_ID.offset(), (short) Ipv4.id(m, at));
            keys[key + FlowField.IPV4_TOS.offset()] = (byte) Ipv4.tos(m, at);
            keys[key + FlowField.IPV4_TTL.offset()] = (byte) Ipv4.ttl(m, at);
            keys[key + FlowField.IPV4_PROTO.offset()] = (byte) Ipv4.protocol(m, at);
            SHORT.set(keys, key + FlowField.IPV4_FRAGMENT_OFFSET.offset(), (short) Ipv4.fragment(m, at));
            INT.set(keys, key + FlowField.IPV4_SRC.offset(), Ipv4.src(m, at));
            INT.set(keys, key + FlowField.IPV4_DST.offset(), Ipv4.dst(m, at));
        }
        boolean later = (Ipv4.fragment(m, at) & Ipv4.FRAGMENT_MASK) != 0;
        return bit(FlowItem.Type.IPV4)
                | (later ? 0 : transport(m, Ipv4.protocol(m, at), at + Ipv4.headerLength(m, at), keys, key, true));
    }

    private static int ipv6(Mbuf m, int at, byte[] keys, int key, int wanted) {
        if (m.dataLen() < at + Ipv6.LENGTH || m.getByte(at) >> 4 != 6) {
            return 0;
        }
        if ((wanted & bit(FlowItem.Type.IPV6)) != 0) {
            keys[key + FlowField.IPV6_TC.offset()] = (byte) (Ipv6.versionClassFlow(m, at) >>> 20);
            keys[key + FlowField.IPV6_HOP.offset()] = (byte) Ipv6.hopLimit(m, at);
            keys[key + FlowField.IPV6_PROTO.offset()] = (byte) Ipv6.nextHeader(m, at);
            INT.set(keys, key + FlowField.IPV6_FLOW.offset(), Ipv6.versionClassFlow(m, at) & 0xf_ffff);
            LONG.set(keys, key + FlowField.IPV6_SRC_HIGH.offset(), Ipv6.srcHigh(m, at));
            LONG.set(keys, key + FlowField.IPV6_SRC_LOW.offset(), Ipv6.srcLow(m, at));
            LONG.set(keys, key + FlowField.IPV6_DST_HIGH.offset(), Ipv6.dstHigh(m, at));
            LONG.set(keys, key + FlowField.IPV6_DST_LOW.offset(), Ipv6.dstLow(m, at));
        }
        long walked = Ipv6Extensions.walk(m, at + Ipv6.LENGTH, Ipv6.nextHeader(m, at));
        if (walked < 0) {
            return bit(FlowItem.Type.IPV6);
        }
        int behind = Ipv6Extensions.offset(walked);
        int fragment = Ipv6Extensions.isFragment(walked) ? FRAGMENT : 0;
        // as of IPv4, the first fragment has the transport header
        boolean later = fragment != 0 && (Ipv6Fragment.fragment(m, behind - Ipv6Fragment.LENGTH) & Ipv6Fragment.OFFSET_MASK) != 0;
        return bit(FlowItem.Type.IPV6) | fragment | (later ? 0 : transport(m, Ipv6Extensions.protocol(walked), behind, keys, key, false));
    }

    private static int transport(Mbuf m, int protocol, int at, byte[] keys, int key, boolean four) {
        SHORT.set(keys, key + L4, (short) at);
        if (protocol == IpProtocol.UDP && m.dataLen() >= at + Udp.LENGTH) {
            int ports = m.getInt(at);
            INT.set(keys, key + FlowField.UDP_SRC.offset(), ports);
            return bit(FlowItem.Type.UDP) | udp(m, ports & 0xffff, at + Udp.LENGTH, keys, key);
        }
        if (protocol == IpProtocol.TCP && m.dataLen() >= at + TCP_LENGTH) {
            INT.set(keys, key + FlowField.TCP_SRC.offset(), m.getInt(at));
            keys[key + FlowField.TCP_FLAGS.offset()] = m.getByte(at + TCP_FLAGS);
            return bit(FlowItem.Type.TCP);
        }
        return seldom(m, protocol, at, keys, key, four);
    }

    /** Protocols other than UDP and TCP. */
    private static int seldom(Mbuf m, int protocol, int at, byte[] keys, int key, boolean four) {
        FlowItem.Type type = switch (protocol) {
            case IpProtocol.SCTP -> FlowItem.Type.SCTP;
            case IpProtocol.ICMP -> four ? FlowItem.Type.ICMP : null;
            case IpProtocol.ICMPV6 -> four ? null : FlowItem.Type.ICMP6;
            case IpProtocol.GRE -> Gre.check(m, at) < 0 ? null : FlowItem.Type.GRE;
            case IpProtocol.ESP -> FlowItem.Type.ESP;
            case L2TPV3 -> FlowItem.Type.L2TPV3OIP;
            default -> null;
        };
        if (type == null) {
            return protocol == IPV4_IN_IP || protocol == IPV6_IN_IP ? IP_IN_IP : 0;
        }
        if (m.dataLen() < at + switch (type) {
            case SCTP -> 12;
            case GRE, ICMP6, L2TPV3OIP -> 4;
            default -> 8;
        }) {
            return 0;
        }
        boolean word = type == FlowItem.Type.ESP || type == FlowItem.Type.L2TPV3OIP;
        INT.set(keys, key + (word ? FlowField.ESP_SPI : FlowField.UDP_SRC).offset(), m.getInt(at));
        if (type == FlowItem.Type.SCTP) {
            INT.set(keys, key + FlowField.SCTP_TAG.offset(), m.getInt(at + 4));
            INT.set(keys, key + FlowField.SCTP_CKSUM.offset(), m.getInt(at + 8));
        }
        if (type == FlowItem.Type.ICMP) {
            INT.set(keys, key + FlowField.ICMP_IDENT.offset(), m.getInt(at + 4));
        }
        return bit(type) | (type == FlowItem.Type.GRE ? gre(m, at, keys, key) : 0);
    }

    /** What is over UDP. */
    private static int udp(Mbuf m, int port, int at, byte[] keys, int key) {
        return port == Vxlan.PORT || port == Geneve.PORT || port == GtpU.PORT || port == GTPC_PORT || port == VXLAN_GPE_PORT
                ? tunnel(m, port, at, keys, key) : 0;
    }

    private static int tunnel(Mbuf m, int port, int at, byte[] keys, int key) {
        FlowItem.Type type = switch (port) {
            case Vxlan.PORT -> Vxlan.check(m, at) < 0 ? null : FlowItem.Type.VXLAN;
            case Geneve.PORT -> Geneve.check(m, at) < 0 ? null : FlowItem.Type.GENEVE;
            case GtpU.PORT -> GtpU.check(m, at) < 0 ? null : FlowItem.Type.GTPU;
            case GTPC_PORT -> isGtpC(m, at) ? FlowItem.Type.GTPC : null;
            case VXLAN_GPE_PORT -> Vxlan.check(m, at) < 0 ? null : FlowItem.Type.VXLAN_GPE;
            default -> null;
        };
        if (type == null) {
            return 0;
        }
        if (type == FlowItem.Type.GENEVE) {
            SHORT.set(keys, key + FlowField.GENEVE_PROTOCOL.offset(), (short) Geneve.protocol(m, at));
            keys[key + FlowField.GENEVE_OPTLEN.offset()] = (byte) (m.getByte(at) & 0x3f);
        }
        // the identifier is the second word of each, of GTP all of it
        int second = m.getInt(at + 4);
        boolean gtp = type == FlowItem.Type.GTPU || type == FlowItem.Type.GTPC;
        INT.set(keys, key + FlowField.VXLAN_VNI.offset(), gtp ? second : second >>> 8);
        if (gtp) {
            keys[key + FlowField.GTPU_FLAGS.offset()] = m.getByte(at);
            keys[key + FlowField.GTPU_MSG_TYPE.offset()] = m.getByte(at + 1);
        } else if (type == FlowItem.Type.VXLAN) {
            keys[key + FlowField.VXLAN_LAST_RSVD.offset()] = (byte) second;
        }
        return bit(type) | (type == FlowItem.Type.GTPU ? session(m, at, keys, key) : 0);
    }

    /** Version 1, or version 2 with the flag of the tunnel endpoint identifier. */
    private static boolean isGtpC(Mbuf m, int at) {
        return m.dataLen() >= at + GTPC_LENGTH && ((m.getByte(at) & 0xe0) == 0x20 || (m.getByte(at) & 0xe8) == 0x48);
    }

    /** The PDU session container, when it is GTP-U's first extension header (3GPP TS 38.415, 5.5.2). */
    private static int session(Mbuf m, int at, byte[] keys, int key) {
        int extension = at + GtpU.OPTIONAL + 4;
        if ((GtpU.flags(m, at) & GtpU.EXTENSION_PRESENT) == 0 || (m.getByte(extension - 1) & 0xff) != PDU_SESSION
                || m.dataLen() < extension + 4) {
            return 0;
        }
        keys[key + FlowField.GTP_PSC_PDU_T.offset()] = (byte) ((m.getByte(extension + 1) & 0xff) >>> 4);
        keys[key + FlowField.GTP_PSC_QFI.offset()] = (byte) (m.getByte(extension + 2) & 0x3f);
        return bit(FlowItem.Type.GTP_PSC);
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
    static void moved(byte[] keys, int key, int length, int bytes) {
        for (int level = key; level < key + length; level += LENGTH) {
            SHORT.set(keys, level + L3, (short) (l3(keys, level) + bytes));
            SHORT.set(keys, level + L4, (short) (l4(keys, level) + bytes));
        }
        int headers = headers(keys, key);
        INT.set(keys, key + HEADERS, bytes > 0 ? headers | bit(FlowItem.Type.VLAN)
                : l3(keys, key) > Ethernet.LENGTH ? headers : headers & ~bit(FlowItem.Type.VLAN));
    }
}
