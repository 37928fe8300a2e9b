package dev.penstock.flow;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.penstock.eal.Clock;
import dev.penstock.eal.Eal;
import dev.penstock.flow.FlowAction.Type;
import dev.penstock.flow.FlowException.Cause;
import dev.penstock.mbuf.Mbuf;
import dev.penstock.mbuf.MbufPool;
import dev.penstock.mbuf.OlFlags;
import dev.penstock.meter.Color;
import dev.penstock.meter.SrTcm;
import dev.penstock.meter.TrTcm4115;
import dev.penstock.net.Toeplitz;
import dev.penstock.testkit.Allocation;
import dev.penstock.testkit.Frames;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Counters, ages, meters and indirect actions, of a rule's own and shared. */
@Timeout(120)
class FlowSharedTest {
    private static final long SECOND_NS = 1_000_000_000;
    private static final List<FlowItem> ALL = List.of(new FlowItem(FlowItem.Type.ETH));
    private static final List<FlowItem> UDP = List.of(new FlowItem(FlowItem.Type.ETH), new FlowItem(FlowItem.Type.IPV4), new FlowItem(FlowItem.Type.UDP));
    private static final int LENGTH = 74;
    /** Ten packets are green and five yellow for as long as no whole packet is refilled, which takes a minute. */
    private static final FlowProfile TEN_AND_FIVE = new FlowProfile(now -> new SrTcm(1, 10 * LENGTH, 5 * LENGTH, now), false);

    private final Eal eal = Eal.start(line -> { }, "--no-huge", "-l", "0");
    private final MbufPool pool = MbufPool.create(eal, "shared", 63, 0, MbufPool.DEFAULT_DATA_ROOM, -1);
    private final Flows flows = new Flows(null, 2);
    private final Mbuf[] burst = new Mbuf[32];

    @AfterEach
    void stop() {
        flows.engine(0).clear();
        flows.engine(1).clear();
        assertEquals(63, pool.availCount(), "packets given back");
        eal.close();
    }

    private static FlowAction action(Type type) {
        return new FlowAction(type);
    }

    private Flow create(int priority, List<FlowItem> pattern, FlowAction... actions) {
        return flows.create(new FlowRule(0, priority, true, false, false, pattern, List.of(actions)));
    }

    private Mbuf packet(int tos, int port) {
        byte[] frame = Frames.ethernet(2, 4, 0x0800, Frames.udp4(1, 2, 5, port, new byte[32]));
        frame[15] = (byte) tos;
        Mbuf m = pool.alloc();
        m.append(frame.length);
        m.write(0, frame, 0, frame.length);
        return m;
    }

    /** Whether a packet stays with queue 0. */
    private boolean kept(int tos) {
        burst[0] = packet(tos, 6);
        int kept = flows.engine(0).received(null, 0, burst, 1, burst.length);
        Mbuf.freeBulk(burst, 0, kept);
        return kept == 1;
    }

    @Test
    void shouldKnowHowLongARuleMetNoPacket() {
        Flow flow = create(0, UDP, new FlowAction(Type.AGE, 5), new FlowAction(Type.QUEUE, 0));
        Flow other = create(1, ALL, new FlowAction(Type.AGE, 0xff_ffff));
        assertTrue(flows.aged().isEmpty());
        long before = Clock.ns();
        assertTrue(kept(0));
        long after = Clock.ns();
        FlowAge age = flow.age();
        assertTrue(age.silentS(before + 5 * SECOND_NS) <= 5 && age.silentS(after + 5 * SECOND_NS) >= 5);
        assertTrue(age.aged(after + 5 * SECOND_NS));
        assertFalse(age.aged(before + 5 * SECOND_NS - 1));
        assertFalse(other.age().aged(after + 5 * SECOND_NS));
        assertEquals(5, age.timeoutS());
        age.timeout(1);
        age.touch();
        assertFalse(age.aged(after + SECOND_NS - 1));
        age.seen(1, after + 7 * SECOND_NS);
        assertFalse(age.aged(after + 8 * SECOND_NS - 1), "another queue's packets count");
        assertTrue(age.aged(after + 8 * SECOND_NS));
        assertThrows(FlowException.class, () -> age.timeout(0));
        assertEquals(Cause.ACTION_CONF, assertThrows(FlowException.class, () -> create(2, ALL, action(Type.AGE))).what());
        assertEquals(Cause.ACTION_CONF, assertThrows(FlowException.class, () -> create(2, ALL, new FlowAction(Type.AGE, 1 << 24))).what());
    }

    @Test
    void shouldColourAndCountWhatAMeterMeets() {
        FlowMeter meter = new FlowMeter(TEN_AND_FIVE, new FlowPolicy(List.of(), List.of(new FlowAction(Type.MARK, 7)), List.of(action(Type.DROP))));
        create(0, UDP, new FlowAction(Type.METER, meter), new FlowAction(Type.QUEUE, 0));
        for (int i = 0; i < 20; i++) {
            burst[i] = packet(0, 6);
        }
        List<Mbuf> received = List.of(Arrays.copyOf(burst, 20));
        assertEquals(15, flows.engine(0).received(null, 0, burst, 20, burst.length));
        for (int i = 0; i < 15; i++) {
            assertEquals(received.get(i), burst[i]);
            assertEquals(i < 10 ? 0 : 7, burst[i].fdirId());
        }
        Mbuf.freeBulk(burst, 0, 15);
        assertEquals(5, flows.drops());
        for (boolean reset : new boolean[] {false, true}) {
            assertArrayEquals(new long[] {10, 5, 5, 5, 10 * LENGTH, 5 * LENGTH, 5 * LENGTH, 5 * LENGTH}, meter.stats(reset));
        }
        assertArrayEquals(new long[8], meter.stats(false));
        assertFalse(kept(0));
        meter.enabled(false);
        assertTrue(kept(0), "a meter that is off is not there");
        assertEquals(1, meter.stats(false)[3]);
        meter.enabled(true);
        assertFalse(kept(0));
        meter.profile(new FlowProfile(now -> new TrTcm4115(0, 1, 0, 1, now), true));
        assertTrue(kept(0), "the new profile's one packet is yellow");
        assertEquals(1, meter.stats(false)[1]);
        assertThrows(IllegalArgumentException.class, () -> new FlowProfile(now -> new SrTcm(0, 1, 1, now), false));
    }

    @Test
    void shouldTakeTheColourThatAPacketHasBefore() {
        FlowPolicy drop = new FlowPolicy(List.of(), List.of(), List.of(action(Type.DROP)));
        FlowMeter first = new FlowMeter(TEN_AND_FIVE, new FlowPolicy(List.of(), List.of(), List.of()));
        FlowMeter second = new FlowMeter(new FlowProfile(now -> new SrTcm(1, 1 << 20, 1 << 20, now), false), drop);
        List<Color> byDscp = new ArrayList<>(Collections.nCopies(64, Color.GREEN));
        byDscp.set(46, Color.RED);
        byDscp.set(10, Color.YELLOW);
        first.input(new FlowMeterInput(Color.RED, false, byDscp, List.of()));
        second.input(new FlowMeterInput(Color.GREEN, true, List.of(), List.of()));
        create(0, UDP, new FlowAction(Type.METER, first), new FlowAction(Type.METER, second));
        assertTrue(kept(0) && kept(10 << 2));
        assertFalse(kept(46 << 2), "red before is red behind");
        assertArrayEquals(new long[] {1, 1, 1}, Arrays.copyOf(first.stats(false), 3));
        assertArrayEquals(new long[] {1, 1, 1, 1}, Arrays.copyOf(second.stats(false), 4));
        second.input(FlowMeterInput.GREEN);
        assertTrue(kept(46 << 2), "what the meter before made of it says nothing any more");
        second.input(new FlowMeterInput(Color.GREEN, true, List.of(), List.of()));
        first.input(new FlowMeterInput(Color.RED, false, List.of(), Collections.nCopies(16, Color.GREEN)));
        assertFalse(kept(0), "without a tag the table of tags says nothing");
        assertThrows(IllegalArgumentException.class, () -> new FlowMeterInput(Color.GREEN, false, List.of(Color.RED), List.of()));
    }

    @Test
    void shouldColourByTheDscpBeforeTheTag() {
        FlowMeter meter = new FlowMeter(new FlowProfile(now -> new SrTcm(1, 1 << 20, 1 << 20, now), false), new FlowPolicy(List.of(), List.of(), List.of()));
        List<Color> byDscp = new ArrayList<>(Collections.nCopies(64, Color.GREEN));
        byDscp.set(46, Color.RED);
        meter.input(new FlowMeterInput(Color.GREEN, false, byDscp, Collections.nCopies(16, Color.YELLOW)));
        create(0, ALL, new FlowAction(Type.METER, meter));
        for (boolean six : new boolean[] {false, true}) {
            byte[] ip = six ? Frames.ipv6(Frames.ipv6Address(1), Frames.ipv6Address(2), 59, new byte[8]) : Frames.ipv4(1, 2, 59, new byte[8]);
            ip[0] = (byte) (six ? 0x60 | 46 >> 2 : 0x45);
            ip[1] = (byte) (six ? 46 << 6 : 46 << 2);
            byte[] frame = Frames.ethernet(2, 4, 0x8100, Frames.vlan(0, six ? 0x86dd : 0x0800, ip));
            burst[0] = pool.alloc();
            burst[0].append(frame.length);
            burst[0].write(0, frame, 0, frame.length);
            assertEquals(1, flows.engine(0).received(null, 0, burst, 1, burst.length));
            burst[0].free();
        }
        assertArrayEquals(new long[] {0, 0, 2}, Arrays.copyOf(meter.stats(false), 3));
    }

    @Test
    void shouldTakeTheColourThatAPolicyGives() {
        FlowMeter first = new FlowMeter(TEN_AND_FIVE, new FlowPolicy(List.of(new FlowAction(Type.METER_COLOR, 2)), List.of(), List.of()));
        FlowMeter second = new FlowMeter(new FlowProfile(now -> new SrTcm(1, 1 << 20, 1 << 20, now), false), new FlowPolicy(List.of(), List.of(), List.of()));
        second.input(new FlowMeterInput(Color.GREEN, true, List.of(), List.of()));
        create(0, UDP, new FlowAction(Type.METER, first), new FlowAction(Type.METER, second), new FlowAction(Type.METER_COLOR),
                new FlowAction(Type.METER, second));
        assertTrue(kept(0));
        assertArrayEquals(new long[] {1, 0, 1, 0}, Arrays.copyOf(second.stats(false), 4), "red by the policy, then green by the rule");
        assertThrows(FlowException.class, () -> create(1, ALL, new FlowAction(Type.METER_COLOR, 3)));
        assertThrows(FlowException.class, () -> new FlowSample(1, List.of(action(Type.METER_COLOR))), "a copy's is the packet's");
    }

    @Test
    void shouldCountEachPacketOnceWhenQueuesShareAMeter() {
        int each = 20_000;
        FlowMeter meter = new FlowMeter(new FlowProfile(now -> new SrTcm(1, 1000L * LENGTH, 0, now), false), new FlowPolicy(List.of(), List.of(), List.of()));
        FlowCounter counter = new FlowCounter();
        create(0, UDP, new FlowAction(Type.METER, meter), new FlowAction(Type.COUNT, counter));
        Mbuf[] packets = {packet(0, 6), packet(0, 6)};
        CompletableFuture<?>[] threads = new CompletableFuture<?>[2];
        for (int queue = 0; queue < 2; queue++) {
            int own = queue;
            threads[queue] = CompletableFuture.runAsync(() -> {
                Mbuf[] mine = {packets[own]};
                for (int i = 0; i < each; i++) {
                    flows.engine(own).received(null, own, mine, 1, 1);
                }
            });
        }
        CompletableFuture.allOf(threads).join();
        Mbuf.freeBulk(packets, 0, 2);
        long[] stats = meter.stats(false);
        assertEquals(1000, stats[0]);
        assertEquals(2L * each, stats[0] + stats[1] + stats[2]);
        assertEquals(2L * each, counter.hits());
        assertEquals(2L * each * LENGTH, counter.bytes());
    }

    @Test
    void shouldShareAndExchangeIndirectActions() {
        FlowIndirect count = new FlowIndirect(action(Type.COUNT));
        FlowIndirect way = new FlowIndirect(new FlowAction(Type.QUEUE, 0));
        Flow udp = create(0, UDP, new FlowAction(Type.INDIRECT, count), new FlowAction(Type.INDIRECT, way));
        Flow all = create(1, ALL, new FlowAction(Type.INDIRECT, count));
        assertTrue(kept(0));
        burst[0] = pool.alloc();
        burst[0].append(14);
        burst[0].putShort(12, (short) 0);
        assertEquals(1, flows.engine(0).received(null, 0, burst, 1, burst.length));
        burst[0].free();
        assertEquals(2, udp.hits());
        assertEquals(2, all.hits());
        assertTrue(udp.uses(way) && !all.uses(way));
        flows.update(way, new FlowAction(Type.QUEUE, 1));
        assertFalse(kept(0), "it goes to queue 1 now");
        assertEquals(Cause.ACTION, assertThrows(FlowException.class, () -> flows.update(way, action(Type.DROP))).what());
        assertEquals(Cause.ACTION_CONF, assertThrows(FlowException.class, () -> flows.update(way, new FlowAction(Type.QUEUE, 2))).what());
        assertEquals(1, way.action().value());
        assertEquals(Cause.ACTION, assertThrows(FlowException.class, () -> new FlowIndirect(new FlowAction(Type.JUMP, 1))).what());
        assertEquals(Cause.ACTION, assertThrows(FlowException.class, () -> create(2, ALL, new FlowAction(Type.INDIRECT, way), action(Type.DROP))).what(),
                "an indirect queue ends a packet's way too");
        FlowIndirect ports = new FlowIndirect(new FlowAction(Type.SET_TP_SRC, 1));
        assertEquals(Cause.ACTION, assertThrows(FlowException.class, () -> create(2, ALL, new FlowAction(Type.INDIRECT, ports))).what());
        FlowIndirect age = new FlowIndirect(new FlowAction(Type.AGE, 9));
        flows.update(age, new FlowAction(Type.AGE, 3));
        assertEquals(3, ((FlowAge) age.action().argument()).timeoutS());
    }

    @Test
    void shouldGiveCopiesOfSomePacketsToAnotherQueue() {
        FlowSample third = new FlowSample(3, List.of(new FlowAction(Type.SET_TP_DST, 9), new FlowAction(Type.MARK, 4), new FlowAction(Type.QUEUE, 1)));
        create(0, UDP, new FlowAction(Type.SAMPLE, third), new FlowAction(Type.SET_TP_DST, 8));
        for (int i = 0; i < 10; i++) {
            burst[i] = packet(0, 6);
        }
        assertEquals(10, flows.engine(0).received(null, 0, burst, 10, burst.length));
        for (int i = 0; i < 10; i++) {
            assertEquals(8, burst[i].getShort(36));
            assertEquals(0, burst[i].fdirId());
        }
        Mbuf.freeBulk(burst, 0, 10);
        assertEquals(3, flows.engine(1).received(null, 1, burst, 0, burst.length));
        for (int i = 0; i < 3; i++) {
            assertEquals(9, burst[i].getShort(36));
            assertEquals(4, burst[i].fdirId());
            assertEquals(LENGTH, burst[i].pktLen());
        }
        Mbuf.freeBulk(burst, 0, 3);
        Mbuf[] all = new Mbuf[63];
        for (int i = 0; i < 63; i++) {
            all[i] = packet(0, 6);
        }
        int kept = flows.engine(0).received(null, 0, all, 63, 63);
        assertEquals(63, kept);
        assertEquals(21, flows.missed(), "an empty pool copies nothing, and says so");
        Mbuf.freeBulk(all, 0, 63);
        assertEquals(Cause.ACTION, assertThrows(FlowException.class, () -> new FlowSample(1, List.of(new FlowAction(Type.JUMP, 1)))).what());
        assertEquals(Cause.ACTION_CONF, assertThrows(FlowException.class, () -> new FlowSample(0, List.of())).what());
        assertEquals(Cause.ACTION_CONF, assertThrows(FlowException.class,
                () -> create(1, ALL, new FlowAction(Type.SAMPLE, new FlowSample(1, List.of(new FlowAction(Type.QUEUE, 2)))))).what());
    }

    /** A packet and its copy for each of 600, to a queue that does not look. */
    @Test
    void shouldCountWhatAnotherQueueHasNoRoomFor() {
        create(0, UDP, new FlowAction(Type.SAMPLE, new FlowSample(1, List.of(new FlowAction(Type.QUEUE, 1)))), new FlowAction(Type.QUEUE, 1));
        try (MbufPool many = MbufPool.create(eal, "many", 2047, 0, MbufPool.DEFAULT_DATA_ROOM, -1)) {
            Mbuf first = packet(0, 6);
            for (int i = 0; i < 600; i++) {
                burst[0] = first.copy(many, 0, LENGTH);
                assertEquals(0, flows.engine(0).received(null, 0, burst, 1, burst.length));
            }
            first.free();
            int got = 0;
            for (int n; (n = flows.engine(1).received(null, 1, burst, 0, burst.length)) > 0; got += n) {
                Mbuf.freeBulk(burst, 0, n);
            }
            assertTrue(flows.missed() > 100);
            assertEquals(1200, got + flows.missed());
        }
    }

    @Test
    void shouldGiveCopiesToTheOnlyQueueToo() {
        Flows one = new Flows(null, 1);
        one.create(new FlowRule(UDP, List.of(new FlowAction(Type.SAMPLE, new FlowSample(1, List.of())), action(Type.DROP))));
        burst[0] = packet(0, 6);
        assertEquals(1, one.engine(0).received(null, 0, burst, 1, burst.length));
        assertEquals(1, one.drops());
        burst[0].free();
    }

    @Test
    void shouldCopyAndSpreadByAMetersPolicyAsByARule() {
        Flows one = new Flows(null, 1);
        FlowAction copy = new FlowAction(Type.SAMPLE, new FlowSample(1, List.of(new FlowAction(Type.RSS, FlowAction.RSS_INNER))));
        FlowMeter meter = new FlowMeter(TEN_AND_FIVE, new FlowPolicy(List.of(copy), List.of(), List.of()));
        Flow flow = one.create(new FlowRule(UDP, List.of(new FlowAction(Type.METER, meter))));
        assertEquals(2, flow.levels());
        burst[0] = packet(0, 6);
        assertEquals(2, one.engine(0).received(null, 0, burst, 1, burst.length));
        Mbuf.freeBulk(burst, 0, 2);
        one.destroy(flow);
        Flows other = new Flows(null, 1);
        FlowIndirect indirect = new FlowIndirect(new FlowAction(Type.METER, new FlowMeter(TEN_AND_FIVE, new FlowPolicy(List.of(), List.of(), List.of()))));
        other.create(new FlowRule(UDP, List.of(new FlowAction(Type.INDIRECT, indirect))));
        other.update(indirect, new FlowAction(Type.METER, meter));
        burst[0] = packet(0, 6);
        assertEquals(2, other.engine(0).received(null, 0, burst, 1, burst.length));
        Mbuf.freeBulk(burst, 0, 2);
    }

    /** Such a queue was looked for by the thread that polls the port, and was not there. */
    @Test
    void shouldRefuseAQueueThatIsNotThereWhoeverNamesIt() {
        List<FlowAction> beyond = List.of(new FlowAction(Type.QUEUE, 2));
        FlowAction copy = new FlowAction(Type.SAMPLE, new FlowSample(1, beyond));
        FlowAction meter = new FlowAction(Type.METER, new FlowMeter(TEN_AND_FIVE, new FlowPolicy(beyond, List.of(), List.of())));
        FlowAction both = new FlowAction(Type.METER, new FlowMeter(TEN_AND_FIVE, new FlowPolicy(List.of(copy), List.of(), List.of())));
        FlowIndirect copies = new FlowIndirect(new FlowAction(Type.SAMPLE, new FlowSample(1, List.of())));
        FlowIndirect meters = new FlowIndirect(new FlowAction(Type.METER, new FlowMeter(TEN_AND_FIVE, new FlowPolicy(List.of(), List.of(), List.of()))));
        create(0, UDP, new FlowAction(Type.INDIRECT, copies), new FlowAction(Type.INDIRECT, meters));
        for (FlowAction action : List.of(copy, meter, both)) {
            assertEquals(Cause.ACTION_CONF, assertThrows(FlowException.class, () -> create(1, ALL, action)).what());
            FlowIndirect indirect = action.type() == Type.SAMPLE ? copies : meters;
            assertEquals(Cause.ACTION_CONF, assertThrows(FlowException.class, () -> flows.update(indirect, action)).what());
        }
        burst[0] = packet(0, 6);
        assertEquals(2, flows.engine(0).received(null, 0, burst, 1, burst.length));
        Mbuf.freeBulk(burst, 0, 2);
    }

    /** The other port was not asked; its thread looked for the queue, or for a copy's way to the only one, and there was none. */
    @Test
    void shouldExchangeAnIndirectActionOnAllPortsOrOnNone() {
        Flows one = new Flows(null, 1);
        FlowIndirect way = new FlowIndirect(new FlowAction(Type.QUEUE, 0));
        FlowIndirect meter = new FlowIndirect(new FlowAction(Type.METER, new FlowMeter(TEN_AND_FIVE, new FlowPolicy(List.of(), List.of(), List.of()))));
        create(0, UDP, new FlowAction(Type.INDIRECT, way));
        FlowRule rule = new FlowRule(UDP, List.of(new FlowAction(Type.INDIRECT, meter), new FlowAction(Type.INDIRECT, way)));
        Flow flow = one.create(rule);
        FlowException refused = assertThrows(FlowException.class, () -> flows.update(way, new FlowAction(Type.QUEUE, 1)));
        assertEquals(Cause.ACTION_CONF, refused.what());
        assertEquals(0, way.action().value());
        FlowAction copy = new FlowAction(Type.SAMPLE, new FlowSample(1, List.of()));
        flows.update(meter, new FlowAction(Type.METER, new FlowMeter(TEN_AND_FIVE, new FlowPolicy(List.of(copy), List.of(), List.of()))));
        burst[0] = packet(0, 6);
        assertEquals(2, one.engine(0).received(null, 0, burst, 1, burst.length), "a packet and its copy");
        Mbuf.freeBulk(burst, 0, 2);
        one.destroy(flow);
        flows.update(way, new FlowAction(Type.QUEUE, 1));
        assertThrows(FlowException.class, () -> one.create(rule));
        flows.update(way, new FlowAction(Type.QUEUE, 0));
        one.create(rule);
        one.close();
        flows.update(way, new FlowAction(Type.QUEUE, 1));
        assertEquals(1, way.action().value());
    }

    /** Queues of the same number counted in the same place, each taking what the other had added away. */
    @Test
    void shouldCountEachPacketOnceWhenPortsShareACounter() throws InterruptedException {
        int each = 200_000;
        FlowCounter counter = new FlowCounter();
        List<Thread> threads = new ArrayList<>();
        Mbuf[] packets = new Mbuf[3];
        for (int port = 0; port < packets.length; port++) {
            Flows own = new Flows(null, 1);
            own.create(new FlowRule(UDP, List.of(new FlowAction(Type.COUNT, counter))));
            packets[port] = packet(0, 6);
            Mbuf[] one = {packets[port]};
            threads.add(Thread.ofPlatform().start(() -> {
                for (int i = 0; i < each; i++) {
                    own.engine(0).received(null, 0, one, 1, 1);
                }
                own.close();
            }));
        }
        for (Thread thread : threads) {
            thread.join();
        }
        Mbuf.freeBulk(packets, 0, packets.length);
        assertEquals(3L * each, counter.hits());
        assertEquals(3L * each * LENGTH, counter.bytes());
    }

    @Test
    void shouldMendTcpNumbers() {
        byte[] a = Frames.number(1, 4);
        byte[] b = Frames.number(2, 4);
        byte[] frame = Frames.ethernet(2, 4, 0x0800, Frames.ipv4(1, 2, 6, Frames.tcp(a, b, 5, 6, 2, new byte[0], new byte[9])));
        create(0, List.of(new FlowItem(FlowItem.Type.TCP)), new FlowAction(Type.INC_TCP_SEQ, 0xffff_fff0L), new FlowAction(Type.DEC_TCP_ACK, 3),
                new FlowAction(Type.DEC_TCP_SEQ, 7), new FlowAction(Type.INC_TCP_ACK, 1));
        Mbuf m = pool.alloc();
        m.append(frame.length);
        m.write(0, frame, 0, frame.length);
        int seq = m.getInt(38);
        int ack = m.getInt(42);
        burst[0] = m;
        assertEquals(1, flows.engine(0).received(null, 0, burst, 1, burst.length));
        assertEquals(seq - 23, m.getInt(38));
        assertEquals(ack - 2, m.getInt(42));
        assertTrue(dev.penstock.net.Checksum.verifyUdpTcpIpv4(m, 14, 34));
        m.free();
    }

    @Test
    void shouldForgetTheColourOfThePacketBefore() {
        FlowMeter meter = new FlowMeter(TEN_AND_FIVE, new FlowPolicy(List.of(), List.of(), List.of()));
        meter.input(new FlowMeterInput(Color.GREEN, true, List.of(), List.of()));
        List<FlowItem> six = List.of(new FlowItem(FlowItem.Type.UDP).is(FlowField.UDP_DST, 6));
        create(0, six, new FlowAction(Type.METER_COLOR, Color.RED.ordinal()));
        create(1, UDP, new FlowAction(Type.METER, meter));
        burst[0] = packet(0, 6);
        burst[1] = packet(0, 7);
        assertEquals(2, flows.engine(0).received(null, 0, burst, 2, burst.length));
        Mbuf.freeBulk(burst, 0, 2);
        assertEquals(1, meter.stats(false)[Color.GREEN.ordinal()]);
    }

    /** As rte_flow's guide has it: the hash is in the packet then. */
    @Test
    void shouldLeaveTheHashThatItSpreadsBy() {
        Flows one = new Flows(null, 1);
        one.create(new FlowRule(ALL, List.of(action(Type.RSS))));
        burst[0] = packet(0, 6);
        burst[1] = pool.alloc();
        burst[1].append(60);
        assertEquals(2, one.engine(0).received(null, 0, burst, 2, burst.length));
        assertEquals(new Toeplitz(Toeplitz.defaultKey()).ipv4Ports(burst[0], 14, 34), burst[0].rssHash());
        assertEquals(OlFlags.RX_RSS_HASH, burst[0].olFlags());
        assertEquals(0, burst[1].olFlags(), "what has no address has no hash");
        Mbuf.freeBulk(burst, 0, 2);
    }

    @Test
    void shouldSpreadByWhatIsInATunnel() {
        create(0, ALL, new FlowAction(Type.RSS, FlowAction.RSS_INNER));
        int[] kept = new int[2];
        for (int same = 0; same < 2; same++) {
            for (int i = 0; i < 32; i++) {
                byte[] inner = Frames.ethernet(2, 4, 0x0800, Frames.udp4(same == 0 ? i : 1, 9, 7, 8, new byte[4]));
                byte[] frame = Frames.ethernet(2, 4, 0x0800, Frames.udp4(same == 0 ? 1 : i, 2, 5, 4789, Frames.vxlan(3, inner)));
                Mbuf m = pool.alloc();
                m.append(frame.length);
                m.write(0, frame, 0, frame.length);
                burst[0] = m;
                int n = flows.engine(0).received(null, 0, burst, 1, 1);
                kept[same] += n;
                Mbuf.freeBulk(burst, 0, n);
                int other = flows.engine(1).received(null, 1, burst, 0, burst.length);
                Mbuf.freeBulk(burst, 0, other);
            }
        }
        assertTrue(kept[0] > 4 && kept[0] < 28, "flows in the tunnel are spread: " + kept[0]);
        assertTrue(kept[1] == 0 || kept[1] == 32, "one flow stays together, whatever tunnel it comes in: " + kept[1]);
    }

    @Test
    void shouldAllocateNothing() {
        FlowMeter meter = new FlowMeter(TEN_AND_FIVE, new FlowPolicy(List.of(), List.of(), List.of(new FlowAction(Type.MARK, 1))));
        create(0, UDP, new FlowAction(Type.AGE, 5), action(Type.COUNT), new FlowAction(Type.METER, meter),
                new FlowAction(Type.INDIRECT, new FlowIndirect(action(Type.COUNT))));
        create(1, List.of(new FlowItem(FlowItem.Type.VXLAN), new FlowItem(FlowItem.Type.ETH)), action(Type.FLAG));
        burst[0] = packet(0, 4789);
        assertEquals(0, Allocation.steadyBytesOf(() -> {
            for (int i = 0; i < 1000; i++) {
                flows.engine(0).received(null, 0, burst, 1, burst.length);
            }
        }));
        burst[0].free();
    }
}
