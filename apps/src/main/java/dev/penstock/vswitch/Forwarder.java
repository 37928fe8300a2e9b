package dev.penstock.vswitch;

import dev.penstock.eal.Apart;
import dev.penstock.mbuf.Mbuf;
import dev.penstock.mbuf.MbufPool;
import dev.penstock.net.EtherType;
import dev.penstock.net.Ethernet;
import dev.penstock.net.MacAddress;
import dev.penstock.net.Vlan;

/**
 * Forwards what some of the switch's ports receive, to any of its ports. One lcore calls {@link #poll} without end, between
 * {@link #begin} and {@link #end}.
 */
public final class Forwarder {
    private static final int BURST = 32;
    private static final long RESERVED = 0x0180_c200_0000L;

    private final VirtualSwitch vswitch;
    private final int id;
    private final MacTable macs;
    private final MbufPool pool;
    private final Outbox outbox;
    private final Vtep vtep;
    private final Mbuf[] rx = Apart.array(Mbuf.class, BURST);
    private final AccessList.Fields fields = new AccessList.Fields();
    private Plan plan;
    private int tick;
    private int solicited = -1;
    private Plan solicitedPlan;
    /** The time of this burst, 0 while nobody has asked for it. */
    private long nowNs;
    /** The segment of the last frame that {@link #classify} accepted. */
    private Segment segment;
    /** The table's key of where the last frame that was admitted came from. */
    private long learned;

    Forwarder(VirtualSwitch vswitch, int id, MbufPool pool) {
        this.vswitch = vswitch;
        this.id = id;
        this.pool = pool;
        macs = vswitch.macs();
        vtep = new Vtep(id, pool);
        outbox = new Outbox(vswitch, id, vtep);
    }

    /** From now on changes of the switch wait for this forwarder's polls. */
    public void begin() {
        vswitch.qsbr().register(id);
        vswitch.qsbr().online(id);
    }

    /** Changes no longer wait for it. */
    public void end() {
        vswitch.qsbr().offline(id);
        vswitch.qsbr().unregister(id);
    }

    /**
     * Receives a burst from each of its ports' queues and forwards it. Returns at once.
     *
     * @return packets received
     */
    public int poll() {
        vswitch.qsbr().quiescent(id);
        plan = vswitch.plan();
        tick = vswitch.now();
        nowNs = 0;
        int total = 0;
        for (Plan.Poll poll : plan.polled[id]) {
            Lane lane = poll.lane();
            int n = lane.port.port.rxBurst(poll.queue(), rx, BURST);
            if (n != 0) {
                total += n;
                if (lane.port.underlay == null) {
                    receive(lane, n);
                } else {
                    decapsulate(lane, n);
                }
            }
        }
        if (solicited != tick || solicitedPlan != plan) {
            solicited = tick;
            solicitedPlan = plan;
            vtep.solicit(plan, tick, outbox);
        }
        outbox.flush();
        return total;
    }

    /** Forwards a burst; packets between the same two addresses as the one before them take its way. */
    private void receive(Lane in, int n) {
        if (in.mirrorRx != null) {
            in.mirrorRx.capture(in.index, Mirror.INBOUND, rx, n);
        }
        long bytes = 0;
        long lastHead = 0;
        long lastTail = 0;
        Lane last = null;
        int followers = 0;
        for (int i = 0; i < n; i++) {
            Mbuf m = rx[i];
            bytes += m.pktLen();
            if (m.dataLen() < Ethernet.LENGTH) {
                drop(in, m, Drop.SHORT_FRAME);
                continue;
            }
            if (in.offloads && Offloads.isUndone(m) && !Offloads.isSound(m, pool)) {
                drop(in, m, Drop.BAD_OFFLOAD);
                continue;
            }
            long head = m.getLong(Ethernet.DST);
            long tail = m.getLong(Ethernet.SRC);
            if (last == null || head != lastHead || tail != lastTail) {
                if (followers != 0) {
                    macs.count(learned, followers, in.port.shared);
                    followers = 0;
                }
                last = admit(in, m, head >>> 16, tail);
                lastHead = head;
                lastTail = tail;
            } else {
                outbox.add(last, m);
                followers++;
            }
        }
        if (followers != 0) {
            macs.count(learned, followers, in.port.shared);
        }
        long[] counters = in.port.counters[id];
        counters[Counters.RX_PACKETS] += n;
        counters[Counters.RX_BYTES] += bytes;
    }

    private void decapsulate(Lane in, int n) {
        long bytes = 0;
        for (int i = 0; i < n; i++) {
            Mbuf m = rx[i];
            bytes += m.pktLen();
            Lane tunnel = vtep.receive(plan, in, m, tick, outbox);
            if (tunnel != null) {
                long[] counters = tunnel.port.counters[id];
                counters[Counters.RX_PACKETS]++;
                counters[Counters.RX_BYTES] += m.pktLen();
                if (tunnel.mirrorRx != null) {
                    tunnel.mirrorRx.capture(tunnel.index, Mirror.INBOUND, m);
                }
                admit(tunnel, m, m.getLong(Ethernet.DST) >>> 16, m.getLong(Ethernet.SRC));
            }
        }
        long[] counters = in.port.counters[id];
        counters[Counters.RX_PACKETS] += n;
        counters[Counters.RX_BYTES] += bytes;
    }

    /**
     * Checks a packet against its port, learns where it came from, and forwards it.
     *
     * @return where it went, when packets with the same first bytes may follow without another look; else null
     */
    private Lane admit(Lane in, Mbuf m, long dst, long tail) {
        long src = tail >>> 16;
        int type = (int) tail & 0xffff;
        Drop reason = classify(in, m, src, type);
        if (reason == null && !in.plainIn) {
            reason = police(in, m);
        }
        if (reason != null) {
            drop(in, m, reason);
            return null;
        }
        learn(in, src);
        if ((dst & 1L << 40) != 0) {
            group(in, m, dst);
            return null;
        }
        int to = macs.lookup(MacTable.key(dst, segment.fid));
        Lane out = to == MacTable.NONE ? null : plan.lanes[to];
        // Another tenant's port may have got the number, or the port may have left the VLAN.
        if (out == null || !out.isMember(segment)) {
            flood(in, m, PortSettings.Flood.UNKNOWN, Drop.UNKNOWN_LIMIT);
            return null;
        }
        if (out == in || !in.reaches(out)) {
            drop(in, m, out == in ? Drop.SAME_PORT : Drop.ISOLATED);
            return null;
        }
        if (type != EtherType.VLAN && !out.tags(segment)) {
            outbox.add(out, m);
            return in.plainIn ? out : null;
        }
        send(in, out, m);
        return null;
    }

    /** Finds a frame's VLAN; the reason to drop it, or null. */
    private Drop classify(Lane in, Mbuf m, long src, int type) {
        if (!MacAddress.isValidUnicast(src)) {
            return Drop.BAD_SOURCE;
        }
        segment = in.untagged;
        if (type == EtherType.VLAN) {
            if (Vlan.check(m, Ethernet.LENGTH) < 0) {
                return Drop.SHORT_FRAME;
            }
            int vlan = Vlan.vlanId(Vlan.tci(m, Ethernet.LENGTH));
            if (vlan != 0) {
                segment = in.tagged == null ? null : in.tagged[vlan];
            }
        }
        return segment == null ? Drop.VLAN_REFUSED : null;
    }

    private Drop police(Lane in, Mbuf m) {
        if (in.aclIn != null && !in.aclIn.permits(m, fields)) {
            return Drop.ACL_IN;
        }
        return in.rxBucket != null && !in.rxBucket.take(m.pktLen(), clock()) ? Drop.POLICED_IN : null;
    }

    private void learn(Lane in, long src) {
        learned = MacTable.key(src, segment.fid);
        int done = macs.learn(learned, in.index, tick, in.macLimit, in.port.shared);
        if (done != MacTable.KNOWN) {
            in.port.counters[id][Counters.LEARNED - MacTable.LEARNED + done]++;
        }
    }

    private void group(Lane in, Mbuf m, long dst) {
        if ((dst & ~0xfL) == RESERVED) {
            drop(in, m, Drop.RESERVED_ADDRESS);
        } else if (dst == MacAddress.BROADCAST) {
            flood(in, m, PortSettings.Flood.BROADCAST, Drop.BROADCAST_LIMIT);
        } else {
            flood(in, m, PortSettings.Flood.MULTICAST, Drop.MULTICAST_LIMIT);
        }
    }

    /** Sends copies to all members but the last, which gets the packet itself. */
    private void flood(Lane in, Mbuf m, PortSettings.Flood kind, Drop limit) {
        TokenBucket bucket = in.floodBuckets[kind.ordinal()];
        if (bucket != null && !bucket.takeAtMost(Offloads.packets(m), clock())) {
            drop(in, m, limit);
            return;
        }
        Lane last = null;
        for (Lane out : segment.members) {
            if (out != in && in.reaches(out)) {
                if (last != null) {
                    copyTo(in, last, m);
                }
                last = out;
            }
        }
        if (last == null) {
            drop(in, m, Drop.NO_MEMBER);
        } else {
            send(in, last, m);
        }
    }

    private void copyTo(Lane in, Lane out, Mbuf m) {
        in.port.counters[id][Counters.COPIES]++;
        Mbuf copy = m.copy(pool, 0, m.pktLen());
        if (copy == null) {
            Counters.drop(in.port.counters[id], Drop.NO_MBUF, 1);
        } else {
            send(in, out, copy);
        }
    }

    /** Gives a frame the tag that its way out asks for. */
    private void send(Lane in, Lane out, Mbuf m) {
        if (out.tagged != null && !out.tags(segment) && hidesTag(m)) {
            drop(in, m, Drop.VLAN_REFUSED);
            return;
        }
        Mbuf fit = Tags.fit(m, out.tags(segment), segment.vlan, pool);
        if (fit == null) {
            drop(in, m, Drop.NO_MBUF);
        } else {
            outbox.add(out, fit);
        }
    }

    /** A frame whose tag goes would stand in the VLAN of the tag behind it, for who is at the other end of a trunk. */
    private static boolean hidesTag(Mbuf m) {
        return Ethernet.etherType(m, 0) == EtherType.VLAN && Vlan.etherType(m, Ethernet.LENGTH) == EtherType.VLAN;
    }

    private long clock() {
        if (nowNs == 0) {
            nowNs = vswitch.nanoTime();
        }
        return nowNs;
    }

    private void drop(Lane lane, Mbuf m, Drop reason) {
        Counters.drop(lane.port.counters[id], reason, 1);
        m.free();
    }
}
