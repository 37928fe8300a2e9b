package dev.penstock.ethdev;

import dev.penstock.mbuf.Mbuf;
import dev.penstock.mbuf.OlFlags;
import dev.penstock.net.Checksum;
import dev.penstock.net.Crc;
import dev.penstock.net.EtherType;
import dev.penstock.net.IpProtocol;
import dev.penstock.net.Ipv4;
import dev.penstock.net.Ipv6;
import dev.penstock.net.Sctp;
import dev.penstock.net.Tcp;
import dev.penstock.net.Udp;
import dev.penstock.net.Vlan;

/**
 * Does on packets to be sent what the device can't: checksums, VLAN tags, joining of segments. It asks the
 * packet's flags and lengths, as a device would (DPDK: RTE_MBUF_F_TX_*), and stops before a packet that it
 * can't serve: one whose lengths do not fit it, without room for a tag, or whose data others show too.
 */
final class SoftwareTx implements TxCallback {
    private static final long CHECKSUMS = OlFlags.TX_IP_CKSUM | OlFlags.TX_L4_MASK;

    private final boolean join;
    private final boolean tag;
    private final boolean checksums;

    SoftwareTx(long wanted) {
        join = (wanted & TxOffload.MULTI_SEGS) != 0;
        tag = (wanted & TxOffload.VLAN_INSERT) != 0;
        checksums = (wanted & ~(TxOffload.MULTI_SEGS | TxOffload.VLAN_INSERT)) != 0;
    }

    @Override
    public int transmitting(Port port, int queue, Mbuf[] packets, int from, int n) {
        for (int i = 0; i < n; i++) {
            Mbuf m = packets[from + i];
            // what is cut into segments afterwards is copied and summed then
            boolean whole = (m.olFlags() & (OlFlags.TX_TCP_SEG | OlFlags.TX_UDP_SEG)) == 0;
            if (join && whole && m.nbSegs() > 1 && !m.linearize()) {
                return i;
            }
            if (checksums && whole && (m.olFlags() & CHECKSUMS) != 0 && !checksum(m)) {
                return i;
            }
            if (tag && (m.olFlags() & OlFlags.TX_VLAN) != 0 && !insert(m)) {
                return i;
            }
        }
        return n;
    }

    private static boolean insert(Mbuf m) {
        if (m.dataLen() < 12 || !m.isDirect() || m.refCnt() != 1 || !m.prepend(Vlan.LENGTH)) {
            return false;
        }
        m.putLongNative(0, m.getLongNative(4));
        m.putIntNative(8, m.getIntNative(12));
        m.putShort(12, (short) EtherType.VLAN);
        m.putShort(14, (short) m.vlanTci());
        m.olFlags(m.olFlags() & ~OlFlags.TX_VLAN);
        m.l2Len(m.l2Len() == 0 ? 0 : m.l2Len() + Vlan.LENGTH);
        return true;
    }

    private static boolean checksum(Mbuf m) {
        long flags = m.olFlags();
        int ip = m.l2Len();
        int l4 = ip + m.l3Len();
        boolean v4 = (flags & OlFlags.TX_IPV4) != 0 || (flags & OlFlags.TX_IP_CKSUM) != 0;
        int header = v4 ? Ipv4.LENGTH : Ipv6.LENGTH;
        if (m.l3Len() < header || l4 > m.dataLen() || v4 && Ipv4.headerLength(m, ip) != m.l3Len()) {
            return false;
        }
        long kind = flags & OlFlags.TX_L4_MASK;
        if (kind != 0) {
            int end = v4 ? ip + Ipv4.totalLength(m, ip) : ip + Ipv6.LENGTH + Ipv6.payloadLength(m, ip);
            if (end > m.pktLen() || !l4(m, kind, v4, ip, l4, end)) {
                return false;
            }
        }
        if ((flags & OlFlags.TX_IP_CKSUM) != 0) {
            Ipv4.checksum(m, ip, Checksum.ipv4(m, ip));
        }
        m.olFlags(flags & ~CHECKSUMS);
        return true;
    }

    private static boolean l4(Mbuf m, long kind, boolean v4, int ip, int l4, int end) {
        int need = kind == OlFlags.TX_UDP_CKSUM ? Udp.LENGTH : kind == OlFlags.TX_TCP_CKSUM ? Tcp.LENGTH : Sctp.LENGTH;
        if (l4 + need > m.dataLen() || l4 + need > end) {
            return false;
        }
        if (kind == OlFlags.TX_SCTP_CKSUM) {
            if (end > m.dataLen()) {
                return false;
            }
            Sctp.checksum(m, l4, (int) Crc.sctp(m, l4, end - l4));
            return true;
        }
        boolean udp = kind == OlFlags.TX_UDP_CKSUM;
        int sum = v4 ? Checksum.udpTcpIpv4(m, ip, l4) : Checksum.ipv6(m, ip, udp ? IpProtocol.UDP : IpProtocol.TCP, l4);
        if (sum < 0) {
            return false;
        }
        if (udp) {
            Udp.checksum(m, l4, sum);
        } else {
            Tcp.checksum(m, l4, sum);
        }
        return true;
    }
}
