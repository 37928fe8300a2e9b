package dev.penstock.ethdev;

import dev.penstock.mbuf.Mbuf;
import dev.penstock.mbuf.OlFlags;
import dev.penstock.net.Checksum;
import dev.penstock.net.Crc;
import dev.penstock.net.Ethernet;
import dev.penstock.net.EtherType;
import dev.penstock.net.IpProtocol;
import dev.penstock.net.Ipv4;
import dev.penstock.net.Ipv6;
import dev.penstock.net.PacketLengths;
import dev.penstock.net.PacketType;
import dev.penstock.net.Vlan;
import java.util.Arrays;
import java.util.List;

/** Does on received packets what the device could not: VLAN filter and strip, packet type, checksums, hash. */
final class SoftwareRx implements RxCallback {
    /** What needs to know the headers. */
    private static final long PARSED = RxOffload.IPV4_CKSUM | RxOffload.UDP_CKSUM | RxOffload.TCP_CKSUM
            | RxOffload.SCTP_CKSUM | RxOffload.RSS_HASH;

    private final PacketLengths lengths = new PacketLengths();
    private final long wanted;
    private final Filters filters;
    private final Rss rss;
    private long filtered;

    SoftwareRx(long wanted, Filters filters, Rss rss) {
        this.wanted = wanted;
        this.filters = filters;
        this.rss = rss;
    }

    /** Goes on counting where another stopped. */
    void resume(SoftwareRx before) {
        filtered = before.filtered;
    }

    /** Packets dropped because their VLAN is not in the filter, while there is one. */
    @Override
    public List<Xstat> xstats() {
        return (wanted & RxOffload.VLAN_FILTER) != 0 ? List.of(new Xstat("rx_vlan_filtered", filtered)) : List.of();
    }

    @Override
    public int received(Port port, int queue, Mbuf[] packets, int n, int max) {
        int kept = n;
        if ((wanted & RxOffload.VLAN_FILTER) != 0) {
            kept = filter(packets, n);
        }
        for (int i = 0; i < kept; i++) {
            Mbuf m = packets[i];
            if ((wanted & RxOffload.VLAN_STRIP) != 0) {
                strip(m);
            }
            if ((wanted & PARSED) != 0) {
                int type = PacketType.parse(m, lengths);
                m.packetType(type);
                checksums(m, type);
                if ((wanted & RxOffload.RSS_HASH) != 0) {
                    rss.hash(m, type, lengths);
                }
            }
        }
        return kept;
    }

    private int filter(Mbuf[] packets, int n) {
        int kept = 0;
        int i = 0;
        try {
            for (; i < n; i++) {
                Mbuf m = packets[i];
                if (hasTag(m) && !filters.vlan(Vlan.vlanId(Vlan.tci(m, Ethernet.LENGTH)))) {
                    m.free();
                    filtered++;
                } else {
                    packets[kept++] = m;
                }
            }
        } catch (Throwable e) {
            Arrays.fill(packets, kept, i, null);
            throw e;
        }
        return kept;
    }

    private static boolean hasTag(Mbuf m) {
        return m.dataLen() >= Ethernet.LENGTH + Vlan.LENGTH && Ethernet.etherType(m, 0) == EtherType.VLAN;
    }

    private static void strip(Mbuf m) {
        if (!hasTag(m)) {
            return;
        }
        m.vlanTci(Vlan.tci(m, Ethernet.LENGTH));
        long low = m.getLongNative(0);
        int high = m.getIntNative(8);
        m.adj(Vlan.LENGTH);
        m.putLongNative(0, low);
        m.putIntNative(8, high);
        m.olFlags(m.olFlags() | OlFlags.RX_VLAN | OlFlags.RX_VLAN_STRIPPED);
    }

    private void checksums(Mbuf m, int type) {
        int ip = lengths.l2Len();
        int l4 = ip + lengths.l3Len();
        long flags = m.olFlags() & ~(OlFlags.RX_IP_CKSUM_MASK | OlFlags.RX_L4_CKSUM_MASK);
        boolean v4 = false;
        int end;
        switch (type & PacketType.L3_MASK) {
            case PacketType.L3_IPV4, PacketType.L3_IPV4_EXT -> {
                v4 = true;
                if ((wanted & RxOffload.IPV4_CKSUM) != 0) {
                    flags |= Checksum.verifyIpv4(m, ip) ? OlFlags.RX_IP_CKSUM_GOOD : OlFlags.RX_IP_CKSUM_BAD;
                }
                end = ip + Ipv4.totalLength(m, ip);
            }
            case PacketType.L3_IPV6, PacketType.L3_IPV6_EXT -> end = ip + Ipv6.LENGTH + Ipv6.payloadLength(m, ip);
            default -> {
                return;
            }
        }
        if (lengths.l4Len() != 0 && end >= l4 + lengths.l4Len()) {
            flags |= end > m.pktLen() ? OlFlags.RX_L4_CKSUM_BAD : l4(m, type & PacketType.L4_MASK, v4, ip, l4, end);
        }
        m.olFlags(flags);
    }

    private long l4(Mbuf m, int l4Type, boolean v4, int ip, int l4, int end) {
        boolean good;
        if (l4Type == PacketType.L4_UDP && (wanted & RxOffload.UDP_CKSUM) != 0) {
            good = v4 ? Checksum.verifyUdpTcpIpv4(m, ip, l4) : Checksum.verifyIpv6(m, ip, IpProtocol.UDP, l4);
        } else if (l4Type == PacketType.L4_TCP && (wanted & RxOffload.TCP_CKSUM) != 0) {
            good = v4 ? Checksum.verifyUdpTcpIpv4(m, ip, l4) : Checksum.verifyIpv6(m, ip, IpProtocol.TCP, l4);
        } else if (l4Type == PacketType.L4_SCTP && (wanted & RxOffload.SCTP_CKSUM) != 0 && end <= m.dataLen()) {
            good = Crc.verifySctp(m, l4, end - l4);
        } else {
            return OlFlags.RX_L4_CKSUM_UNKNOWN;
        }
        return good ? OlFlags.RX_L4_CKSUM_GOOD : OlFlags.RX_L4_CKSUM_BAD;
    }
}
