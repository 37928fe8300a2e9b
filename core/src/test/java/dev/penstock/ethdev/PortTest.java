package dev.penstock.ethdev;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.penstock.eal.Eal;
import dev.penstock.ethdev.TestDriver.TestDevice;
import dev.penstock.linux.EventFd;
import dev.penstock.mbuf.Mbuf;
import dev.penstock.mbuf.MbufPool;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class PortTest {
    private final List<String> said = new CopyOnWriteArrayList<>();
    private Eal eal;
    private Ports ports;
    private MbufPool pool;

    @BeforeEach
    void start() {
        eal = Eal.start(said::add, "--no-huge", "--in-memory");
        ports = new Ports(eal);
        pool = MbufPool.create(eal, "pool", 255, 0, MbufPool.DEFAULT_DATA_ROOM, -1);
    }

    @AfterEach
    void stop() {
        ports.close();
        eal.close();
    }

    private Port configured(int queues) {
        Port port = ports.attach("net_test0");
        port.configure(PortConfig.of(queues, queues));
        for (int q = 0; q < queues; q++) {
            port.setupRxQueue(q, RxQueueConfig.of(pool));
            port.setupTxQueue(q, TxQueueConfig.DEFAULT);
        }
        return port;
    }

    private static TestDevice device(Port port) {
        return (TestDevice) port.device();
    }

    private Mbuf packet(int length) {
        Mbuf[] one = new Mbuf[1];
        assertTrue(pool.allocBulk(one, 0, 1));
        one[0].received(length, 0);
        return one[0];
    }

    @Test
    void shouldRefuseCallsOutOfTurnAndSayWhatToDo() {
        Port port = ports.attach("net_test0");
        assertTrue(assertThrows(IllegalStateException.class, port::start).getMessage().contains("configure it first"));
        port.configure(PortConfig.of(1, 1));
        assertTrue(assertThrows(IllegalStateException.class, port::start).getMessage().contains("setupRxQueue(0"));
        port.setupRxQueue(0, RxQueueConfig.of(pool));
        port.setupTxQueue(0, TxQueueConfig.DEFAULT);
        port.start();
        assertTrue(assertThrows(IllegalStateException.class, () -> port.configure(PortConfig.of(1, 1))).getMessage()
                .contains("stop it first"));
        port.close();
        assertThrows(IllegalStateException.class, port::start);
        port.close();
        assertEquals(List.of("start", "rx0 start", "rx0 stop", "stop", "close"), device(port).calls);
    }

    @Test
    void shouldRefuseWhatTheDeviceCannotHave() {
        Port port = ports.attach("net_test0");
        assertTrue(assertThrows(IllegalArgumentException.class, () -> port.configure(PortConfig.of(5, 1))).getMessage()
                .contains("0 to 4 receive queues"));
        assertTrue(assertThrows(IllegalArgumentException.class,
                () -> port.configure(PortConfig.of(1, 1).withOffloads(RxOffload.MACSEC_STRIP, 0))).getMessage().contains("MACSEC_STRIP"));
        assertThrows(IllegalArgumentException.class, () -> port.configure(PortConfig.of(1, 1).withMtu(9001)));
        port.configure(PortConfig.of(1, 1));
        assertThrows(IllegalArgumentException.class, () -> port.setupRxQueue(1, RxQueueConfig.of(pool)));
        MbufPool tiny = MbufPool.create(eal, "tiny", 9, 0, 10, -1);
        assertTrue(assertThrows(IllegalArgumentException.class, () -> port.setupRxQueue(0, RxQueueConfig.of(tiny))).getMessage()
                .contains("pool tiny has packets of 10 bytes, of which 128 are headroom"));
    }

    @Test
    void shouldStartDeferredQueuesAlone() {
        Port port = ports.attach("net_test0");
        port.configure(PortConfig.of(2, 1));
        port.setupRxQueue(0, RxQueueConfig.of(pool));
        port.setupRxQueue(1, new RxQueueConfig(pool, 0, 0, true, 0));
        port.setupTxQueue(0, TxQueueConfig.DEFAULT);
        port.start();
        device(port).arriving.add(packet(60));
        assertFalse(port.rxQueueStarted(1));
        assertEquals(0, port.rxBurst(1, new Mbuf[4], 4));
        port.startRxQueue(1);
        Mbuf[] burst = new Mbuf[4];
        assertEquals(1, port.rxBurst(1, burst, 4));
        burst[0].free();
        port.stopRxQueue(1);
        assertEquals(0, port.rxBurst(1, new Mbuf[4], 4));
    }

    @Test
    void shouldLoseNoCallbackWhenTwoThreadsAddAndRemoveSome() throws InterruptedException {
        Port port = configured(1);
        AtomicInteger[] called = {new AtomicInteger(), new AtomicInteger()};
        Thread[] threads = new Thread[2];
        for (int i = 0; i < 2; i++) {
            AtomicInteger mine = called[i];
            threads[i] = Thread.ofPlatform().start(() -> {
                for (int round = 0; round < 50_000; round++) {
                    RxCallback rx = (p, q, packets, n, max) -> n;
                    TxCallback tx = (p, q, packets, from, n) -> n;
                    port.addRxCallback(0, rx);
                    port.addTxCallback(0, tx);
                    port.removeRxCallback(0, rx);
                    port.removeTxCallback(0, tx);
                }
                port.addRxCallback(0, (p, q, packets, n, max) -> mine.incrementAndGet() < 0 ? 0 : n);
            });
        }
        for (Thread thread : threads) {
            thread.join();
        }
        assertEquals(2, port.rxQueue(0).callbacks.length, "what was removed is gone, what was added is there");
        assertNull(port.txQueues().getFirst().callbacks);
        port.start();
        assertEquals(0, port.rxBurst(0, new Mbuf[1], 1));
        assertEquals(1, called[0].get());
        assertEquals(1, called[1].get());
    }

    @Test
    void shouldRefuseCallbacksOfAQueueThatIsNotSetUp() {
        Port port = ports.attach("net_test0");
        port.configure(PortConfig.of(1, 1));
        RxCallback rx = (p, q, packets, n, max) -> n;
        String message = assertThrows(IllegalArgumentException.class, () -> port.addRxCallback(0, rx)).getMessage();
        assertTrue(message.endsWith("receive queue 0 is not set up"), message);
        assertThrows(IllegalArgumentException.class, () -> port.removeRxCallback(0, rx));
    }

    @Test
    void shouldRunCallbacksInOrderAndLeaveRefusedPacketsWithTheCaller() {
        Port port = configured(1);
        List<String> seen = new ArrayList<>();
        RxCallback dropFirst = (p, q, packets, n, max) -> {
            packets[0].free();
            System.arraycopy(packets, 1, packets, 0, n - 1);
            seen.add("drop");
            return n - 1;
        };
        RxCallback count = (p, q, packets, n, max) -> {
            seen.add("count " + n);
            return n;
        };
        port.addRxCallback(0, dropFirst);
        port.addRxCallback(0, count);
        port.addTxCallback(0, (p, q, packets, from, n) -> Math.min(n, 2));
        port.start();
        for (int i = 0; i < 4; i++) {
            device(port).arriving.add(packet(60 + i));
        }
        Mbuf[] burst = new Mbuf[8];
        assertEquals(3, port.rxBurst(0, burst, 8));
        assertEquals(61, burst[0].pktLen());
        assertEquals(List.of("drop", "count 3"), seen);
        assertEquals(2, port.txBurst(0, burst, 0, 3));
        assertEquals(2, device(port).sent.size());
        burst[2].free();
        device(port).sent.forEach(Mbuf::free);
        port.removeRxCallback(0, dropFirst);
        port.removeRxCallback(0, count);
        device(port).arriving.add(packet(60));
        assertEquals(1, port.rxBurst(0, burst, 8));
        burst[0].free();
        assertEquals(2, seen.size());
        assertEquals(255, pool.availCount());
    }

    @Test
    void shouldFreeAndCountABurstWhenAReceiveCallbackThrows() {
        Port port = configured(1);
        RuntimeException failure = new IllegalStateException("a callback's");
        port.addRxCallback(0, (p, q, packets, n, max) -> {
            // drops the first, and fails while it closes the gap
            packets[0].free();
            packets[0] = null;
            packets[0] = packets[1];
            throw failure;
        });
        port.start();
        for (int i = 0; i < 3; i++) {
            device(port).arriving.add(packet(60));
        }
        assertSame(failure, assertThrows(IllegalStateException.class, () -> port.rxBurst(0, new Mbuf[8], 8)));
        assertEquals(255, pool.availCount());
        assertEquals(255, IntStream.range(0, 255).mapToObj(i -> packet(60)).distinct().count(), "each is in the pool once");
        assertEquals(3, port.stats().rxPackets());
        assertEquals(2, value(port, "rx_callback_errors"));
        port.resetStats();
        assertEquals(0, value(port, "rx_callback_errors"));
    }

    @Test
    void shouldLeaveABurstWithItsSenderWhenACallbackOrTheDriverThrows() {
        Port port = configured(1);
        TxBuffer buffer = new TxBuffer(port, 0, 2);
        port.start();
        RuntimeException failure = new IllegalStateException("somebody's");
        device(port).failure = failure;
        buffer.add(packet(60));
        assertSame(failure, assertThrows(IllegalStateException.class, () -> buffer.add(packet(60))));
        device(port).failure = null;
        port.addTxCallback(0, (p, q, packets, from, n) -> {
            throw failure;
        });
        buffer.add(packet(60));
        assertSame(failure, assertThrows(IllegalStateException.class, buffer::flush));
        assertEquals(255, pool.availCount());
        assertEquals(3, buffer.dropped());
        assertEquals(0, buffer.sent());
        Mbuf[] burst = {packet(60)};
        assertThrows(IllegalStateException.class, () -> port.txBurst(0, burst, 0, 1));
        burst[0].free();
        assertEquals(255, pool.availCount());
        buffer.flush();
    }

    @Test
    void shouldCountAndResetByName() {
        Port port = configured(2);
        port.start();
        device(port).dropped = 5;
        device(port).arriving.add(packet(100));
        Mbuf[] burst = new Mbuf[4];
        assertEquals(1, port.rxBurst(1, burst, 4));
        assertEquals(1, port.txBurst(1, burst, 0, 1));
        assertEquals(new PortStats(1, 1, 100, 100, 0, 0, 0, 0), port.stats());
        assertEquals(1, value(port, "rx_q1_packets"));
        assertEquals(0, value(port, "rx_q0_packets"));
        assertEquals(5, value(port, "rx_test_dropped"));
        port.resetStats();
        device(port).dropped++;
        assertEquals(PortStats.ZERO, port.stats());
        assertEquals(1, value(port, "rx_test_dropped"));
        device(port).sent.forEach(Mbuf::free);
    }

    private static long value(Port port, String name) {
        return port.xstats().stream().filter(x -> x.name().equals(name)).findFirst().orElseThrow().value();
    }

    @Test
    void shouldKeepTheAddressTableWithinItsSize() {
        Port port = ports.attach("net_test0,macs=2");
        port.filters().addMac(0x0200_0000_0002L);
        assertTrue(assertThrows(IllegalArgumentException.class, () -> port.filters().addMac(0x0200_0000_0003L)).getMessage()
                .contains("holds 2"));
        port.filters().addMac(0x0100_5e00_0001L);
        port.filters().addMac(0x0100_5e00_0002L);
        assertEquals(4, port.filters().macs().size(), "groups take no place in it");
        port.filters().removeMac(0x0100_5e00_0001L);
        port.filters().removeMac(0x0100_5e00_0002L);
        assertThrows(IllegalArgumentException.class, () -> port.filters().removeMac(port.filters().mac()));
        port.filters().removeMac(0x0200_0000_0002L);
        assertEquals(1, port.filters().macs().size());
        assertThrows(IllegalArgumentException.class, () -> port.filters().mac(0x0100_0000_0000L), "multicast");
        assertTrue(assertThrows(UnsupportedOperationException.class, () -> port.filters().promiscuous(true)).getMessage()
                .contains("net_test"));
        assertFalse(port.filters().promiscuous());
    }

    @Test
    void shouldAttachDetachAndGiveNumbersAgain() {
        Port a = ports.attach("net_test0");
        Port b = ports.attach("net_test1");
        assertEquals(List.of(a, b), ports.list());
        assertThrows(IllegalArgumentException.class, () -> ports.attach("net_test1"), "twice");
        List<PortEvent> events = new ArrayList<>();
        a.addListener((p, e) -> events.add(e));
        a.close();
        assertEquals(List.of(PortEvent.DESTROYED), events);
        assertNull(ports.byName("net_test0"));
        assertThrows(IllegalArgumentException.class, () -> ports.port(0));
        assertEquals(0, ports.attach("net_test7").id());
        b.owner("net_bond0");
        assertEquals(1, ports.list().size());
        assertThrows(IllegalStateException.class, () -> b.owner("net_bond1"));
        b.owner(null);
    }

    @Test
    void shouldLogWhatAListenerThrowsAndTellTheOthers() {
        Port port = ports.attach("net_test0");
        List<PortEvent> events = new ArrayList<>();
        port.addListener((p, e) -> {
            throw new IllegalStateException("mine");
        });
        port.addListener((p, e) -> events.add(e));
        port.fire(PortEvent.LINK_CHANGED);
        port.close();
        assertEquals(List.of(PortEvent.LINK_CHANGED, PortEvent.DESTROYED), events);
        assertTrue(said.stream().anyMatch(line -> line.matches("ETHDEV: net_test0: a listener failed at LINK_CHANGED: "
                + "java.lang.IllegalStateException: mine, at .*PortTest.*\\(PortTest.java:\\d+\\)")), said::toString);
    }

    @Test
    void shouldResetUnderTheSameNumberWithItsListeners() {
        Port a = ports.attach("net_test0");
        Port b = ports.attach("net_test1,macs=3");
        a.close();
        List<String> events = new ArrayList<>();
        b.addListener((p, e) -> events.add(p.id() + " " + e));
        b.configure(PortConfig.of(1, 1));
        b.setupRxQueue(0, RxQueueConfig.of(pool));
        b.setupTxQueue(0, TxQueueConfig.DEFAULT);
        b.start();
        assertTrue(assertThrows(IllegalStateException.class, b::reset).getMessage().contains("stop it first"));
        b.stop();
        b.filters().addMac(0x0200_0000_0009L);
        b.filters().mtu(900);
        b.filters().vlan(7, true);
        Port again = b.reset();
        assertEquals(b.filters().macs(), again.filters().macs());
        assertEquals(900, again.filters().mtu());
        assertTrue(again.filters().vlan(7));
        assertEquals(1, again.id(), "though 0 is free");
        assertEquals(Port.State.PROBED, again.state());
        assertEquals(Port.State.CLOSED, b.state());
        assertEquals(3, again.info().maxMacs());
        assertSame(again, ports.byName("net_test1"));
        assertEquals("close", device(b).calls.getLast());
        again.close();
        assertEquals(List.of("1 RESET", "1 DESTROYED"), events);
        Port own = ports.attach("own", new TestDriver.TestDevice(1, 1));
        assertThrows(UnsupportedOperationException.class, own::reset);
        assertEquals(Port.State.PROBED, own.state());
    }

    @Test
    void shouldGoOnCountingWhenQueuesAreMadeAnew() {
        Port port = configured(2);
        port.start();
        exchange(port, 1, 100);
        device(port).dropped = 2;
        port.resetStats();
        exchange(port, 1, 70);
        device(port).dropped++;
        port.stop();
        port.setupRxQueue(1, RxQueueConfig.of(pool));
        assertEquals(new PortStats(1, 1, 70, 70, 0, 0, 0, 0), port.queueStats(1));
        port.configure(PortConfig.of(1, 1));
        port.setupRxQueue(0, RxQueueConfig.of(pool));
        port.setupTxQueue(0, TxQueueConfig.DEFAULT);
        port.start();
        exchange(port, 0, 60);
        assertEquals(new PortStats(2, 2, 130, 130, 0, 0, 0, 0), port.stats());
        assertEquals(new PortStats(1, 1, 60, 60, 0, 0, 0, 0), port.queueStats(0));
        assertEquals(1, value(port, "rx_test_dropped"));
        port.resetStats();
        assertEquals(PortStats.ZERO, port.stats());
        assertEquals(PortStats.ZERO, port.queueStats(0));
        assertEquals(PortStats.ZERO, port.queueStats(1));
    }

    private void exchange(Port port, int queue, int bytes) {
        device(port).arriving.add(packet(bytes));
        Mbuf[] burst = new Mbuf[4];
        assertEquals(1, port.rxBurst(queue, burst, 4));
        assertEquals(1, port.txBurst(queue, burst, 0, 1));
        device(port).sent.poll().free();
    }

    @Test
    void shouldTellOfItselfInDpdksLayout() {
        Port port = configured(2);
        port.start();
        exchange(port, 1, 100);
        var t = eal.telemetry();
        String none = "[0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0]";
        assertEquals("{\"/ethdev/list\":[0]}", t.answer("/ethdev/list"));
        assertEquals("{\"/ethdev/stats\":{\"ipackets\":1,\"opackets\":1,\"ibytes\":100,\"obytes\":100,\"imissed\":0,\"ierrors\":0,"
                + "\"oerrors\":0,\"rx_nombuf\":0,\"q_ipackets\":[0,1" + none.substring(4) + ",\"q_opackets\":[0,1" + none.substring(4)
                + ",\"q_ibytes\":[0,100" + none.substring(4) + ",\"q_obytes\":[0,100" + none.substring(4) + ",\"q_errors\":" + none + "}}",
                t.answer("/ethdev/stats,0"));
        assertEquals("{\"/ethdev/xstats\":{\"rx_good_packets\":1,\"tx_good_packets\":1,\"rx_good_bytes\":100,\"tx_good_bytes\":100,"
                + "\"rx_q1_packets\":1,\"rx_q1_bytes\":100,\"tx_q1_packets\":1,\"tx_q1_bytes\":100}}", t.answer("/ethdev/xstats,0,hide_zero=true"));
        assertEquals("{\"/ethdev/link_status\":{\"status\":\"UP\",\"speed\":10000,\"duplex\":\"full-duplex\"}}", t.answer("/ethdev/link_status,0"));
        assertEquals("{\"/ethdev/macs\":[\"02:00:00:00:00:01\"]}", t.answer("/ethdev/macs,0x0"));
        assertTrue(t.answer("/ethdev/info,0").contains("\"nb_rx_queues\":2,"));
        assertTrue(t.answer("/ethdev/rx_queue,0,1").contains("\"mempool\":\"" + pool.name() + "\""));
        assertEquals("{\"/ethdev/rx_queue\":null}", t.answer("/ethdev/rx_queue,0"));
        assertTrue(t.answer("/ethdev/tx_queue,0,0").contains("\"queue_state\":1"));
        assertTrue(t.answer("/ethdev/rss_info,0").contains("\"rss_key_len\":40,\"rss_key\":\"6d5a"));
        assertTrue(t.answer("/mempool/info," + pool.name()).contains("\"size\":255,"));
        for (String wrong : List.of("/ethdev/stats", "/ethdev/stats,1", "/ethdev/stats,x", "/ethdev/info,-1", "/ethdev/stats,99999999999")) {
            assertEquals("{\"" + wrong.split(",")[0] + "\":null}", t.answer(wrong));
        }
        ports.close();
        assertEquals("{\"/ethdev/list\":null}", t.answer("/ethdev/list"));
    }

    @Test
    void shouldRefuseToHashWhatThePortCannot() {
        Port port = ports.attach("net_test0");
        String said = assertThrows(IllegalArgumentException.class,
                () -> port.configure(PortConfig.of(2, 1).withRss(RssType.IPV4 | RssType.L2_PAYLOAD))).getMessage();
        assertTrue(said.contains("can't hash l2-payload; it can hash ipv4 "), said);
        port.configure(PortConfig.of(2, 1).withRss(RssType.IPV4));
        said = assertThrows(IllegalArgumentException.class, () -> port.rss().types(RssType.L2_PAYLOAD)).getMessage();
        assertTrue(said.contains("can't hash l2-payload"), said);
        assertEquals(RssType.IPV4, port.rss().types());
        // in software, with one queue
        Port one = ports.attach("net_test1,queues=1");
        one.configure(PortConfig.of(2, 1).withRss(RssType.IP | RssType.UDP | RssType.TCP | RssType.SCTP));
        said = assertThrows(IllegalArgumentException.class, () -> one.configure(PortConfig.of(2, 1).withRss(RssType.L2_PAYLOAD))).getMessage();
        assertTrue(said.contains("can't hash l2-payload; it can hash ipv4 "), said);
    }

    @Test
    void shouldSpreadHashesOverQueues() {
        Port port = ports.attach("net_test0");
        port.configure(PortConfig.of(3, 1).withRss(RssType.IP));
        int[] reta = port.rss().reta();
        assertEquals(128, reta.length);
        assertEquals(2, reta[5]);
        port.rss().reta(5, 0);
        assertEquals(0, port.rss().reta()[5]);
        assertThrows(IllegalArgumentException.class, () -> port.rss().reta(128, 0));
        assertThrows(IllegalArgumentException.class, () -> port.rss().reta(0, 3));
        assertThrows(IllegalArgumentException.class, () -> port.rss().key(new byte[39]));
    }

    @Test
    @org.junit.jupiter.api.condition.EnabledOnOs(org.junit.jupiter.api.condition.OS.LINUX)
    void shouldSleepUntilAPacketComes() throws Exception {
        Port port = configured(1);
        try (EventFd bell = new EventFd(); RxWaiter waiter = new RxWaiter()) {
            try (RxWaiter none = new RxWaiter()) {
                assertFalse(none.add(port, 0), "no descriptor yet");
            }
            device(port).doorbell = bell.fd();
            assertTrue(waiter.add(port, 0));
            port.start();
            waiter.await(1);
            AtomicInteger got = new AtomicInteger();
            Thread sleeper = new Thread(() -> {
                Mbuf[] burst = new Mbuf[4];
                while (got.get() == 0) {
                    int n = port.rxBurst(0, burst, 4);
                    Mbuf.freeBulk(burst, 0, n);
                    got.addAndGet(n);
                    if (n == 0) {
                        waiter.await(60_000);
                    }
                }
            });
            sleeper.start();
            while (sleeper.getState() != Thread.State.RUNNABLE) {
                Thread.onSpinWait();
            }
            Thread.sleep(20);
            device(port).arriving.add(packet(60));
            bell.signal();
            sleeper.join(30_000);
            assertEquals(1, got.get());
        }
    }

    @Test
    void shouldRefuseOffloadsOfAQueueThatThePortCannotDo() {
        Port port = ports.attach("net_test0");
        port.configure(PortConfig.of(1, 1));
        assertTrue(assertThrows(IllegalArgumentException.class,
                () -> port.setupRxQueue(0, new RxQueueConfig(pool, 0, RxOffload.TCP_LRO, false, 0))).getMessage().contains("TCP_LRO"));
        assertTrue(assertThrows(IllegalArgumentException.class,
                () -> port.setupTxQueue(0, new TxQueueConfig(0, TxOffload.SECURITY, false, 0))).getMessage().contains("SECURITY"));
        assertThrows(IllegalStateException.class, port::start, "no queue was made");
    }

    @Test
    void shouldRefuseAnAddressOfZero() {
        Port port = ports.attach("net_test0");
        assertThrows(IllegalArgumentException.class, () -> port.filters().addMac(0));
        assertEquals(1, port.filters().macs().size());
    }

    @Test
    void shouldNotStartOnQueuesThatARefusedConfigurationLeft() {
        Port port = configured(2);
        port.start();
        device(port).arriving.add(packet(60));
        Mbuf[] burst = new Mbuf[4];
        Mbuf.freeBulk(burst, 0, port.rxBurst(1, burst, 4));
        port.stop();
        device(port).refusal = "no memory";
        assertEquals("no memory", assertThrows(IllegalStateException.class, () -> port.configure(PortConfig.of(1, 1))).getMessage());
        assertTrue(assertThrows(IllegalStateException.class, port::start).getMessage().contains("configure it first"));
        assertEquals(1, port.stats().rxPackets());
        device(port).refusal = null;
        port.configure(PortConfig.of(1, 1));
        port.setupRxQueue(0, RxQueueConfig.of(pool));
        port.setupTxQueue(0, TxQueueConfig.DEFAULT);
        device(port).refusal = "no descriptors";
        assertThrows(IllegalStateException.class, () -> port.setupRxQueue(0, RxQueueConfig.of(pool)));
        assertThrows(IllegalStateException.class, () -> port.setupTxQueue(0, TxQueueConfig.DEFAULT));
        assertTrue(assertThrows(IllegalStateException.class, port::start).getMessage().contains("setupRxQueue(0"));
        device(port).refusal = null;
        port.setupRxQueue(0, RxQueueConfig.of(pool));
        assertTrue(assertThrows(IllegalStateException.class, port::start).getMessage().contains("setupTxQueue(0"));
        port.setupTxQueue(0, TxQueueConfig.DEFAULT);
        port.start();
        assertEquals(1, port.stats().rxPackets());
    }

    /** A device that fails when it is stopped and when it is closed. */
    private static final class Failing extends Device {
        PortConfig config;
        boolean closed;

        @Override
        public DeviceInfo info() {
            return DeviceInfo.of("failing", 0x0200_0000_0009L);
        }

        @Override
        public void configure(PortConfig config) {
            this.config = config;
        }

        @Override
        public RxQueue rxQueue(int queue, RxQueueConfig config) {
            throw new AssertionError();
        }

        @Override
        public TxQueue txQueue(int queue, TxQueueConfig config) {
            throw new AssertionError();
        }

        @Override
        public Link link() {
            return Link.VIRTUAL;
        }

        @Override
        public void stop() {
            throw new IllegalStateException("stop");
        }

        @Override
        public void close() {
            closed = true;
            throw new IllegalStateException("close");
        }
    }

    @Test
    void shouldCloseAllPortsThoughOneFails() {
        Port good = ports.attach("net_test0");
        Failing device = new Failing();
        Port bad = ports.attach("bad", device);
        bad.configure(PortConfig.of(0, 0));
        bad.start();
        assertThrows(IllegalStateException.class, ports::close);
        assertTrue(device.closed);
        assertEquals(List.of("close"), device(good).calls);
        assertEquals(List.of(), ports.list());
    }

    @Test
    void shouldChangeNothingWhenTheMtuOfAConfigurationIsRefused() {
        Failing device = new Failing();
        Port port = ports.attach("mtu", device);
        port.configure(PortConfig.of(0, 0));
        assertThrows(IllegalArgumentException.class, () -> port.configure(PortConfig.of(1, 1).withMtu(70_000)));
        assertEquals(PortConfig.of(0, 0), device.config);
        assertThrows(IllegalStateException.class, port::close, "as its device does");
    }

    @Test
    void shouldMakeNoDeviceWhenThereIsNoNumberForAPort() {
        for (int i = 0; i < Ports.MAX_PORTS; i++) {
            ports.attach("many" + i, new TestDevice(1, 1));
        }
        assertTrue(assertThrows(IllegalArgumentException.class, () -> ports.attach("net_test0,macs=99")).getMessage()
                .contains("more than 1024 ports"), "the driver was not asked");
        ports.port(7).close();
        assertEquals(7, ports.attach("net_test0").id());
    }

    @Test
    void shouldRefuseQueuesOfLessThanNoDescriptors() {
        assertThrows(IllegalArgumentException.class, () -> new RxQueueConfig(pool, -1, 0, false, 0));
        assertThrows(IllegalArgumentException.class, () -> new TxQueueConfig(-1, 0, false, 0));
        assertThrows(IllegalArgumentException.class, () -> new TxQueueConfig(0, 0, false, -1));
    }
}
