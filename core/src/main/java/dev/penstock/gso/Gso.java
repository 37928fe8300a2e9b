package dev.penstock.gso;

import dev.penstock.mbuf.Mbuf;
import dev.penstock.mbuf.MbufPool;
import dev.penstock.mbuf.OlFlags;
import dev.penstock.net.Checksum;
import dev.penstock.net.IpProtocol;
import dev.penstock.net.Ipv4;
import dev.penstock.net.Ipv6;
import dev.penstock.net.Tcp;

/**
 * Cuts a TCP or UDP packet over IPv4 or IPv6 into segments, as a device with such offloads does (DPDK: rte_gso_segment). What
 * to do stands in the packet: {@link OlFlags#TX_TCP_SEG} or {@link OlFlags#TX_UDP_SEG}, {@link OlFlags#TX_IPV4} or
 * {@link OlFlags#TX_IPV6}, the header lengths and {@link Mbuf#tsoSegsz}. UDP becomes datagrams (USO) when its header's length is
 * given, and fragments of one datagram (UFO) when that is 0.
 *
 * <p>Each segment is a copy with headers of its own: length, IPv4 identification counted on, sequence number, FIN and
 * PSH in the last one only, CWR (RFC 3168, section 6.1.2) in the first one only, and both checksums.
 */
public final class Gso {
    /** The packet is none that can be cut: its flags, its lengths or its headers contradict each other. */
    public static final int UNFIT = -1;
    /** The pool has too few packets for the segments. */
    public static final int NO_MBUF = -2;
    /** The segments are more than there is room for. */
    public static final int TOO_MANY = -3;

    private static final int MAX_IP = 65535;
    private static final int LAST_ONLY = Tcp.FIN | Tcp.PSH;
    static final long DONE = OlFlags.TX_TCP_SEG | OlFlags.TX_UDP_SEG | OlFlags.TX_IP_CKSUM | OlFlags.TX_L4_MASK | OlFlags.TX_IPV4 | OlFlags.TX_IPV6;

    private Gso() {}

    /**
     * Makes the segments. The packet stays as it is and with the caller.
     *
     * @param packet the packet, its headers in the first segment
     * @param pool where the segments come from; each is in one piece, so its data room must be large enough
     * @param to where they go, from index 0
     * @return how many, 1 or more; or {@link #UNFIT}, {@link #NO_MBUF}, {@link #TOO_MANY}, with nothing made
     */
    public static int segment(Mbuf packet, MbufPool pool, Mbuf[] to) {
        if (!isFit(packet, pool)) {
            return UNFIT;
        }
        if ((packet.olFlags() & OlFlags.TX_UDP_SEG) != 0) {
            return UdpGso.segment(packet, pool, to);
        }
        int headers = packet.l2Len() + packet.l3Len() + packet.l4Len();
        int size = packet.tsoSegsz();
        int count = Math.max(1, (packet.pktLen() - headers + size - 1) / size);
        if (count > to.length) {
            return TOO_MANY;
        }
        for (int i = 0; i < count; i++) {
            Mbuf m = packet.copy(pool, headers + i * size, size);
            if (m == null) {
                Mbuf.freeBulk(to, 0, i);
                return NO_MBUF;
            }
            to[i] = m;
            m.prepend(headers);
            m.write(0, packet, 0, headers);
            finish(m, i, count, size);
        }
        return count;
    }

    /**
     * Whether {@link #segment} can cut a packet, as far as that lies in the packet.
     *
     * @param m the packet
     * @param pool where the segments are to come from
     * @return false when its flags, its lengths or its headers contradict each other, or a segment is longer than the pool's packets
     */
    public static boolean isFit(Mbuf m, MbufPool pool) {
        return ((m.olFlags() & OlFlags.TX_UDP_SEG) != 0 ? UdpGso.fits(m) : fits(m)) && m.tsoSegsz() <= pool.dataRoom() - Mbuf.HEADROOM;
    }

    private static boolean fits(Mbuf m) {
        long flags = m.olFlags();
        boolean v4 = (flags & OlFlags.TX_IPV4) != 0;
        int ip = m.l2Len();
        int l4 = ip + m.l3Len();
        int headers = l4 + m.l4Len();
        if ((flags & OlFlags.TX_TCP_SEG) == 0 || (flags & OlFlags.TX_TUNNEL_MASK) != 0 || v4 == ((flags & OlFlags.TX_IPV6) != 0)) {
            return false;
        }
        if (m.l3Len() < (v4 ? Ipv4.LENGTH : Ipv6.LENGTH) || m.l4Len() < Tcp.LENGTH || headers > Math.min(m.dataLen(), Mbuf.HEADROOM)) {
            return false;
        }
        if (v4 ? Ipv4.headerLength(m, ip) != m.l3Len() || Ipv4.protocol(m, ip) != IpProtocol.TCP
                : m.l3Len() == Ipv6.LENGTH && Ipv6.nextHeader(m, ip) != IpProtocol.TCP) {
            return false;
        }
        return Tcp.headerLength(m, l4) == m.l4Len() && m.tsoSegsz() > 0 && headers - ip + m.tsoSegsz() <= MAX_IP;
    }

    private static void finish(Mbuf m, int index, int count, int size) {
        int ip = m.l2Len();
        int l4 = ip + m.l3Len();
        boolean v4 = (m.olFlags() & OlFlags.TX_IPV4) != 0;
        Tcp.seq(m, l4, Tcp.seq(m, l4) + (long) index * size & 0xffff_ffffL);
        int flags = Tcp.flags(m, l4);
        flags = index < count - 1 ? flags & ~LAST_ONLY : flags;
        Tcp.flags(m, l4, index > 0 ? flags & ~Tcp.CWR : flags);
        if (v4) {
            Ipv4.totalLength(m, ip, m.pktLen() - ip);
            Ipv4.id(m, ip, Ipv4.id(m, ip) + index & 0xffff);
            Ipv4.checksum(m, ip, Checksum.ipv4(m, ip));
            Tcp.checksum(m, l4, Checksum.udpTcpIpv4(m, ip, l4));
        } else {
            Ipv6.payloadLength(m, ip, m.pktLen() - ip - Ipv6.LENGTH);
            Tcp.checksum(m, l4, Checksum.ipv6(m, ip, IpProtocol.TCP, l4));
        }
        m.olFlags(m.olFlags() & ~DONE);
    }
}
