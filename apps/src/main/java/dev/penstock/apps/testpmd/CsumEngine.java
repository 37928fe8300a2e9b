package dev.penstock.apps.testpmd;

import dev.penstock.gso.Gso;
import dev.penstock.mbuf.HeaderLengths;
import dev.penstock.mbuf.Mbuf;
import dev.penstock.mbuf.OlFlags;
import dev.penstock.net.Checksum;
import dev.penstock.net.Crc;
import dev.penstock.net.EtherType;
import dev.penstock.net.Ethernet;
import dev.penstock.net.IpProtocol;
import dev.penstock.net.Ipv4;
import dev.penstock.net.Ipv6;
import dev.penstock.net.PacketLengths;
import dev.penstock.net.PacketType;
import dev.penstock.net.Sctp;
import dev.penstock.net.Tcp;
import dev.penstock.net.Udp;
import dev.penstock.net.Vlan;

/**
 * Computes the checksums of IPv4, UDP, TCP and SCTP anew, or asks the device to. Packets whose headers do not
 * fit them, and fragments above IP, pass as they are.
 */
final class CsumEngine extends Engine {
    private static final long KEPT = OlFlags.INDIRECT | OlFlags.EXTERNAL;
    /** Flags that more is to be done for than to write checksums. */
    private static final long SPECIAL = KEPT | OlFlags.RX_IP_CKSUM_BAD | OlFlags.RX_L4_CKSUM_BAD
            | OlFlags.RX_OUTER_IP_CKSUM_BAD | OlFlags.RX_OUTER_L4_CKSUM_BAD;

    private final Mbuf[] segments = new Mbuf[Stream.MAX_BURST];
    private final Mbuf[] cut = new Mbuf[Stream.MAX_BURST];
    private final PacketLengths lengths = new PacketLengths();

    @Override
    int forward(Stream s) {
        int n = s.receive();
        if (n != 0) {
            CsumPlan plan = s.csum;
            Mbuf[] packets = s.packets;
            int left = n;
            if (s.gro != null) {
                left = s.gro.merge(packets, 0, n);
                s.merged += n - left;
            }
            if (plan.plain) {
                plain(s, packets, left);
            } else {
                for (int i = 0; i < left; i++) {
                    if (plan.addresses) {
                        MacEngine.address(packets[i], s.dstMac, s.srcMac);
                    }
                    one(s, packets[i]);
                }
            }
            if (plan.cutSize != 0) {
                cut(s, left);
            } else {
                send(s, s.packets, left);
            }
        }
        return n;
    }

    /** Most packets in one loop of few instructions, the others one by one. */
    private void plain(Stream s, Mbuf[] packets, int n) {
        boolean addresses = s.csum.addresses;
        long dst = s.dstMac;
        long src = s.srcMac;
        for (int i = 0; i < n; i++) {
            Mbuf m = packets[i];
            if (addresses) {
                MacEngine.address(m, dst, src);
            }
            long flags = m.olFlags();
            if ((flags & SPECIAL) == 0 && Checksum.writeIpv4UdpTcp(m, Ethernet.LENGTH)) {
                m.olFlags(OlFlags.TX_IPV4);
            } else if (flags != 0 || hasMore(m)) {
                one(s, m);
            }
        }
    }

    /** Whether there may be checksums in what is behind the Ethernet header. */
    private static boolean hasMore(Mbuf m) {
        if (m.dataLen() < Ethernet.LENGTH + Ipv4.LENGTH) {
            return false;
        }
        int type = Ethernet.etherType(m, 0);
        return type == EtherType.IPV4 || type == EtherType.IPV6 || Vlan.isTag(type);
    }

    private void one(Stream s, Mbuf m) {
        long flags = m.olFlags();
        if (flags != 0) {
            countBad(s, flags);
        }
        if (hasMore(m)) {
            process(s.csum, m, flags, Ethernet.etherType(m, 0));
        }
    }

    private static void send(Stream s, Mbuf[] packets, int n) {
        int ready = n;
        if (s.csum.any) {
            ready = s.tx.txPrepare(s.txQueue, packets, 0, n);
            if (ready < n) {
                s.dropped += n - ready;
                s.unprepared += n - ready;
                Mbuf.freeBulk(packets, ready, n - ready);
            }
        }
        s.send(packets, ready);
    }

    /** Sends segments in place of the packets that are too long. */
    private void cut(Stream s, int n) {
        int count = 0;
        for (int i = 0; i < n; i++) {
            Mbuf m = s.packets[i];
            int made = (m.olFlags() & OlFlags.TX_TCP_SEG) == 0 ? 0 : Gso.segment(m, s.pool, segments);
            if (made < 0) {
                s.dropped++;
                s.unprepared++;
                m.free();
                continue;
            }
            if (count + Math.max(1, made) > cut.length) {
                send(s, cut, count);
                count = 0;
            }
            if (made == 0) {
                cut[count++] = m;
            } else {
                System.arraycopy(segments, 0, cut, count, made);
                count += made;
                s.generated += made - 1;
                m.free();
            }
        }
        send(s, cut, count);
    }

    private static void countBad(Stream s, long flags) {
        if ((flags & OlFlags.RX_IP_CKSUM_MASK) == OlFlags.RX_IP_CKSUM_BAD) {
            s.badIpCksum++;
        }
        if ((flags & OlFlags.RX_L4_CKSUM_MASK) == OlFlags.RX_L4_CKSUM_BAD) {
            s.badL4Cksum++;
        }
        if ((flags & OlFlags.RX_OUTER_L4_CKSUM_BAD) != 0) {
            s.badOuterL4Cksum++;
        }
        if ((flags & OlFlags.RX_OUTER_IP_CKSUM_BAD) != 0) {
            s.badOuterIpCksum++;
        }
    }

    private void process(CsumPlan plan, Mbuf m, long rxFlags, int etherType) {
        int end = m.dataLen();
        int type = etherType;
        int at = Ethernet.LENGTH;
        while (Vlan.isTag(type) && at + Vlan.LENGTH <= end) {
            type = Vlan.etherType(m, at);
            at += Vlan.LENGTH;
        }
        if (type == EtherType.IPV4 && plan.plain && Checksum.writeIpv4UdpTcp(m, at)) {
            m.olFlags(rxFlags & KEPT | OlFlags.TX_IPV4);
            return;
        }
        if (type != EtherType.IPV4 && type != EtherType.IPV6) {
            return;
        }
        if (plan.tunnels && tunnel(plan, m, rxFlags)) {
            return;
        }
        long flags = type == EtherType.IPV4 ? ipv4(plan, m, at, at, true) : ipv6(plan, m, at, at, true);
        m.olFlags(rxFlags & KEPT | flags);
    }

    /**
     * The checksums from an IPv4 header on.
     *
     * @param l2 what the device is told as length before the header
     * @param cuts whether a long TCP packet may be cut; not in a tunnel
     * @return flags for the device
     */
    private static long ipv4(CsumPlan plan, Mbuf m, int ip, int l2, boolean cuts) {
        int header = Ipv4.check(m, ip);
        if (header < 0) {
            return 0;
        }
        long flags = OlFlags.TX_IPV4;
        if (plan.ip) {
            flags |= OlFlags.TX_IP_CKSUM;
        } else {
            Ipv4.checksum(m, ip, Checksum.ipv4(m, ip));
        }
        int l4 = 0;
        if (!Ipv4.isFragment(m, ip)) {
            int protocol = Ipv4.protocol(m, ip);
            int length = Ipv4.totalLength(m, ip) - header;
            l4 = protocol == IpProtocol.TCP || protocol == IpProtocol.UDP ? 1 : 0;
            flags |= l4(plan, m, ip, ip + header, protocol, length, true);
        }
        if (plan.any) {
            m.txOffload(HeaderLengths.pack(l2, header, l4 == 0 ? 0 : l4Length(m, ip + header, Ipv4.protocol(m, ip)), 0, 0, 0));
            if (cuts && segmented(plan, m, ip + header, l4 == 0 ? 0 : Ipv4.protocol(m, ip), Ipv4.totalLength(m, ip) - header)) {
                flags |= OlFlags.TX_TCP_SEG | OlFlags.TX_TCP_CKSUM | OlFlags.TX_IP_CKSUM;
            }
        }
        return flags;
    }

    private static long ipv6(CsumPlan plan, Mbuf m, int ip, int l2, boolean cuts) {
        if (Ipv6.check(m, ip) < 0) {
            return 0;
        }
        int protocol = Ipv6.nextHeader(m, ip);
        int l4 = ip + Ipv6.LENGTH;
        long flags = OlFlags.TX_IPV6 | l4(plan, m, ip, l4, protocol, Ipv6.payloadLength(m, ip), false);
        if (plan.any) {
            m.txOffload(HeaderLengths.pack(l2, Ipv6.LENGTH, l4Length(m, l4, protocol), 0, 0, 0));
            if (cuts && segmented(plan, m, l4, protocol, Ipv6.payloadLength(m, ip))) {
                flags |= OlFlags.TX_TCP_SEG | OlFlags.TX_TCP_CKSUM;
            }
        }
        return flags;
    }

    /** Asks the device to cut a TCP packet with more payload than a segment is to have; false for all others. */
    private static boolean segmented(CsumPlan plan, Mbuf m, int l4, int protocol, int length) {
        if (protocol != IpProtocol.TCP || l4 + Tcp.LENGTH > m.dataLen()) {
            return false;
        }
        int headers = l4 + Tcp.headerLength(m, l4);
        int most = plan.cutSize != 0 ? plan.cutSize - headers : plan.segmentSize;
        if (most <= 0 || length - Tcp.headerLength(m, l4) <= most) {
            return false;
        }
        m.tsoSegsz(most);
        return true;
    }

    private static int l4Length(Mbuf m, int l4, int protocol) {
        if (protocol == IpProtocol.UDP) {
            return Udp.LENGTH;
        }
        return protocol == IpProtocol.TCP && l4 + Tcp.LENGTH <= m.dataLen() ? Tcp.headerLength(m, l4) : 0;
    }

    private static long l4(CsumPlan plan, Mbuf m, int ip, int l4, int protocol, int length, boolean v4) {
        switch (protocol) {
            case IpProtocol.UDP -> {
                if (length >= Udp.LENGTH && l4 + Udp.LENGTH <= m.dataLen() && Udp.checksum(m, l4) != 0) {
                    if (plan.udp) {
                        return OlFlags.TX_UDP_CKSUM;
                    }
                    Udp.checksum(m, l4, v4 ? Checksum.udpTcpIpv4(m, ip, l4) : Checksum.ipv6(m, ip, protocol, l4));
                }
            }
            case IpProtocol.TCP -> {
                if (length >= Tcp.LENGTH && l4 + Tcp.LENGTH <= m.dataLen()) {
                    if (plan.tcp) {
                        return OlFlags.TX_TCP_CKSUM;
                    }
                    Tcp.checksum(m, l4, v4 ? Checksum.udpTcpIpv4(m, ip, l4) : Checksum.ipv6(m, ip, protocol, l4));
                }
            }
            case IpProtocol.SCTP -> {
                if (length >= Sctp.LENGTH && l4 + length <= m.dataLen()) {
                    if (plan.sctp && (length & 3) == 0) {
                        return OlFlags.TX_SCTP_CKSUM;
                    }
                    Sctp.checksum(m, l4, (int) Crc.sctp(m, l4, length));
                }
            }
            default -> { }
        }
        return 0;
    }

    /** Inner checksums first, then the outer ones, which cover them; false when it is no tunnel with IP inside. */
    private boolean tunnel(CsumPlan plan, Mbuf m, long rxFlags) {
        int type = PacketType.parse(m, lengths);
        int innerL3 = type & PacketType.INNER_L3_MASK;
        if ((type & PacketType.TUNNEL_MASK) == 0 || innerL3 == 0) {
            return false;
        }
        int outer = lengths.l2Len();
        int outerL4 = outer + lengths.l3Len();
        int inner = outerL4 + lengths.innerL2Len();
        boolean v6 = innerL3 == PacketType.INNER_L3_IPV6 || innerL3 == PacketType.INNER_L3_IPV6_EXT;
        boolean outerHw = plan.outerIp || plan.outerUdp;
        int l2 = outerHw ? inner - outerL4 : inner;
        long flags = rxFlags & KEPT | (v6 ? ipv6(plan, m, inner, l2, false) : ipv4(plan, m, inner, l2, false)) | tunnelFlag(type);
        if (outerHw) {
            m.outerL2Len(outer);
            m.outerL3Len(lengths.l3Len());
        }
        m.olFlags(flags | outer(plan, m, outer, outerL4, type));
        return true;
    }

    private static long outer(CsumPlan plan, Mbuf m, int ip, int l4, int type) {
        boolean v4 = (type & PacketType.L3_MASK) == PacketType.L3_IPV4 || (type & PacketType.L3_MASK) == PacketType.L3_IPV4_EXT;
        long flags = v4 ? OlFlags.TX_OUTER_IPV4 : OlFlags.TX_OUTER_IPV6;
        if (v4 && plan.outerIp) {
            flags |= OlFlags.TX_OUTER_IP_CKSUM;
        } else if (v4) {
            Ipv4.checksum(m, ip, Checksum.ipv4(m, ip));
        }
        int protocol = v4 ? Ipv4.protocol(m, ip) : Ipv6.nextHeader(m, ip);
        if (protocol != IpProtocol.UDP || Udp.check(m, l4) < 0) {
            return flags;
        }
        if (plan.outerUdp) {
            return flags | OlFlags.TX_OUTER_UDP_CKSUM;
        }
        if (Udp.checksum(m, l4) != 0) {
            Udp.checksum(m, l4, v4 ? Checksum.udpTcpIpv4(m, ip, l4) : Checksum.ipv6(m, ip, protocol, l4));
        }
        return flags;
    }

    private static long tunnelFlag(int type) {
        return switch (type & PacketType.TUNNEL_MASK) {
            case PacketType.TUNNEL_VXLAN -> OlFlags.TX_TUNNEL_VXLAN;
            case PacketType.TUNNEL_GENEVE -> OlFlags.TX_TUNNEL_GENEVE;
            case PacketType.TUNNEL_GTPU -> OlFlags.TX_TUNNEL_GTP;
            case PacketType.TUNNEL_IP -> OlFlags.TX_TUNNEL_IPIP;
            default -> OlFlags.TX_TUNNEL_GRE;
        };
    }
}
