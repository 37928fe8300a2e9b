package dev.penstock.drivers.afxdp;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.penstock.drivers.kernel.Rig;
import dev.penstock.eal.LcoreThread;
import dev.penstock.ethdev.Port;
import dev.penstock.ethdev.PortConfig;
import dev.penstock.ethdev.PortEvent;
import dev.penstock.linux.Fd;
import dev.penstock.linux.PerfEvent;
import dev.penstock.linux.Tracepoint;
import dev.penstock.mbuf.Mbuf;
import dev.penstock.mbuf.MbufPool;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.DatagramChannel;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.OptionalLong;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIf;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What happens to the interface, and what a burst costs. */
@Tag("root")
@EnabledIf("dev.penstock.testkit.Root#here")
class AfXdpTroubleTest {
    private static final int BURSTS = 2000;
    private Rig rig;

    @BeforeEach
    void make() {
        rig = new Rig(MbufPool.DEFAULT_DATA_ROOM).wired().queues(1);
    }

    @AfterEach
    void close() {
        rig.close();
    }

    private void passes(Port port, DatagramChannel kernel, int value) throws Exception {
        kernel.send(ByteBuffer.wrap(new byte[] {(byte) value}), new InetSocketAddress("198.18.0.1", 9));
        assertEquals((byte) value, Rig.receive(port, 0, 1, Rig::isUdp).getFirst()[Rig.ETHER_IP_UDP]);
        assertEquals(1, port.txBurst(0, new Mbuf[] {rig.packet(Rig.udp(9, new byte[] {(byte) value}))}, 0, 1));
        Rig.await("datagram " + value, () -> Rig.datagram(kernel)[0] == value);
    }

    @Test
    void shouldGoOnByItselfWhenTheCarrierIsBack() throws Exception {
        Port port = rig.started("net_af_xdp0,iface=l0");
        List<PortEvent> events = new CopyOnWriteArrayList<>();
        port.addListener((p, e) -> events.add(e));
        rig.right.run("ip", "link", "set", "r0", "down");
        Rig.await("no carrier", () -> events.contains(PortEvent.LINK_CHANGED));
        assertFalse(port.link().up());
        rig.give(port, 100);
        rig.right.run("ip", "link", "set", "r0", "up");
        rig.right.run("ip", "neighbour", "replace", "198.18.0.1", "lladdr", Rig.LEFT_MAC, "dev", "r0");
        Rig.await("carrier", () -> port.link().up());
        try (DatagramChannel kernel = Rig.socket(rig.right, "198.18.0.2", 9)) {
            passes(port, kernel, 7);
        }
    }

    /** The kernel takes a frame from the ring and throws it away when there is no carrier. */
    @Test
    void shouldCountWhatTheKernelTookAndDidNotSend() {
        Port port = rig.started("net_af_xdp0,iface=l0");
        rig.right.run("ip", "link", "set", "r0", "down");
        Rig.await("no carrier", () -> !port.link().up());
        int taken = rig.give(port, 100);
        assertTrue(taken > 0);
        assertEquals(taken, Rig.xstat(port, "tx_unsent"), () -> port.xstats().toString());
    }

    /** The kernel leaves frames in the ring while the interface is down. */
    @Test
    void shouldCountWhatTheKernelHadNotTakenWhenThePortWasStopped() {
        Port port = rig.started("net_af_xdp0,iface=l0");
        rig.left.run("ip", "link", "set", "l0", "down");
        Rig.await("down", () -> !port.link().up());
        int taken = rig.give(port, 50);
        assertTrue(taken > 0);
        assertEquals(0, Rig.xstat(port, "tx_unsent"), "they may still be sent");
        port.stop();
        assertEquals(taken, Rig.xstat(port, "tx_unsent"), () -> port.xstats().toString());
    }

    /** As many as fit come while nobody polls, then are taken by large bursts, without an empty one. */
    @Test
    void shouldLendAsMuchAsItTakes() throws Exception {
        int train = 900;
        Port port = rig.started("net_af_xdp0,iface=l0");
        Port sender = rig.right.within(() -> rig.start(rig.ports.attach("net_af_packet9,iface=r0"), PortConfig.of(1, 1)));
        Rig.await("both links", () -> port.link().up() && sender.link().up());
        Mbuf[] burst = new Mbuf[256];
        for (int round = 0; round < 3; round++) {
            long before = came();
            for (int i = 0; i < train; i++) {
                Mbuf[] one = {rig.packet(Rig.udp(9, new byte[20]))};
                Rig.await("room", () -> sender.txBurst(0, one, 0, 1) == 1);
            }
            Rig.await("the train", 30, () -> came() >= before + train);
            int udp = 0;
            for (int n = 1; n > 0 && udp < train;) {
                n = port.rxBurst(0, burst, burst.length);
                for (int i = 0; i < n; i++) {
                    udp += Rig.isUdp(Rig.bytes(burst[i])) ? 1 : 0;
                }
                Mbuf.freeBulk(burst, 0, n);
            }
            assertEquals(train, udp, () -> port.xstats().toString());
        }
        assertEquals(0, port.stats().rxMissed());
    }

    private long came() {
        return Long.parseLong(rig.left.run("cat", "/sys/class/net/l0/statistics/rx_packets").strip());
    }

    @Test
    void shouldFollowTheMtuWhileItRuns() throws Exception {
        Port port = rig.started("net_af_xdp0,iface=l0");
        try (DatagramChannel kernel = Rig.socket(rig.right, "198.18.0.2", 9)) {
            passes(port, kernel, 1);
            rig.left.run("ip", "link", "set", "l0", "mtu", "600");
            byte[] longer = Rig.udp(9, new byte[800]);
            Rig.await("too long", () -> {
                port.txBurst(0, new Mbuf[] {rig.packet(longer)}, 0, 1);
                return Rig.xstat(port, "tx_too_long") > 0;
            });
            passes(port, kernel, 2);
            rig.left.run("ip", "link", "set", "l0", "mtu", "1500");
            long before = port.stats().txPackets();
            Rig.await("fits again", () -> {
                port.txBurst(0, new Mbuf[] {rig.packet(longer)}, 0, 1);
                return port.stats().txPackets() > before;
            });
            Rig.await("the long one", () -> Rig.datagram(kernel).length == 800);
            passes(port, kernel, 3);
        }
    }

    @Test
    void shouldTakeTheInterfaceThatIsMadeAnewAfterItWasDeleted() throws Exception {
        Port port = rig.started("net_af_xdp0,iface=l0");
        List<PortEvent> events = new CopyOnWriteArrayList<>();
        port.addListener((p, e) -> events.add(e));
        rig.left.run("ip", "link", "delete", "l0");
        Rig.await("removed", () -> events.contains(PortEvent.REMOVED));
        port.close();
        rig.wired().queues(1);
        Port again = rig.started("net_af_xdp0,iface=l0");
        try (DatagramChannel kernel = Rig.socket(rig.right, "198.18.0.2", 9)) {
            passes(again, kernel, 7);
        }
    }

    @Test
    void shouldBringBothPortsOfAnInterfaceBackThatWasDeleted() {
        two();
        List<Port> both = List.of(rig.started("net_af_xdp0,iface=l0,shared_umem=1"),
                rig.started("net_af_xdp1,iface=l0,start_queue=1,shared_umem=1"));
        List<PortEvent> events = new CopyOnWriteArrayList<>();
        both.forEach(port -> port.addListener((p, e) -> events.add(e)));
        for (int round = 1; round <= 3; round++) {
            int times = 2 * round;
            rig.left.run("ip", "link", "delete", "l0");
            Rig.await("both removed", () -> Collections.frequency(events, PortEvent.REMOVED) == times);
            rig.wired();
            two();
            Rig.await("both back", () -> Collections.frequency(events, PortEvent.RECOVERED) == times);
            Port peer = rig.right.within(() -> rig.start(rig.ports.attach("net_af_xdp2,iface=r0,queue_count=2"), PortConfig.of(2, 2)));
            for (int q = 0; q < 2; q++) {
                byte[] frame = Rig.udp(9, new byte[] {(byte) round, (byte) q});
                assertEquals(1, peer.txBurst(q, new Mbuf[] {rig.packet(frame)}, 0, 1));
                assertArrayEquals(frame, Rig.receive(both.get(q), 0, 1, Rig::isUdp).getFirst());
            }
            peer.close();
        }
    }

    private void two() {
        rig.right.run("ethtool", "-L", "r0", "rx", "2", "tx", "2");
        rig.left.run("ethtool", "-L", "l0", "rx", "2", "tx", "2");
    }

    @ParameterizedTest
    @ValueSource(strings = {"", ",shared_umem=1"})
    void shouldForwardOnAnLcoreForEachQueueAtTheSameTime(String arguments) throws Exception {
        int queues = 2;
        int count = 20_000;
        rig.queues(2);
        Port port = rig.started("net_af_xdp0,iface=l0,queue_count=2" + arguments, PortConfig.of(queues, queues));
        Port peer = rig.right.within(() -> rig.start(rig.ports.attach("net_af_xdp1,iface=r0,queue_count=2" + arguments),
                PortConfig.of(queues, queues)));
        List<Thread> lcores = new ArrayList<>();
        for (int q = 0; q < queues; q++) {
            int queue = q;
            lcores.add(new LcoreThread(() -> echo(port, queue), "lcore-" + q));
            lcores.getLast().start();
        }
        long[] sent = new long[queues];
        long[] back = new long[queues];
        Mbuf[] burst = new Mbuf[32];
        Rig.await("all back", 30, () -> {
            for (int q = 0; q < queues; q++) {
                if (sent[q] < count && sent[q] - back[q] < 256) {
                    sent[q] += peer.txBurst(q, new Mbuf[] {rig.packet(Rig.udp(9, ByteBuffer.allocate(16).putLong(q).putLong(sent[q]).array()))},
                            0, 1);
                }
                int n = peer.rxBurst(q, burst, 32);
                for (int i = 0; i < n; i++) {
                    // each queue's frames come back on it, in their order
                    assertEquals(q, burst[i].getLong(Rig.ETHER_IP_UDP));
                    assertEquals(back[q]++, burst[i].getLong(Rig.ETHER_IP_UDP + 8));
                    burst[i].free();
                }
            }
            return back[0] == count && back[1] == count;
        });
        for (Thread lcore : lcores) {
            lcore.interrupt();
            lcore.join();
        }
        for (int q = 0; q < queues; q++) {
            assertEquals(count, port.queueStats(q).rxPackets());
            assertEquals(count, port.queueStats(q).txPackets());
        }
    }

    private static void echo(Port port, int queue) {
        Mbuf[] burst = new Mbuf[32];
        while (!Thread.currentThread().isInterrupted()) {
            int n = port.rxBurst(queue, burst, 32);
            int taken = n == 0 ? 0 : port.txBurst(queue, burst, 0, n);
            Mbuf.freeBulk(burst, taken, n - taken);
        }
    }

    @Test
    void shouldMakeAtMostOneSystemCallABurst() {
        OptionalLong place = Tracepoint.systemCalls();
        Assumptions.assumeTrue(place.isPresent(), "SKIPPED: the kernel has no tracepoints to count system calls with");
        Port port = rig.started("net_af_xdp0,iface=l0");
        Port sender = rig.right.within(() -> rig.start(rig.ports.attach("net_af_xdp1,iface=r0"), PortConfig.of(1, 1)));
        byte[] frame = Rig.udp(9, new byte[22]);
        Mbuf[] burst = new Mbuf[32];
        exchange(port, sender, frame, burst);
        try (Fd counter = PerfEvent.counter(PerfEvent.TYPE_TRACEPOINT, place.getAsLong(), 0, -1)) {
            long received = port.stats().rxPackets();
            long before = PerfEvent.value(counter);
            exchange(port, sender, frame, burst);
            long calls = PerfEvent.value(counter) - before;
            assertTrue(port.stats().rxPackets() - received > BURSTS * 16L);
            // each round is one burst sent and one received; a little more for the JVM's own
            assertTrue(calls <= 2 * BURSTS + 100, calls + " calls for " + BURSTS + " bursts each way");
        }
    }

    private void exchange(Port port, Port sender, byte[] frame, Mbuf[] burst) {
        for (int round = 0; round < BURSTS; round++) {
            rig.pool.allocBulk(burst, 0, 32);
            for (Mbuf m : burst) {
                m.append(frame.length);
                m.write(0, frame, 0, frame.length);
            }
            int n = sender.txBurst(0, burst, 0, 32);
            Mbuf.freeBulk(burst, n, 32 - n);
            Mbuf.freeBulk(burst, 0, port.rxBurst(0, burst, 32));
        }
    }
}
