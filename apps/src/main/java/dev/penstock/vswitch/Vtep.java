package dev.penstock.vswitch;

import dev.penstock.gso.Gso;
import dev.penstock.mbuf.Mbuf;
import dev.penstock.mbuf.MbufPool;
import dev.penstock.mbuf.OlFlags;
import dev.penstock.net.Arp;
import dev.penstock.net.Checksum;
import dev.penstock.net.EtherType;
import dev.penstock.net.Ethernet;
import dev.penstock.net.IpProtocol;
import dev.penstock.net.Ipv4;
import dev.penstock.net.MacAddress;
import dev.penstock.net.Udp;
import dev.penstock.net.Vxlan;

/**
 * The end of this host's VXLAN tunnels (RFC 7348: VTEP), for one forwarder: wraps and unwraps frames, answers and asks ARP.
 * What comes from the underlay is hostile: every length is checked against the packet's before it is used.
 */
final class Vtep {
    /** Bytes before a frame in a tunnel. */
    static final int OVERHEAD = Ethernet.LENGTH + Ipv4.LENGTH + Udp.LENGTH + Vxlan.LENGTH;

    private static final int IP = Ethernet.LENGTH;
    private static final int TTL = 64;
    /** Source ports say which flow a packet belongs to (RFC 7348, section 5): from 49152 on. */
    private static final int FIRST_PORT = 0xc000;
    /** Without the check sequence. */
    private static final int MIN_FRAME = 60;
    /** What flags say of the packet's memory; the others speak of headers that are gone. */
    private static final long KEPT = OlFlags.INDIRECT | OlFlags.EXTERNAL;
    private static final int REFRESH_S = 30;
    private static final int FORGET_S = 120;

    private final int id;
    private final MbufPool pool;
    private final Mbuf[] segments = new Mbuf[Offloads.MAX_SEGMENTS];

    Vtep(int id, MbufPool pool) {
        this.id = id;
        this.pool = pool;
    }

    /**
     * Takes a packet from an underlay.
     *
     * @return the tunnel that it came through, the packet now being the frame within; null when it was consumed
     */
    Lane receive(Plan plan, Lane in, Mbuf m, int tick, Outbox outbox) {
        if (m.dataLen() < Ethernet.LENGTH) {
            return drop(in, m, Drop.SHORT_FRAME);
        }
        long dst = Ethernet.dst(m, 0);
        if (dst != in.port.mac && !MacAddress.isBroadcast(dst)) {
            return drop(in, m, Drop.UNDERLAY_OTHER);
        }
        return switch (Ethernet.etherType(m, 0)) {
            case EtherType.ARP -> arp(plan, in, m, tick, outbox);
            case EtherType.IPV4 -> unwrap(plan, in, m);
            default -> drop(in, m, Drop.UNDERLAY_OTHER);
        };
    }

    private Lane unwrap(Plan plan, Lane in, Mbuf m) {
        int header = Ipv4.check(m, IP);
        if (header < 0) {
            return drop(in, m, Drop.VXLAN_MALFORMED);
        }
        if (!Checksum.verifyIpv4(m, IP)) {
            return drop(in, m, Drop.VXLAN_CHECKSUM);
        }
        if (Ipv4.dst(m, IP) != in.port.underlay.ip() || Ipv4.protocol(m, IP) != IpProtocol.UDP || Ipv4.isFragment(m, IP)) {
            return drop(in, m, Drop.UNDERLAY_OTHER);
        }
        int end = IP + Ipv4.totalLength(m, IP);
        int udp = IP + header;
        if (Udp.check(m, udp) < 0 || udp + Udp.length(m, udp) > end) {
            return drop(in, m, Drop.VXLAN_MALFORMED);
        }
        if (Udp.dstPort(m, udp) != Vxlan.PORT) {
            return drop(in, m, Drop.UNDERLAY_OTHER);
        }
        if (Offloads.isUndone(m)) {
            if (!isLeftSum(m, udp)) {
                return drop(in, m, Drop.BAD_OFFLOAD);
            }
        } else if (Udp.checksum(m, udp) != 0 && !Checksum.verifyUdpTcpIpv4(m, IP, udp)) {
            return drop(in, m, Drop.VXLAN_CHECKSUM);
        }
        int inner = udp + Udp.LENGTH + Vxlan.LENGTH;
        int innerEnd = udp + Udp.length(m, udp);
        if (innerEnd < inner + Ethernet.LENGTH || Vxlan.check(m, udp + Udp.LENGTH) < 0 || m.dataLen() < inner + Ethernet.LENGTH) {
            return drop(in, m, Drop.VXLAN_MALFORMED);
        }
        Lane tunnel = plan.tunnel(in.port, Vxlan.vni(m, udp + Udp.LENGTH), Ipv4.src(m, IP));
        if (tunnel == null) {
            return drop(in, m, Drop.VXLAN_UNKNOWN);
        }
        // Ethernet pads short packets, so there may be more than IP says.
        if (!m.trim(m.pktLen() - innerEnd) || !m.adj(inner)) {
            return drop(in, m, Drop.VXLAN_MALFORMED);
        }
        m.olFlags(m.olFlags() & KEPT);
        return tunnel;
    }

    /** Whether the outer checksum, and nothing else, was left to others: there is none to verify then. */
    private static boolean isLeftSum(Mbuf m, int udp) {
        return !Offloads.isWhole(m) && (m.olFlags() & OlFlags.TX_L4_MASK) == OlFlags.TX_UDP_CKSUM && m.l2Len() + m.l3Len() == udp;
    }

    private Lane arp(Plan plan, Lane in, Mbuf m, int tick, Outbox outbox) {
        if (Arp.check(m, IP) < 0) {
            return drop(in, m, Drop.VXLAN_MALFORMED);
        }
        int sender = Arp.senderIp(m, IP);
        long mac = Arp.senderMac(m, IP);
        int us = in.port.underlay.ip();
        boolean toUs = Arp.targetIp(m, IP) == us;
        if (sender == us || !MacAddress.isValidUnicast(mac)) {
            return drop(in, m, Drop.ARP_DONE);
        }
        for (Lane lane : plan.tunnels()) {
            Tunnel tunnel = lane.port.tunnel;
            // who is known may say to anybody where it is now, as a router that takes over does (RFC 826, "Merge_flag")
            if (tunnel.underlay == in.port && tunnel.nextHop == sender && (toUs || tunnel.nextHopMac != 0)) {
                tunnel.nextHopMac = mac;
                tunnel.heardAt = tick;
            }
        }
        if (!toUs || Arp.operation(m, IP) != Arp.REQUEST || !m.isDirect() || m.refCnt() != 1) {
            return drop(in, m, Drop.ARP_DONE);
        }
        long own = in.port.mac;
        Ethernet.addresses(m, 0, mac, own);
        Arp.write(m, IP, Arp.REPLY, own, us, mac, sender);
        outbox.add(in, m);
        return null;
    }

    /** Asks for next hops that are not known, or have been silent for a while. Once a second, and when tunnels are new. */
    void solicit(Plan plan, int tick, Outbox outbox) {
        for (Lane lane : plan.tunnels()) {
            Tunnel tunnel = lane.port.tunnel;
            if (tunnel.underlay.forwarder != id) {
                continue;
            }
            int silence = tick - tunnel.heardAt;
            if (silence >= FORGET_S) {
                tunnel.nextHopMac = 0;
            }
            if (tunnel.nextHopMac == 0 || silence >= REFRESH_S) {
                ask(lane.underlay, tunnel.nextHop, outbox);
            }
        }
    }

    private void ask(Lane underlay, int ip, Outbox outbox) {
        Mbuf m = pool.alloc();
        if (m == null || m.append(MIN_FRAME) != 0) {
            return;
        }
        long own = underlay.port.mac;
        Ethernet.write(m, 0, MacAddress.BROADCAST, own, EtherType.ARP);
        Arp.write(m, IP, Arp.REQUEST, own, underlay.port.underlay.ip(), 0, ip);
        for (int at = IP + Arp.LENGTH; at < MIN_FRAME; at += 2) {
            m.putShort(at, (short) 0);
        }
        underlay.port.counters[id][Counters.ORIGINATED]++;
        outbox.add(underlay, m);
    }

    /** Wraps frames and passes them on to the underlay. */
    void send(Lane lane, Mbuf[] burst, int n, Outbox outbox) {
        Tunnel tunnel = lane.port.tunnel;
        long nextHop = tunnel.nextHopMac;
        int longest = tunnel.underlay.underlay.mtu() - (OVERHEAD - Ethernet.LENGTH);
        for (int i = 0; i < n; i++) {
            Mbuf m = burst[i];
            if (!Offloads.isUndone(m)) {
                send(lane, nextHop, longest, m, outbox);
            } else if (!Offloads.isWhole(m)) {
                Mbuf own = Tags.own(m, OVERHEAD, pool);
                if (own == null) {
                    drop(lane, m, Drop.NO_MBUF);
                } else {
                    Offloads.finish(own);
                    send(lane, nextHop, longest, own, outbox);
                }
            } else {
                cut(lane, nextHop, longest, m, outbox);
            }
        }
    }

    /** Tunnels take no packet that others are to cut: they carry segments. */
    private void cut(Lane lane, long nextHop, int longest, Mbuf m, Outbox outbox) {
        int count = Gso.segment(m, m.pool(), segments);
        if (count < 0) {
            drop(lane, m, Drop.NO_MBUF);
            return;
        }
        m.free();
        lane.port.counters[id][Counters.COPIES] += count - 1;
        for (int i = 0; i < count; i++) {
            send(lane, nextHop, longest, segments[i], outbox);
        }
    }

    private void send(Lane lane, long nextHop, int longest, Mbuf m, Outbox outbox) {
        int length = m.pktLen();
        Drop reason = nextHop == 0 ? Drop.NO_NEIGHBOUR : length > longest ? Drop.TOO_LONG : null;
        Mbuf own = reason != null ? null : Tags.own(m, OVERHEAD, pool);
        if (own == null) {
            drop(lane, m, reason == null ? Drop.NO_MBUF : reason);
            return;
        }
        wrap(lane.underlay, lane.port.tunnel, nextHop, own);
        long[] counters = lane.port.counters[id];
        counters[Counters.TX_PACKETS]++;
        counters[Counters.TX_BYTES] += length;
        outbox.add(lane.underlay, own);
    }

    private static void wrap(Lane underlay, Tunnel tunnel, long nextHop, Mbuf m) {
        int source = FIRST_PORT | flow(m) & 0x3fff;
        m.prepend(OVERHEAD);
        int total = m.pktLen() - IP;
        Ethernet.write(m, 0, nextHop, underlay.port.mac, EtherType.IPV4);
        Ipv4.write(m, IP, 0, total, 0, Ipv4.DONT_FRAGMENT, TTL, IpProtocol.UDP, underlay.port.underlay.ip(), tunnel.remoteIp);
        Udp.write(m, IP + Ipv4.LENGTH, source, Vxlan.PORT, total - Ipv4.LENGTH);
        Vxlan.write(m, IP + Ipv4.LENGTH + Udp.LENGTH, tunnel.vni);
    }

    /** A hash of addresses and ports, so that routers spread flows and keep each in order. */
    private static int flow(Mbuf m) {
        long mix = m.getLong(0) * 0x9e37_79b9_7f4a_7c15L ^ m.getLong(6);
        // Addresses and ports of IPv4 without options; of others, something that a flow has in common too.
        if (m.dataLen() >= IP + Ipv4.LENGTH + 4 && Ethernet.etherType(m, 0) == EtherType.IPV4) {
            mix = (mix ^ m.getLong(IP + Ipv4.SRC)) * 0x9e37_79b9_7f4a_7c15L;
            if (!Ipv4.isFragment(m, IP)) {
                mix ^= m.getInt(IP + Ipv4.LENGTH);
            }
        }
        mix *= 0x9e37_79b9_7f4a_7c15L;
        return (int) (mix >>> 40);
    }

    private Lane drop(Lane in, Mbuf m, Drop reason) {
        Counters.drop(in.port.counters[id], reason, 1);
        m.free();
        return null;
    }
}
