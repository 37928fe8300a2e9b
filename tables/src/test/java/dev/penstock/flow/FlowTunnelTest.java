package dev.penstock.flow;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.penstock.eal.Eal;
import dev.penstock.flow.FlowAction.Type;
import dev.penstock.flow.FlowException.Cause;
import dev.penstock.mbuf.Mbuf;
import dev.penstock.mbuf.MbufPool;
import dev.penstock.mbuf.OlFlags;
import dev.penstock.testkit.Allocation;
import dev.penstock.testkit.Frames;
import dev.penstock.testkit.Seed;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Actions that put headers before packets and take them off, against frames that were built from the inside out. */
@Timeout(120)
class FlowTunnelTest {
    private static final byte[] NOTHING = {};

    private final Eal eal = Eal.start(line -> { }, "--no-huge", "-l", "0");
    private final MbufPool pool = MbufPool.create(eal, "tunnels", 63, 0, MbufPool.DEFAULT_DATA_ROOM, -1);
    private final Flows flows = new Flows(null, 2);
    private final Mbuf[] burst = new Mbuf[8];

    @AfterEach
    void stop() {
        assertEquals(63, pool.availCount(), "packets given back");
        eal.close();
    }

    private static FlowItem item(FlowItem.Type type) {
        return new FlowItem(type);
    }

    private static FlowAction action(Type type) {
        return new FlowAction(type);
    }

    private Flow create(List<FlowItem> pattern, FlowAction... actions) {
        return flows.create(new FlowRule(pattern, List.of(actions)));
    }

    private Mbuf packet(byte[] frame) {
        Mbuf m = pool.alloc();
        m.append(frame.length);
        m.write(0, frame, 0, frame.length);
        return m;
    }

    /** The bytes of the one packet that queue 0 receives; freed. */
    private byte[] receive(Mbuf packet) {
        burst[0] = packet;
        assertEquals(1, flows.engine(0).received(null, 0, burst, 1, burst.length));
        byte[] bytes = new byte[burst[0].pktLen()];
        for (int i = 0; i < bytes.length; i++) {
            bytes[i] = burst[0].getByte(i);
        }
        burst[0].free();
        return bytes;
    }

    private void lose(Mbuf packet) {
        long before = flows.drops();
        burst[0] = packet;
        assertEquals(0, flows.engine(0).received(null, 0, burst, 1, burst.length));
        assertEquals(before + 1, flows.drops());
    }

    private static byte[] inner(SplittableRandom random) {
        byte[] payload = new byte[random.nextInt(1200)];
        random.nextBytes(payload);
        return Frames.ethernet(random.nextLong(1L << 48), random.nextLong(1L << 48), 0x0800,
                Frames.udp4(1, 2, 5, 6, payload));
    }

    /** What a tunnel makes of a frame. */
    private static byte[] outer(boolean vxlan, boolean six, int vlan, int id, byte[] frame) {
        byte[] a = six ? Frames.ipv6Address(id) : Frames.number(id, 4);
        byte[] b = six ? Frames.ipv6Address(9) : Frames.number(9, 4);
        byte[] tunnel = vxlan ? Frames.udp(a, b, 1000 + id, 4789, Frames.vxlan(id, frame))
                : Frames.join(Frames.number(0x2000_6558, 4), Frames.number((long) id << 8, 4), frame);
        if (vxlan && !six) {
            tunnel[6] = 0;
            tunnel[7] = 0;
        }
        byte[] ip = six ? Frames.ipv6(a, b, vxlan ? 17 : 47, tunnel) : Frames.ipv4(id, 9, vxlan ? 17 : 47, tunnel);
        int type = six ? 0x86dd : 0x0800;
        return vlan < 0 ? Frames.ethernet(2, 4, type, ip) : Frames.ethernet(2, 4, 0x8100, Frames.vlan(vlan, type, ip));
    }

    @Test
    void shouldPutFramesIntoTunnelsAndTakeThemOut() {
        SplittableRandom random = Seed.random("tunnels");
        for (int i = 0; i < 400; i++) {
            boolean vxlan = random.nextBoolean();
            boolean six = random.nextBoolean();
            int vlan = random.nextInt(3) - 1;
            int id = 1 + random.nextInt(1000);
            byte[] frame = inner(random);
            byte[] expected = outer(vxlan, six, vlan, id, frame);
            FlowHeader header = new FlowHeader(outer(vxlan, six, vlan, id, NOTHING));
            flows.flush();
            int way = random.nextInt(3);
            create(List.of(item(FlowItem.Type.ETH)), new FlowAction(way > 0 ? Type.RAW_ENCAP : vxlan ? Type.VXLAN_ENCAP : Type.NVGRE_ENCAP, header));
            assertArrayEquals(expected, receive(packet(frame)));
            flows.flush();
            FlowItem.Type tunnel = vxlan ? FlowItem.Type.VXLAN : FlowItem.Type.NVGRE;
            FlowItem match = item(tunnel).is(vxlan ? FlowField.VXLAN_VNI : FlowField.NVGRE_TNI, id);
            create(List.of(match), way > 0 ? new FlowAction(Type.RAW_DECAP, header.length())
                    : action(vxlan ? Type.VXLAN_DECAP : Type.NVGRE_DECAP));
            assertArrayEquals(frame, receive(packet(expected)));
            byte[] other = outer(vxlan, six, vlan, id + 1, frame);
            assertArrayEquals(other, receive(packet(other)));
        }
    }

    @Test
    void shouldGoOnWithTheHeadersThatThereAreThen() {
        byte[] frame = inner(new SplittableRandom(1));
        FlowRule later = new FlowRule(1, 0, true, false, false, List.of(item(FlowItem.Type.UDP).is(FlowField.UDP_DST, 6)),
                List.of(new FlowAction(Type.MARK, 5)));
        assertThrows(FlowException.class, () -> create(List.of(item(FlowItem.Type.ETH)), action(Type.VXLAN_DECAP)));
        create(List.of(item(FlowItem.Type.ETH), item(FlowItem.Type.VXLAN)), action(Type.VXLAN_DECAP),
                new FlowAction(Type.SET_MAC_DST, 7), new FlowAction(Type.JUMP, 1));
        flows.create(later);
        Mbuf m = packet(outer(true, false, 5, 3, frame));
        m.packetType(0x11);
        m.olFlags(OlFlags.RX_IP_CKSUM_GOOD | OlFlags.RX_L4_CKSUM_GOOD);
        burst[0] = m;
        assertEquals(1, flows.engine(0).received(null, 0, burst, 1, burst.length));
        assertEquals(5, m.fdirId(), "the rule behind the jump sees the packet from the tunnel");
        assertEquals(0, m.packetType());
        assertEquals(0, m.olFlags() & (OlFlags.RX_IP_CKSUM_MASK | OlFlags.RX_L4_CKSUM_MASK));
        assertEquals(7, m.getShort(4), "its own address is set");
        m.free();
    }

    @Test
    void shouldDropAndCountWhatCannotBeDone() {
        FlowHeader header = new FlowHeader(outer(true, false, -1, 3, NOTHING));
        byte[] frame = inner(new SplittableRandom(2));
        Flow encap = create(List.of(item(FlowItem.Type.ETH)), new FlowAction(Type.RAW_ENCAP, header), new FlowAction(Type.QUEUE, 0));
        Mbuf full = packet(frame);
        full.prepend(Mbuf.HEADROOM - header.length() + 1);
        lose(full);
        flows.destroy(encap);
        Flow raw = create(List.of(item(FlowItem.Type.ETH)), new FlowAction(Type.RAW_DECAP, 60), new FlowAction(Type.QUEUE, 0));
        lose(packet(Arrays.copyOf(frame, 60)));
        assertArrayEquals(Arrays.copyOfRange(frame, 60, 61), receive(packet(Arrays.copyOf(frame, 61))));
        flows.destroy(raw);
        create(List.of(item(FlowItem.Type.VXLAN)), action(Type.VXLAN_DECAP), action(Type.VXLAN_DECAP), new FlowAction(Type.QUEUE, 0));
        byte[] once = outer(true, false, -1, 3, frame);
        lose(packet(once));
        assertArrayEquals(frame, receive(packet(outer(true, true, 4, 3, once))));
        lose(packet(outer(true, false, -1, 3, NOTHING)));
    }

    /** An IP packet has 65535 bytes at most, its header among them. */
    @Test
    void shouldDropWhatGetsTooLongForIp() {
        FlowHeader header = new FlowHeader(outer(true, false, -1, 3, NOTHING));
        create(List.of(item(FlowItem.Type.ETH)), new FlowAction(Type.VXLAN_ENCAP, header), new FlowAction(Type.QUEUE, 0));
        for (int more = 0; more < 2; more++) {
            Mbuf m = packet(new byte[64]);
            for (int left = 65_535 - (header.length() - 14) - 64 + more; left > 0; left -= 2000) {
                m.chain(packet(new byte[Math.min(left, 2000)]));
            }
            if (more == 0) {
                burst[0] = m;
                assertEquals(1, flows.engine(0).received(null, 0, burst, 1, burst.length));
                assertEquals(65_535 + 14, m.pktLen());
                m.free();
            } else {
                lose(m);
            }
        }
    }

    @Test
    void shouldTouchNothingOfWhatIsLeftOfHostilePackets() {
        SplittableRandom random = Seed.random("hostile tunnels");
        create(List.of(item(FlowItem.Type.ETH), item(FlowItem.Type.VXLAN)), action(Type.VXLAN_DECAP), new FlowAction(Type.OF_PUSH_VLAN, 0x8100),
                new FlowAction(Type.OF_SET_VLAN_VID, 7));
        create(List.of(item(FlowItem.Type.IPV4), item(FlowItem.Type.UDP)), new FlowAction(Type.RAW_DECAP, 30),
                new FlowAction(Type.SET_TP_DST, 9), new FlowAction(Type.SET_IPV4_SRC, 9), action(Type.DEC_TTL));
        for (int i = 0; i < 20_000; i++) {
            byte[] frame = random.nextBoolean() ? outer(true, random.nextBoolean(), -1, 3, inner(random)) : inner(random);
            byte[] cut = Arrays.copyOf(frame, random.nextInt(Math.min(frame.length, 140)) + 1);
            cut[random.nextInt(cut.length)] = (byte) random.nextInt();
            burst[0] = packet(cut);
            Mbuf.freeBulk(burst, 0, flows.engine(0).received(null, 0, burst, 1, burst.length));
        }
        assertTrue(flows.drops() > 0);
    }

    @Test
    void shouldSayWhichHeadersAreNone() {
        byte[] whole = outer(true, false, 4, 3, NOTHING);
        for (int length = 0; length < whole.length - 8; length++) {
            byte[] cut = Arrays.copyOf(whole, length);
            assertThrows(IllegalArgumentException.class, () -> new FlowHeader(cut), () -> "cut to " + cut.length);
        }
        assertThrows(IllegalArgumentException.class, () -> new FlowHeader(new byte[FlowHeader.MAX_LENGTH + 1]));
        byte[] wrong = whole.clone();
        wrong[18] = 0x65;
        assertThrows(IllegalArgumentException.class, () -> new FlowHeader(wrong));
        FlowHeader plain = new FlowHeader(Frames.ethernet(1, 2, 0x1234, NOTHING));
        List<FlowItem> eth = List.of(item(FlowItem.Type.ETH));
        for (FlowAction bad : List.of(action(Type.RAW_ENCAP), new FlowAction(Type.VXLAN_ENCAP, plain), new FlowAction(Type.NVGRE_ENCAP, plain),
                new FlowAction(Type.COUNT, plain), new FlowAction(Type.RAW_DECAP, FlowHeader.MAX_LENGTH + 1))) {
            assertEquals(Cause.ACTION_CONF, assertThrows(FlowException.class, () -> create(eth, bad)).what());
        }
    }

    @Test
    void shouldAllocateNothing() {
        create(List.of(item(FlowItem.Type.VXLAN)), action(Type.VXLAN_DECAP));
        flows.create(new FlowRule(0, 1, true, false, false, List.of(item(FlowItem.Type.ETH)),
                List.of(new FlowAction(Type.VXLAN_ENCAP, new FlowHeader(outer(true, true, -1, 3, NOTHING))))));
        burst[0] = packet(inner(new SplittableRandom(3)));
        assertEquals(0, Allocation.steadyBytesOf(() -> {
            for (int i = 0; i < 1000; i++) {
                flows.engine(0).received(null, 0, burst, 1, burst.length);
            }
        }));
        burst[0].free();
    }
}
