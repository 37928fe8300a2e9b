package dev.penstock.apps.testpmd;

import dev.penstock.mbuf.Mbuf;
import dev.penstock.net.Ethernet;
import dev.penstock.net.EtherType;
import dev.penstock.net.IpProtocol;
import dev.penstock.net.Ipv4;
import dev.penstock.net.Ipv6;
import dev.penstock.net.Vlan;

/**
 * Exchanges source and destination of Ethernet, IP, and UDP or TCP, so that packets go back to who sent them.
 * No checksum changes by that. It stops at the first header that is cut short.
 */
final class FiveTupleSwapEngine extends Engine {
    @Override
    int forward(Stream s) {
        int n = s.receive();
        if (n != 0) {
            for (int i = 0; i < n; i++) {
                swap(s.packets[i]);
            }
            TxFlags.put(s, n);
            s.send(n);
        }
        return n;
    }

    static void swap(Mbuf m) {
        int end = m.dataLen();
        if (end < Ethernet.LENGTH) {
            return;
        }
        m.swapMacs();
        int type = Ethernet.etherType(m, 0);
        int at = Ethernet.LENGTH;
        while (Vlan.isTag(type) && at + Vlan.LENGTH <= end) {
            type = Vlan.etherType(m, at);
            at += Vlan.LENGTH;
        }
        if (type == EtherType.IPV4 && at + Ipv4.LENGTH <= end) {
            long addresses = m.getLong(at + Ipv4.SRC);
            m.putLong(at + Ipv4.SRC, Long.rotateLeft(addresses, 32));
            ports(m, at + Ipv4.headerLength(m, at), Ipv4.protocol(m, at));
        } else if (type == EtherType.IPV6 && at + Ipv6.LENGTH <= end) {
            long high = Ipv6.srcHigh(m, at);
            long low = Ipv6.srcLow(m, at);
            Ipv6.srcHigh(m, at, Ipv6.dstHigh(m, at));
            Ipv6.srcLow(m, at, Ipv6.dstLow(m, at));
            Ipv6.dstHigh(m, at, high);
            Ipv6.dstLow(m, at, low);
            ports(m, at + Ipv6.LENGTH, Ipv6.nextHeader(m, at));
        }
    }

    private static void ports(Mbuf m, int at, int protocol) {
        if ((protocol == IpProtocol.UDP || protocol == IpProtocol.TCP) && at + 4 <= m.dataLen()) {
            m.putInt(at, Integer.rotateLeft(m.getInt(at), 16));
        }
    }
}
