package dev.penstock.apps.demo;

import dev.penstock.eal.Lcore;
import dev.penstock.ethdev.Port;
import dev.penstock.mbuf.Mbuf;
import dev.penstock.net.EtherType;
import dev.penstock.net.Ethernet;
import dev.penstock.net.IpProtocol;
import dev.penstock.net.Ipv4;
import dev.penstock.net.Ipv6;
import dev.penstock.net.PacketLengths;
import dev.penstock.net.PacketType;

/**
 * A very small router: takes from one port, counts by protocol, lowers the time to live, turns the addresses
 * round and sends to another port. Each packet that it loses has a counter.
 */
final class Router {
    /** What is counted apart. */
    enum Kind { TCP, UDP, ICMP, SCTP, TUNNEL, ARP, OTHER }

    private static final int BURST = 32;
    private final Port in;
    private final Port out;
    private final Mbuf[] burst = new Mbuf[BURST];
    private final PacketLengths lengths = new PacketLengths();
    private final long[] kinds = new long[Kind.values().length];
    private long expired;
    private long refused;

    Router(Port in, Port out) {
        this.in = in;
        this.out = out;
    }

    /** Forwards until it is asked to stop, or, when told so, until nothing has come for a while. */
    int run(Lcore self, boolean untilEmpty) {
        int empty = 0;
        while (!self.stopRequested() && !(untilEmpty && empty > 1000)) {
            empty = step() == 0 ? empty + 1 : 0;
        }
        return 0;
    }

    private int step() {
        int n = in.rxBurst(0, burst, BURST);
        int kept = 0;
        for (int i = 0; i < n; i++) {
            Mbuf m = burst[i];
            if (route(m)) {
                burst[kept++] = m;
            } else {
                m.free();
                expired++;
            }
        }
        int sent = out.txBurst(0, burst, 0, kept);
        if (sent < kept) {
            Mbuf.freeBulk(burst, sent, kept - sent);
            refused += kept - sent;
        }
        return n;
    }

    private boolean route(Mbuf m) {
        int type = PacketType.parse(m, lengths);
        int ip = lengths.l2Len();
        kinds[kind(m, type, ip).ordinal()]++;
        if ((type & PacketType.L3_IPV6) != 0) {
            int hops = Ipv6.hopLimit(m, ip);
            if (hops <= 1) {
                return false;
            }
            Ipv6.hopLimit(m, ip, hops - 1);
        } else if ((type & PacketType.L3_MASK) != 0 && Ipv4.decrementTtl(m, ip) == 0) {
            return false;
        }
        if (m.dataLen() >= Ethernet.LENGTH) {
            m.swapMacs();
        }
        return true;
    }

    private static Kind kind(Mbuf m, int type, int ip) {
        if ((type & PacketType.TUNNEL_MASK) != 0) {
            return Kind.TUNNEL;
        }
        return switch (type & PacketType.L4_MASK) {
            case PacketType.L4_TCP -> Kind.TCP;
            case PacketType.L4_UDP -> Kind.UDP;
            case PacketType.L4_SCTP -> Kind.SCTP;
            default -> control(m, type, ip);
        };
    }

    private static Kind control(Mbuf m, int type, int ip) {
        if ((type & PacketType.L3_IPV6) != 0) {
            return Ipv6.nextHeader(m, ip) == IpProtocol.ICMPV6 ? Kind.ICMP : Kind.OTHER;
        }
        if ((type & PacketType.L3_MASK) != 0) {
            return Ipv4.protocol(m, ip) == IpProtocol.ICMP ? Kind.ICMP : Kind.OTHER;
        }
        return m.dataLen() >= Ethernet.LENGTH && Ethernet.etherType(m, 0) == EtherType.ARP ? Kind.ARP : Kind.OTHER;
    }

    /** Packets of one kind so far; any thread may ask. */
    long count(Kind kind) {
        return kinds[kind.ordinal()];
    }

    /** Packets whose time to live was over. */
    long expired() {
        return expired;
    }

    /** Packets that the sending port refused. */
    long refused() {
        return refused;
    }
}
