package dev.penstock.vswitch;

import dev.penstock.gso.Gso;
import dev.penstock.mbuf.Mbuf;
import dev.penstock.mbuf.MbufPool;
import dev.penstock.mbuf.OlFlags;
import dev.penstock.net.Checksum;
import dev.penstock.net.IpProtocol;
import dev.penstock.net.Ipv4;
import dev.penstock.net.Ipv6;
import dev.penstock.net.Tcp;
import dev.penstock.net.Udp;

/**
 * Packets that a machine sent with the checksum or the segmentation left to others. They pass through the switch so, and the
 * port that they leave by, or its peer, does it. What such a packet says of itself is checked once, where it comes in.
 */
final class Offloads {
    /** Segments of one packet at most. */
    static final int MAX_SEGMENTS = 256;

    private static final long UNDONE = OlFlags.TX_L4_MASK | OlFlags.TX_TCP_SEG | OlFlags.TX_UDP_SEG;
    private static final long SUMS = OlFlags.TX_L4_MASK | OlFlags.TX_IPV4 | OlFlags.TX_IPV6;

    private Offloads() {}

    static boolean isUndone(Mbuf m) {
        return (m.olFlags() & UNDONE) != 0;
    }

    static boolean isWhole(Mbuf m) {
        return (m.olFlags() & (OlFlags.TX_TCP_SEG | OlFlags.TX_UDP_SEG)) != 0;
    }

    /** As how many a packet counts: as those that it is to be cut into. */
    static int packets(Mbuf m) {
        return isWhole(m) ? Math.max(1, Math.ceilDiv(m.pktLen() - m.l2Len() - m.l3Len() - m.l4Len(), Math.max(1, size(m)))) : 1;
    }

    private static int size(Mbuf m) {
        return m.l4Len() == 0 ? m.tsoSegsz() & -8 : m.tsoSegsz();
    }

    /** Whether what is left undone can be done. */
    static boolean isSound(Mbuf m, MbufPool pool) {
        long flags = m.olFlags();
        int ip = m.l2Len();
        int l4 = ip + m.l3Len();
        boolean v4 = (flags & OlFlags.TX_IPV4) != 0;
        boolean tcp = (flags & OlFlags.TX_L4_MASK) == OlFlags.TX_TCP_CKSUM;
        if (l4 + (tcp ? Tcp.LENGTH : Udp.LENGTH) > m.dataLen()
                || m.l3Len() < (v4 ? Ipv4.LENGTH : Ipv6.LENGTH) || v4 && Ipv4.headerLength(m, ip) != m.l3Len()) {
            return false;
        }
        if (isWhole(m)) {
            return Gso.isFit(m, pool) && m.pktLen() - l4 - m.l4Len() <= (long) size(m) * MAX_SEGMENTS;
        }
        int end = v4 ? ip + Ipv4.totalLength(m, ip) : ip + Ipv6.LENGTH + Ipv6.payloadLength(m, ip);
        return end <= m.pktLen() && l4 + (tcp ? Tcp.LENGTH : Udp.LENGTH) <= end;
    }

    /** Computes the checksum of a sound packet that is not to be cut. */
    static void finish(Mbuf m) {
        long flags = m.olFlags();
        int ip = m.l2Len();
        int l4 = ip + m.l3Len();
        boolean tcp = (flags & OlFlags.TX_L4_MASK) == OlFlags.TX_TCP_CKSUM;
        int sum = (flags & OlFlags.TX_IPV4) != 0 ? Checksum.udpTcpIpv4(m, ip, l4)
                : Checksum.ipv6(m, ip, tcp ? IpProtocol.TCP : IpProtocol.UDP, l4);
        if (tcp) {
            Tcp.checksum(m, l4, sum);
        } else {
            Udp.checksum(m, l4, sum);
        }
        m.olFlags(flags & ~SUMS);
    }
}
