package dev.penstock.flow;

import dev.penstock.acl.Acl;
import dev.penstock.eal.Clock;
import dev.penstock.ethdev.Port;
import dev.penstock.ethdev.RxCallback;
import dev.penstock.ethdev.Xstat;
import dev.penstock.mbuf.Mbuf;
import dev.penstock.mbuf.OlFlags;
import dev.penstock.meter.Color;
import dev.penstock.net.Ipv4;
import dev.penstock.net.Toeplitz;
import dev.penstock.net.Udp;
import dev.penstock.net.Vxlan;
import dev.penstock.ring.Ring;
import java.util.Arrays;
import java.util.List;

/** Does what rules say with the packets of one queue, in the thread that polls it. */
final class FlowEngine implements RxCallback {
    private static final int BURST = 32;
    private static final int INBOX = 1024;
    private static final Color[] COLORS = Color.values();
    /** Headers that have ports. */
    private static final int PORTS = FlowKey.bit(FlowItem.Type.UDP) | FlowKey.bit(FlowItem.Type.TCP) | FlowKey.bit(FlowItem.Type.SCTP);
    private static final int IP = FlowKey.bit(FlowItem.Type.IPV4) | FlowKey.bit(FlowItem.Type.IPV6);
    private static final Toeplitz TOEPLITZ = new Toeplitz(Toeplitz.defaultKey());

    private final Flows flows;
    private final int own;
    /** Of a burst, and of one copy. */
    private final byte[] keys = new byte[(BURST + 1) * FlowKey.LENGTH * FlowKey.MAX_LEVELS];
    private final byte[] one = new byte[FlowKey.LENGTH * FlowKey.MAX_LEVELS];
    private final int[] numbers = new int[BURST];
    private final int[] next = new int[1];
    /** What other queues' packets and copies come here by; null when there is one queue and no rule that copies. */
    private Ring<Mbuf> inbox;
    /** Bits of all queues. */
    private final long all;
    /** Where the packet at hand goes; {@link #own}, another queue, or -1 to be dropped. */
    private int target;
    /** What the last meter of the rule made of it; null when there was none. */
    private Color color;
    /** Whether actions have changed the packet since its key was written. */
    private boolean changed;
    private int keyLength;
    private int wanted;
    /** When the burst came, if a rule asks. */
    private long nowNs;
    private long drops;
    private long missed;

    FlowEngine(Flows flows, int own, int queues) {
        this.flows = flows;
        this.own = own;
        all = -1L >>> Math.max(0, Long.SIZE - queues);
        if (queues > 1) {
            openInbox();
        }
    }

    /** Lets packets come that this queue did not receive; before a rule is in force that sends some. */
    void openInbox() {
        if (inbox == null) {
            inbox = new Ring<>("flow_" + own, Mbuf.class, INBOX, Ring.Sync.MULTI, Ring.Sync.SINGLE);
        }
    }

    /** Packets that rules dropped. */
    long drops() {
        return drops;
    }

    /** Packets that another queue had no room for. */
    long missed() {
        return missed;
    }

    /** Frees what no queue has taken, which counts as missed. */
    void clear() {
        for (Mbuf m = inbox == null ? null : inbox.dequeue(); m != null; m = inbox.dequeue()) {
            missed++;
            m.free();
        }
    }

    @Override
    public List<Xstat> xstats() {
        return List.of(new Xstat("rx_flow_dropped", drops), new Xstat("rx_flow_missed", missed));
    }

    @Override
    public int received(Port port, int queue, Mbuf[] packets, int n, int max) {
        FlowProgram program = flows.program();
        Acl first = program.first();
        int kept = 0;
        boolean isolated = flows.isolated();
        if (first == null && !isolated) {
            kept = n;
        } else {
            for (int done = 0; done < n; done += BURST) {
                kept = burst(program, first, isolated, packets, done, Math.min(BURST, n - done), kept);
            }
        }
        return inbox == null || kept >= max ? kept : kept + inbox.dequeueBurst(packets, kept, max - kept);
    }

    private int burst(FlowProgram program, Acl first, boolean isolated, Mbuf[] packets, int from, int n, int keptBefore) {
        keyLength = program.keyLength();
        wanted = program.wanted();
        nowNs = program.timed() ? Clock.ns() : 0;
        int kept = keptBefore;
        int i = 0;
        try {
            look(packets, from, n, first);
            for (; i < n; i++) {
                Mbuf packet = packets[from + i];
                target = own;
                if (numbers[i] == Acl.NO_MATCH) {
                    target = isolated ? -1 : own;
                } else {
                    run(program, numbers[i], packet, i * keyLength);
                }
                if (target == own) {
                    packets[kept++] = packet;
                } else {
                    away(packet);
                }
            }
        } catch (Throwable e) {
            // those that went away are not the burst's any more
            Arrays.fill(packets, kept, from + i, null);
            throw e;
        }
        return kept;
    }

    /** Finds the first rule of each packet. */
    private void look(Mbuf[] packets, int from, int n, Acl first) {
        for (int i = 0; i < n; i++) {
            FlowKey.write(packets[from + i], keys, i * keyLength, keyLength, wanted);
            numbers[i] = Acl.NO_MATCH;
        }
        if (first != null) {
            first.classify(keys, keyLength, n, 1, numbers);
        }
    }

    private void away(Mbuf packet) {
        if (target < 0) {
            drops++;
            packet.free();
        } else if (!flows.engine(target).inbox.enqueue(packet)) {
            missed++;
            packet.free();
        }
    }

    /** Does one flow's actions, and those of flows it jumps to. */
    private void run(FlowProgram program, int first, Mbuf packet, int key) {
        int number = first;
        color = null;
        changed = false;
        while (number != Acl.NO_MATCH && target >= 0) {
            Flow flow = program.flow(number);
            for (FlowAction action : flow.actions()) {
                act(action, packet, key);
                if (target < 0) {
                    return;
                }
            }
            number = program.jump(number) == null ? Acl.NO_MATCH : jump(program.jump(number), packet, key);
        }
    }

    /** Looks for a rule in another group, for the packet as actions have made it. */
    private int jump(Acl group, Mbuf packet, int key) {
        if (changed) {
            FlowKey.write(packet, keys, key, keyLength, wanted);
            changed = false;
        }
        System.arraycopy(keys, key, one, 0, keyLength);
        group.classify(one, keyLength, 1, 1, next);
        return next[0];
    }

    private void act(FlowAction action, Mbuf packet, int key) {
        switch (action.type()) {
            case COUNT -> ((FlowCounter) action.argument()).count(flows, own, packet.pktLen());
            case MARK -> {
                packet.fdirId((int) action.value());
                packet.olFlags(packet.olFlags() | OlFlags.RX_FDIR | OlFlags.RX_FDIR_ID);
            }
            case FLAG -> packet.olFlags(packet.olFlags() | OlFlags.RX_FDIR);
            case AGE -> ((FlowAge) action.argument()).seen(own, nowNs);
            case DROP -> target = -1;
            case QUEUE -> target = (int) action.value();
            case RSS -> target = spread(action.value(), packet, key);
            case METER -> meter((FlowMeter) action.argument(), packet, key);
            case METER_COLOR -> color = COLORS[(int) action.value()];
            case SAMPLE -> sample((FlowSample) action.argument(), packet, key);
            case INDIRECT -> act(((FlowIndirect) action.argument()).action(), packet, key);
            case JUMP, PASSTHRU -> { }
            default -> change(action, packet, key);
        }
    }

    /** What changes the packet; apart, so that the rest is small enough to be compiled into the loop. */
    private void change(FlowAction action, Mbuf packet, int key) {
        changed = true;
        if (FlowEdit.isStripped(packet) && action.type().isBefore()) {
            anew(FlowEdit.unstrip(packet), packet, key);
            if (target < 0) {
                return;
            }
        }
        switch (action.type()) {
            case OF_POP_VLAN -> {
                if (FlowEdit.pop(packet)) {
                    FlowKey.moved(keys, key, keyLength, -4);
                }
            }
            case OF_PUSH_VLAN -> push(action, packet, key);
            case RAW_ENCAP, VXLAN_ENCAP, NVGRE_ENCAP -> anew(FlowEdit.encap(packet, (FlowHeader) action.argument()), packet, key);
            case RAW_DECAP -> anew(FlowEdit.decap(packet, (int) action.value()), packet, key);
            case VXLAN_DECAP -> decap(FlowItem.Type.VXLAN, Udp.LENGTH + Vxlan.LENGTH, packet, key);
            case NVGRE_DECAP -> decap(FlowItem.Type.NVGRE, FlowKey.NVGRE_LENGTH, packet, key);
            default -> FlowEdit.edit(action, packet, FlowKey.headers(keys, key), FlowKey.l3(keys, key), FlowKey.l4(keys, key));
        }
    }

    private void sample(FlowSample sample, Mbuf packet, int key) {
        if (!sample.due(own)) {
            return;
        }
        Mbuf copy = packet.copy(packet.pool(), 0, packet.pktLen());
        if (copy == null) {
            missed++;
            return;
        }
        int before = target;
        int slot = BURST * keyLength;
        System.arraycopy(keys, key, keys, slot, keyLength);
        for (FlowAction action : sample.actions()) {
            if (target >= 0) {
                act(action, copy, slot);
            }
        }
        if (target < 0) {
            copy.free();
        } else if (!flows.engine(target).inbox.enqueue(copy)) {
            missed++;
            copy.free();
        }
        target = before;
    }

    private void meter(FlowMeter meter, Mbuf packet, int key) {
        if (meter.enabled()) {
            color = meter.color(packet, keys, key, color, nowNs);
            for (FlowAction action : meter.actions(color)) {
                if (target >= 0) {
                    act(action, packet, key);
                }
            }
        }
    }

    private void decap(FlowItem.Type tunnel, int bytes, Mbuf packet, int key) {
        anew(FlowEdit.has(FlowKey.headers(keys, key), tunnel) && FlowEdit.decap(packet, FlowKey.l4(keys, key) + bytes), packet, key);
    }

    /** The packet has other headers, or could not get them and is dropped. */
    private void anew(boolean done, Mbuf packet, int key) {
        if (done) {
            FlowKey.write(packet, keys, key, keyLength, wanted);
        } else {
            target = -1;
        }
    }

    private void push(FlowAction action, Mbuf packet, int key) {
        if (FlowEdit.push(packet, (int) action.value())) {
            FlowKey.moved(keys, key, keyLength, 4);
        } else {
            target = -1;
        }
    }

    /** One of some queues, the same for all packets of a flow; without addresses the first. */
    private int spread(long rss, Mbuf packet, int outer) {
        long queues = (rss & FlowAction.RSS_QUEUES) == 0 ? all : rss & FlowAction.RSS_QUEUES;
        boolean inner = (rss & FlowAction.RSS_INNER) != 0 && keyLength > FlowKey.LENGTH
                && (FlowKey.headers(keys, outer + FlowKey.LENGTH) & IP) != 0;
        int key = inner ? outer + FlowKey.LENGTH : outer;
        int headers = FlowKey.headers(keys, key);
        int l3 = FlowKey.l3(keys, key);
        boolean ports = (rss & FlowAction.RSS_ADDRESSES) == 0 && (headers & PORTS) != 0 && !isFragment(packet, headers, l3);
        int hash = 0;
        if ((headers & FlowKey.bit(FlowItem.Type.IPV4)) != 0) {
            hash = ports ? TOEPLITZ.ipv4Ports(packet, l3, FlowKey.l4(keys, key)) : TOEPLITZ.ipv4(packet, l3);
        } else if ((headers & FlowKey.bit(FlowItem.Type.IPV6)) != 0) {
            hash = ports ? TOEPLITZ.ipv6Ports(packet, l3, FlowKey.l4(keys, key)) : TOEPLITZ.ipv6(packet, l3);
        }
        if ((headers & IP) != 0) {
            packet.rssHash(hash);
            packet.olFlags(packet.olFlags() | OlFlags.RX_RSS_HASH);
        }
        long left = queues;
        for (int skip = Integer.remainderUnsigned(hash, Long.bitCount(queues)); skip > 0; skip--) {
            left &= left - 1;
        }
        return Long.numberOfTrailingZeros(left);
    }

    /** Only the first fragment has ports, and all are to come to one queue. */
    private static boolean isFragment(Mbuf packet, int headers, int l3) {
        return (headers & FlowKey.FRAGMENT) != 0 || (headers & FlowKey.bit(FlowItem.Type.IPV4)) != 0 && Ipv4.isFragment(packet, l3);
    }
}
