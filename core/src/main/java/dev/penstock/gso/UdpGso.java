package dev.penstock.gso;

import dev.penstock.mbuf.Mbuf;
import dev.penstock.mbuf.MbufPool;
import dev.penstock.mbuf.OlFlags;
import dev.penstock.net.Checksum;
import dev.penstock.net.IpProtocol;
import dev.penstock.net.Ipv4;
import dev.penstock.net.Ipv6;
import dev.penstock.net.Ipv6Fragment;
import dev.penstock.net.Udp;
import java.util.concurrent.ThreadLocalRandom;

/** {@link Gso} of UDP: into datagrams, each with a header of its own, or into the IP fragments of one. */
final class UdpGso {
    /** Fragments begin at multiples of this (RFC 791, section 3.1). */
    private static final int FRAGMENT_UNIT = 8;
    private static final int MAX_IP = 65535;

    private UdpGso() {}

    static boolean fits(Mbuf m) {
        long flags = m.olFlags();
        boolean v4 = (flags & OlFlags.TX_IPV4) != 0;
        int ip = m.l2Len();
        int l4 = ip + m.l3Len();
        if ((flags & (OlFlags.TX_TUNNEL_MASK | OlFlags.TX_TCP_SEG)) != 0 || v4 == ((flags & OlFlags.TX_IPV6) != 0)
                || m.l4Len() != 0 && m.l4Len() != Udp.LENGTH) {
            return false;
        }
        // options and extensions would have to be told apart: those for each fragment, and those for the first
        if (m.l3Len() != (v4 ? Ipv4.LENGTH : Ipv6.LENGTH) || l4 + Udp.LENGTH > Math.min(m.dataLen(), Mbuf.HEADROOM - Ipv6Fragment.LENGTH)
                || m.pktLen() - ip > MAX_IP) {
            return false;
        }
        if (v4 ? Ipv4.headerLength(m, ip) != Ipv4.LENGTH || Ipv4.protocol(m, ip) != IpProtocol.UDP || Ipv4.isFragment(m, ip)
                : Ipv6.nextHeader(m, ip) != IpProtocol.UDP) {
            return false;
        }
        return m.tsoSegsz() >= FRAGMENT_UNIT && l4 - ip + Udp.LENGTH + m.tsoSegsz() <= MAX_IP;
    }

    static int segment(Mbuf packet, MbufPool pool, Mbuf[] to) {
        boolean datagrams = packet.l4Len() != 0;
        int headers = packet.l2Len() + packet.l3Len() + packet.l4Len();
        int size = datagrams ? packet.tsoSegsz() : packet.tsoSegsz() & -FRAGMENT_UNIT;
        int count = Math.max(1, (packet.pktLen() - headers + size - 1) / size);
        if (count > to.length) {
            return Gso.TOO_MANY;
        }
        for (int i = 0; i < count; i++) {
            Mbuf m = packet.copy(pool, headers + i * size, size);
            if (m == null) {
                Mbuf.freeBulk(to, 0, i);
                return Gso.NO_MBUF;
            }
            to[i] = m;
        }
        if (datagrams) {
            datagrams(packet, to, count);
        } else {
            fragments(packet, to, count, size);
        }
        return count;
    }

    private static void datagrams(Mbuf packet, Mbuf[] to, int count) {
        int ip = packet.l2Len();
        int l4 = ip + packet.l3Len();
        boolean v4 = (packet.olFlags() & OlFlags.TX_IPV4) != 0;
        for (int i = 0; i < count; i++) {
            Mbuf m = to[i];
            m.prepend(l4 + Udp.LENGTH);
            m.write(0, packet, 0, l4 + Udp.LENGTH);
            Udp.length(m, l4, m.pktLen() - l4);
            if (v4) {
                Ipv4.id(m, ip, Ipv4.id(packet, ip) + i & 0xffff);
            }
            length(m, ip, v4);
            Udp.checksum(m, l4, v4 ? Checksum.udpTcpIpv4(m, ip, l4) : Checksum.ipv6(m, ip, IpProtocol.UDP, l4));
            m.olFlags(m.olFlags() & ~Gso.DONE);
        }
    }

    private static void length(Mbuf m, int ip, boolean v4) {
        if (v4) {
            Ipv4.totalLength(m, ip, m.pktLen() - ip);
            Ipv4.checksum(m, ip, Checksum.ipv4(m, ip));
        } else {
            Ipv6.payloadLength(m, ip, m.pktLen() - ip - Ipv6.LENGTH);
        }
    }

    /** The checksum is that of the whole datagram and stands in the first fragment (RFC 791, section 3.2; RFC 8200, section 4.5). */
    private static void fragments(Mbuf packet, Mbuf[] to, int count, int size) {
        int ip = packet.l2Len();
        int l4 = ip + packet.l3Len();
        boolean v4 = (packet.olFlags() & OlFlags.TX_IPV4) != 0;
        int length = packet.pktLen() - l4;
        int pseudo = v4 ? Checksum.pseudoIpv4(packet, ip, length) : Checksum.pseudoIpv6(packet, ip, IpProtocol.UDP, length);
        // what stands in the checksum's place is not to be counted
        int sum = Checksum.raw(packet, l4, length) + (~Udp.checksum(packet, l4) & 0xffff) + pseudo;
        sum = (sum & 0xffff) + (sum >>> 16);
        sum = (sum & 0xffff) + (sum >>> 16);
        int checksum = ~sum & 0xffff;
        int id = v4 ? 0 : ThreadLocalRandom.current().nextInt();
        for (int i = 0; i < count; i++) {
            Mbuf m = to[i];
            if (i == 0) {
                Udp.length(m, 0, length);
                Udp.checksum(m, 0, checksum == 0 ? 0xffff : checksum);
            }
            int offset = i * size;
            boolean last = i == count - 1;
            if (v4) {
                m.prepend(l4);
                m.write(0, packet, 0, l4);
                if (count > 1) {
                    Ipv4.fragment(m, ip, offset / FRAGMENT_UNIT | (last ? 0 : Ipv4.MORE_FRAGMENTS));
                }
            } else {
                int header = count > 1 ? Ipv6Fragment.LENGTH : 0;
                m.prepend(l4 + header);
                m.write(0, packet, 0, l4);
                if (header != 0) {
                    Ipv6.nextHeader(m, ip, IpProtocol.FRAGMENT);
                    Ipv6Fragment.write(m, l4, IpProtocol.UDP, offset | (last ? 0 : Ipv6Fragment.MORE_FRAGMENTS), id);
                }
            }
            length(m, ip, v4);
            m.olFlags(m.olFlags() & ~Gso.DONE);
        }
    }
}
