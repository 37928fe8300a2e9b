package dev.penstock.apps.testpmd;

import dev.penstock.mbuf.Mbuf;
import dev.penstock.net.Arp;
import dev.penstock.net.Checksum;
import dev.penstock.net.Ethernet;
import dev.penstock.net.EtherType;
import dev.penstock.net.Icmp;
import dev.penstock.net.IpProtocol;
import dev.penstock.net.Ipv4;
import dev.penstock.net.Vlan;

/** Answers ARP requests for any address and ICMP echo requests; frees all else. */
final class IcmpEchoEngine extends Engine {
    @Override
    int forward(Stream s) {
        int n = s.receive();
        if (n != 0) {
            Mbuf[] packets = s.packets;
            int replies = 0;
            for (int i = 0; i < n; i++) {
                Mbuf m = packets[i];
                if (answer(m, s.srcMac)) {
                    packets[replies++] = m;
                } else {
                    m.free();
                }
            }
            s.consumed += n - replies;
            if (replies != 0) {
                s.send(replies);
            }
        }
        return n;
    }

    /**
     * Makes a reply of a request.
     *
     * @param m the packet
     * @param mac the address that ARP replies tell
     * @return false when it is no request; it is untouched then
     */
    static boolean answer(Mbuf m, long mac) {
        if (Ethernet.check(m, 0) < 0) {
            return false;
        }
        int type = Ethernet.etherType(m, 0);
        int at = Ethernet.LENGTH;
        if (type == EtherType.VLAN) {
            if (Vlan.check(m, at) < 0) {
                return false;
            }
            type = Vlan.etherType(m, at);
            at += Vlan.LENGTH;
        }
        if (type == EtherType.ARP) {
            return arp(m, at, mac);
        }
        return type == EtherType.IPV4 && echo(m, at);
    }

    private static boolean arp(Mbuf m, int at, long mac) {
        if (Arp.check(m, at) < 0 || Arp.operation(m, at) != Arp.REQUEST) {
            return false;
        }
        Ethernet.addresses(m, 0, Ethernet.src(m, 0), mac);
        int asked = Arp.targetIp(m, at);
        Arp.operation(m, at, Arp.REPLY);
        Arp.targetMac(m, at, Arp.senderMac(m, at));
        Arp.targetIp(m, at, Arp.senderIp(m, at));
        Arp.senderMac(m, at, mac);
        Arp.senderIp(m, at, asked);
        return true;
    }

    private static boolean echo(Mbuf m, int ip) {
        int header = Ipv4.check(m, ip);
        if (header < 0 || Ipv4.protocol(m, ip) != IpProtocol.ICMP || Ipv4.isFragment(m, ip)) {
            return false;
        }
        int icmp = ip + header;
        if (Icmp.check(m, icmp) < 0 || Icmp.type(m, icmp) != Icmp.ECHO_REQUEST || Icmp.code(m, icmp) != 0) {
            return false;
        }
        m.swapMacs();
        int asker = Ipv4.src(m, ip);
        int asked = Ipv4.dst(m, ip);
        if (asked >>> 28 == 0xe) {
            // a group can't answer: a neighbour of the asker does
            Ipv4.src(m, ip, asker & ~3 | ((asker & 3) == 1 ? 2 : 1));
            Ipv4.dst(m, ip, asker);
            Ipv4.checksum(m, ip, Checksum.ipv4(m, ip));
        } else {
            Ipv4.src(m, ip, asked);
            Ipv4.dst(m, ip, asker);
        }
        Icmp.type(m, icmp, Icmp.ECHO_REPLY);
        Icmp.checksum(m, icmp, Checksum.update(Icmp.checksum(m, icmp), Icmp.ECHO_REQUEST << 8, Icmp.ECHO_REPLY << 8));
        return true;
    }
}
