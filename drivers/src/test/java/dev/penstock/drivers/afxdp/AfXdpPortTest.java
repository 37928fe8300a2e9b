package dev.penstock.drivers.afxdp;

import static dev.penstock.drivers.kernel.Rig.payload;
import static dev.penstock.drivers.kernel.Rig.random;
import static dev.penstock.drivers.kernel.Rig.send;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.penstock.drivers.kernel.Rig;
import dev.penstock.ethdev.Port;
import dev.penstock.ethdev.PortConfig;
import dev.penstock.ethdev.PortEvent;
import dev.penstock.ethdev.RxOffload;
import dev.penstock.ethdev.RxQueueConfig;
import dev.penstock.ethdev.RxWaiter;
import dev.penstock.ethdev.TxOffload;
import dev.penstock.ethdev.TxQueueConfig;
import dev.penstock.linux.Fd;
import dev.penstock.linux.LinuxException;
import dev.penstock.linux.PerfEvent;
import dev.penstock.linux.Tracepoint;
import dev.penstock.mbuf.Mbuf;
import dev.penstock.mbuf.MbufPool;
import dev.penstock.testkit.Allocation;
import dev.penstock.testkit.Seed;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.DatagramChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.OptionalLong;
import java.util.SplittableRandom;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIf;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

@Tag("root")
@EnabledIf("dev.penstock.testkit.Root#here")
class AfXdpPortTest {
    private static final String PORT = "net_af_xdp0,iface=l0";
    @TempDir
    private Path folder;
    private Rig rig;

    @BeforeEach
    void make() {
        rig = new Rig(MbufPool.DEFAULT_DATA_ROOM).wired();
        // a frame that comes through a veth carries no sum that its sender left to the hardware
        rig.queues(1);
    }

    @AfterEach
    void close() {
        rig.close();
    }

    @ParameterizedTest
    @ValueSource(strings = {"", ",mode=drv", ",mode=skb", ",force_copy=1,busy_budget=0"})
    void shouldReceiveAndSendByteForByteInEveryMode(String arguments) throws Exception {
        SplittableRandom random = Seed.random("afxdp bytes" + arguments);
        Port port = rig.started(PORT + arguments);
        try (DatagramChannel kernel = Rig.socket(rig.right, "198.18.0.2", 9)) {
            for (int length : new int[] {1, 18, 63, 64, 65, 511, 1000, 1471, 1472}) {
                byte[] payload = random(random, length);
                send(kernel, payload);
                assertArrayEquals(payload, payload(Rig.receive(port, 0, 1, Rig::isUdp).getFirst()));
                assertEquals(1, port.txBurst(0, new Mbuf[] {rig.packet(Rig.udp(9, payload))}, 0, 1));
                assertArrayEquals(payload, Rig.datagram(kernel));
            }
        }
        assertEquals(9, port.stats().rxPackets());
        assertEquals(9, port.stats().txPackets());
        assertEquals(0, Rig.xstat(port, "tx_copied"));
    }

    @Test
    void shouldSendPiecesAndPacketsOfOtherPoolsAsCopies() throws Exception {
        SplittableRandom random = Seed.random("afxdp pieces");
        Port port = rig.started(PORT);
        MbufPool other = MbufPool.create(rig.eal, "other", 63, 0, 600, -1);
        try (DatagramChannel kernel = Rig.socket(rig.right, "198.18.0.2", 9)) {
            for (int length : new int[] {1, 64, 500, 1000, 1472}) {
                byte[] payload = random(random, length);
                Mbuf whole = rig.packet(Rig.udp(9, payload));
                Mbuf copy = whole.copy(other, 0, whole.pktLen());
                Mbuf clone = whole.clone(rig.pool);
                Mbuf[] three = {whole, copy, clone};
                assertEquals(3, port.txBurst(0, three, 0, 3));
                for (int i = 0; i < 3; i++) {
                    assertArrayEquals(payload, Rig.datagram(kernel));
                }
            }
        }
        assertEquals(10, Rig.xstat(port, "tx_copied"));
        assertEquals(0, other.inUseCount());
    }

    @Test
    void shouldReceiveAndSendJumboFramesInPieces() throws Exception {
        SplittableRandom random = Seed.random("afxdp jumbo");
        rig.left.run("ip", "link", "set", "l0", "mtu", "9000");
        rig.right.run("ip", "link", "set", "r0", "mtu", "9000");
        Port port = rig.started(PORT + ",mode=drv", PortConfig.of(1, 1).withOffloads(RxOffload.SCATTER, TxOffload.MULTI_SEGS));
        try (DatagramChannel kernel = Rig.socket(rig.right, "198.18.0.2", 9)) {
            for (int length : new int[] {100, 1900, 2000, 4000, 5800, 8972}) {
                byte[] payload = random(random, length);
                send(kernel, payload);
                assertArrayEquals(payload, payload(Rig.receive(port, 0, 1, Rig::isUdp).getFirst()));
                assertEquals(1, port.txBurst(0, new Mbuf[] {rig.packet(Rig.udp(9, payload))}, 0, 1));
                assertArrayEquals(payload, Rig.datagram(kernel));
            }
        }
        assertEquals(6, port.stats().rxPackets());
        assertEquals(6, port.stats().txPackets());
    }

    @Test
    void shouldCountWhatDoesNotFit() {
        Port port = rig.started(PORT);
        Mbuf longer = rig.packet(new byte[1519]);
        Mbuf shorter = rig.packet(new byte[13]);
        assertEquals(2, port.txBurst(0, new Mbuf[] {longer, shorter}, 0, 2));
        assertEquals(1, Rig.xstat(port, "tx_too_long"));
        assertEquals(1, Rig.xstat(port, "tx_too_short"));
        assertEquals(2, port.stats().txErrors());
    }

    @Test
    void shouldLoseNothingUncountedInAFlood() throws Exception {
        Port port = rig.started(PORT);
        Port sender = rig.right.within(() -> rig.start(rig.ports.attach("net_af_xdp1,iface=r0"), PortConfig.of(1, 1)));
        byte[] frame = Rig.udp(9, new byte[22]);
        Mbuf[] burst = new Mbuf[32];
        Mbuf[] got = new Mbuf[32];
        long sent = 0;
        long received = 0;
        for (int round = 0; round < 3000; round++) {
            int n = 0;
            while (n < 32 && (burst[n] = rig.packet(frame)) != null) {
                n++;
            }
            int taken = sender.txBurst(0, burst, 0, n);
            Mbuf.freeBulk(burst, taken, n - taken);
            sent += taken;
            if (round % 200 > 150) {
                received += drain(port, got);
            }
        }
        for (long quiet = System.nanoTime() + 200_000_000; System.nanoTime() < quiet;) {
            sender.txBurst(0, burst, 0, 0);
            received += drain(port, got);
        }
        assertEquals(sent, sender.stats().txPackets());
        assertEquals(received, port.stats().rxPackets());
        assertTrue(port.stats().rxMissed() > 0, "nothing missed of " + sent);
        assertEquals(sent, received + port.stats().rxMissed(), port.xstats().toString());
        assertEquals(0, Rig.xstat(port, "rx_malformed"));
        assertEquals(0, Rig.xstat(sender, "tx_malformed"));
    }

    @Test
    void shouldKeepFewLongFramesWaitingUnderLastingOverloadAndHaveRoomAgainAfterIt() {
        Port port = rig.started(PORT);
        Port sender = rig.right.within(() -> rig.start(rig.ports.attach("net_af_xdp1,iface=r0"), PortConfig.of(1, 1)));
        int lent = rig.pool.size() / 4;
        int few = lent / 2;
        // how busy the machine is decides whether the sender is the faster one all the time
        assertTrue(repeated(() -> overload(port, sender, 64) > few), "never waited as many as may");
        assertTrue(repeated(() -> overload(port, sender, 1500) <= few), "too many wait, however long");
        assertTrue(repeated(() -> overload(port, sender, 1500) <= few && overload(port, sender, 64) > few), "no room again");
        assertEquals(port.stats().rxPackets() + port.stats().rxMissed(), sender.stats().txPackets());
    }

    private static boolean repeated(BooleanSupplier attempt) {
        for (int i = 0; i < 20; i++) {
            if (attempt.getAsBoolean()) {
                return true;
            }
        }
        return false;
    }

    /** Sends two packets for each that is taken; how many wait at the end. */
    private int overload(Port port, Port sender, int rounds) {
        byte[] frame = Rig.udp(9, new byte[1400]);
        Mbuf[] burst = new Mbuf[32];
        for (int i = 0; i < 2 * rounds; i++) {
            int n = 0;
            while (n < 32 && (burst[n] = rig.packet(frame)) != null) {
                n++;
            }
            int taken = sender.txBurst(0, burst, 0, n);
            Mbuf.freeBulk(burst, taken, n - taken);
            if (i % 2 == 1) {
                Mbuf.freeBulk(burst, 0, port.rxBurst(0, burst, 32));
            }
        }
        int waiting = 0;
        for (long quiet = System.nanoTime() + 5_000_000; System.nanoTime() < quiet;) {
            sender.txBurst(0, burst, 0, 0);
            waiting += drain(port, burst);
        }
        return waiting;
    }

    private static int drain(Port port, Mbuf[] got) {
        int all = 0;
        for (int n = port.rxBurst(0, got, 32); n > 0; n = port.rxBurst(0, got, 32)) {
            Mbuf.freeBulk(got, 0, n);
            all += n;
        }
        return all;
    }

    @ParameterizedTest
    @ValueSource(strings = {"", ",shared_umem=1"})
    void shouldUseEachQueueOfTheInterface(String arguments) throws Exception {
        rig.queues(4);
        Port port = rig.started(PORT + ",queue_count=4" + arguments, PortConfig.of(4, 4));
        Port peer = rig.right.within(() -> rig.start(rig.ports.attach("net_af_xdp1,iface=r0,queue_count=4" + arguments),
                PortConfig.of(4, 4)));
        for (int q = 0; q < 4; q++) {
            byte[] frame = Rig.udp(9, new byte[] {(byte) q});
            assertEquals(1, peer.txBurst(q, new Mbuf[] {rig.packet(frame)}, 0, 1));
            assertArrayEquals(frame, Rig.receive(port, q, 1, Rig::isUdp).getFirst());
            assertEquals(1, port.txBurst(q, new Mbuf[] {rig.packet(frame)}, 0, 1));
            assertArrayEquals(frame, Rig.receive(peer, q, 1, Rig::isUdp).getFirst());
            assertEquals(1, port.queueStats(q).rxPackets());
        }
    }

    @Test
    void shouldLeaveSteeredTrafficToTheKernelAndTakeTheRest() throws Exception {
        rig.left.run("ip", "address", "add", "198.18.0.1/24", "dev", "l0");
        Port port = rig.started(PORT + ",steer=[!arp,!udp:7000-7999]");
        try (DatagramChannel left = Rig.socket(rig.left, "198.18.0.1", 7001);
                DatagramChannel right = Rig.socket(rig.right, "198.18.0.2", 9)) {
            for (int i = 0; i < 10; i++) {
                right.send(ByteBuffer.wrap(new byte[] {1, (byte) i}), new InetSocketAddress("198.18.0.1", 7001));
                right.send(ByteBuffer.wrap(new byte[] {2, (byte) i}), new InetSocketAddress("198.18.0.1", 8000));
            }
            for (int i = 0; i < 10; i++) {
                assertArrayEquals(new byte[] {1, (byte) i}, Rig.datagram(left));
                assertArrayEquals(new byte[] {2, (byte) i}, payload(Rig.receive(port, 0, 1, Rig::isUdp).getFirst()));
            }
        }
        assertEquals(10, port.stats().rxPackets());
    }

    @Test
    void shouldGiveTheInterfaceBackToTheKernelWhenClosed() throws Exception {
        rig.left.run("ip", "address", "add", "198.18.0.1/24", "dev", "l0");
        Port port = rig.started(PORT);
        assertTrue(rig.left.run("ip", "-d", "link", "show", "l0").contains("xdp"));
        port.close();
        assertFalse(rig.left.run("ip", "-d", "link", "show", "l0").contains("xdp"));
        try (DatagramChannel left = Rig.socket(rig.left, "198.18.0.1", 9);
                DatagramChannel right = Rig.socket(rig.right, "198.18.0.2", 9)) {
            send(right, new byte[] {5});
            assertArrayEquals(new byte[] {5}, Rig.datagram(left));
        }
        rig.started(PORT);
    }

    @Test
    void shouldStopAndStartWithoutLosingPackets() throws Exception {
        Port port = rig.started(PORT);
        try (DatagramChannel kernel = Rig.socket(rig.right, "198.18.0.2", 9)) {
            for (byte round = 0; round < 3; round++) {
                send(kernel, new byte[] {round});
                assertArrayEquals(new byte[] {round}, payload(Rig.receive(port, 0, 1, Rig::isUdp).getFirst()));
                port.stop();
                assertEquals(rig.pool.size(), rig.pool.availCount());
                port.start();
            }
        }
    }

    @Test
    void shouldTellOfTheLinkAndGoOnByItselfWhenItIsBack() throws Exception {
        Port port = rig.started(PORT);
        List<PortEvent> events = new CopyOnWriteArrayList<>();
        port.addListener((p, e) -> events.add(e));
        rig.left.run("ip", "link", "set", "l0", "down");
        Rig.await("down", () -> events.contains(PortEvent.LINK_CHANGED));
        assertFalse(port.link().up());
        Mbuf[] one = {rig.packet(Rig.udp(9, new byte[] {1}))};
        if (port.txBurst(0, one, 0, 1) == 0) {
            one[0].free();
        }
        rig.left.run("ip", "link", "set", "l0", "up");
        rig.right.run("ip", "neighbour", "replace", "198.18.0.1", "lladdr", Rig.LEFT_MAC, "dev", "r0");
        Rig.await("up", () -> port.link().up());
        try (DatagramChannel kernel = Rig.socket(rig.right, "198.18.0.2", 9)) {
            send(kernel, new byte[] {3});
            assertArrayEquals(new byte[] {3}, payload(Rig.receive(port, 0, 1, Rig::isUdp).getFirst()));
            assertEquals(1, port.txBurst(0, new Mbuf[] {rig.packet(Rig.udp(9, new byte[] {4}))}, 0, 1));
            byte[] came = Rig.datagram(kernel);
            // what was given while the link was down may come first
            assertArrayEquals(new byte[] {4}, came[0] == 1 ? Rig.datagram(kernel) : came);
        }
    }

    @Test
    void shouldSurviveTheInterfaceBeingDeleted() {
        Port port = rig.started(PORT);
        List<PortEvent> events = new CopyOnWriteArrayList<>();
        port.addListener((p, e) -> events.add(e));
        rig.left.run("ip", "link", "delete", "l0");
        Rig.await("removed", () -> events.contains(PortEvent.REMOVED));
        assertFalse(port.link().up());
        Mbuf[] burst = new Mbuf[1];
        for (int i = 0; i < 3; i++) {
            assertEquals(0, port.rxBurst(0, burst, 1));
            burst[0] = rig.packet(Rig.udp(9, new byte[1]));
            if (port.txBurst(0, burst, 0, 1) == 0) {
                burst[0].free();
            }
        }
        port.stats();
        port.xstats();
    }

    @Test
    void shouldWakeASleeperWhenAPacketComes() throws Exception {
        Port port = rig.started(PORT, PortConfig.of(1, 1).withInterrupts(false, true));
        try (DatagramChannel kernel = Rig.socket(rig.right, "198.18.0.2", 9); RxWaiter waiter = new RxWaiter()) {
            assertTrue(waiter.add(port, 0));
            Thread.ofPlatform().start(() -> {
                try {
                    Thread.sleep(200);
                    send(kernel, new byte[] {1});
                } catch (Exception e) {
                    throw new AssertionError(e);
                }
            });
            long began = System.nanoTime();
            List<byte[]> none = List.of();
            Mbuf[] burst = new Mbuf[4];
            int n = 0;
            while (n == 0 && System.nanoTime() - began < 5_000_000_000L) {
                waiter.await(4000);
                n = port.rxBurst(0, burst, 4);
            }
            long sleptMs = (System.nanoTime() - began) / 1_000_000;
            assertEquals(1, n, () -> "" + none);
            assertTrue(sleptMs > 100 && sleptMs < 3000, sleptMs + " ms");
            burst[0].free();
        }
    }

    @Test
    void shouldBePromiscuousOnlyWhileOpen() {
        Port port = rig.started(PORT);
        port.filters().promiscuous(true);
        assertTrue(rig.left.run("ip", "-d", "link", "show", "l0").contains("promiscuity 1"), rig.left.run("ip", "-d", "link", "show", "l0"));
        port.filters().promiscuous(false);
        assertTrue(rig.left.run("ip", "-d", "link", "show", "l0").contains("promiscuity 0"));
        port.filters().promiscuous(true);
        port.close();
        assertTrue(rig.left.run("ip", "-d", "link", "show", "l0").contains("promiscuity 0"));
    }

    @Test
    void shouldAllocateNothing() {
        Port port = rig.started(PORT);
        Port sender = rig.right.within(() -> rig.start(rig.ports.attach("net_af_xdp1,iface=r0"), PortConfig.of(1, 1)));
        byte[] frame = Rig.udp(9, new byte[22]);
        Mbuf[] burst = new Mbuf[32];
        Runnable traffic = () -> {
            for (int round = 0; round < 2000; round++) {
                rig.pool.allocBulk(burst, 0, 32);
                for (int i = 0; i < 32; i++) {
                    burst[i].append(frame.length);
                    burst[i].write(0, frame, 0, frame.length);
                }
                int n = sender.txBurst(0, burst, 0, 32);
                Mbuf.freeBulk(burst, n, 32 - n);
                n = port.rxBurst(0, burst, 32);
                Mbuf.freeBulk(burst, 0, n);
            }
        };
        assertEquals(0, Allocation.steadyBytesOf(traffic));
        assertTrue(port.stats().rxPackets() > 30_000);
    }

    @ParameterizedTest
    @ValueSource(strings = {"steer=udp", "mode=skb", "xdp_prog=OBJECT"})
    void shouldSayThatAnotherPortsProgramIsAttached(String other) throws Exception {
        Path object = folder.resolve("own.o");
        Files.write(object, BpfObjects.compiled());
        Port port = rig.started(PORT);
        LinuxException e = assertThrows(LinuxException.class,
                () -> rig.attach("net_af_xdp1,iface=l0,start_queue=1," + other.replace("OBJECT", object.toString())));
        assertTrue(e.getMessage().contains("EBUSY") && e.getMessage().contains("another p"), e.getMessage());
        try (DatagramChannel kernel = Rig.socket(rig.right, "198.18.0.2", 9)) {
            send(kernel, new byte[] {3});
            assertArrayEquals(new byte[] {3}, payload(Rig.receive(port, 0, 1, Rig::isUdp).getFirst()));
        }
    }

    @Test
    void shouldSayThatAnotherPortHasTheQueue() {
        rig.started(PORT);
        Port second = rig.attach("net_af_xdp1,iface=l0");
        LinuxException e = assertThrows(LinuxException.class, () -> rig.left.within(() -> rig.start(second, PortConfig.of(1, 1))));
        assertTrue(e.getMessage().contains("EBUSY") && e.getMessage().contains("another port or process"), e.getMessage());
    }

    @Test
    void shouldLetTwoPortsHaveQueuesOfOneInterface() throws Exception {
        rig.queues(2);
        Port first = rig.started(PORT + ",steer=!arp");
        Port second = rig.started("net_af_xdp1,iface=l0,start_queue=1,steer=[!arp]");
        Port peer = rig.right.within(() -> rig.start(rig.ports.attach("net_af_xdp2,iface=r0,queue_count=2"), PortConfig.of(2, 2)));
        exchange(first, peer, 0);
        exchange(second, peer, 1);
        first.close();
        exchange(second, peer, 1);
        Port third = rig.started(PORT + ",steer=!0x0806");
        exchange(third, peer, 0);
        second.close();
        exchange(third, peer, 0);
        third.close();
        assertFalse(rig.left.run("ip", "-d", "link", "show", "l0").contains("xdp"));
    }

    @Test
    void shouldShareTheUmemOfAPoolAmongPorts() throws Exception {
        rig.queues(1);
        Port first = rig.started(PORT + ",shared_umem=1");
        Port second = rig.right.within(() -> rig.start(rig.ports.attach("net_af_xdp1,iface=r0,shared_umem=1"), PortConfig.of(1, 1)));
        assertTrue(rig.said.stream().anyMatch(l -> l.contains("r0: queue 0 shares the umem of its pool")), rig.said.toString());
        exchange(first, second, 0);
        // whose umem it was goes first
        first.close();
        Port kernel = rig.started("net_af_packet2,iface=l0");
        byte[] frame = Rig.udp(9, new byte[] {4});
        assertEquals(1, second.txBurst(0, new Mbuf[] {rig.packet(frame)}, 0, 1));
        assertArrayEquals(frame, Rig.receive(kernel, 0, 1, Rig::isUdp).getFirst());
        kernel.close();
        first = rig.started(PORT + ",shared_umem=1");
        exchange(first, second, 0);
    }

    /** A frame each way between queue 0 of a port and one of its peer's. */
    private void exchange(Port port, Port peer, int queue) {
        byte[] frame = Rig.udp(9, new byte[] {(byte) queue, 7});
        assertEquals(1, peer.txBurst(queue, new Mbuf[] {rig.packet(frame)}, 0, 1));
        assertArrayEquals(frame, Rig.receive(port, 0, 1, Rig::isUdp).getFirst());
        assertEquals(1, port.txBurst(0, new Mbuf[] {rig.packet(frame)}, 0, 1));
        assertArrayEquals(frame, Rig.receive(peer, queue, 1, Rig::isUdp).getFirst());
    }

    @Test
    void shouldSayThatAnotherToolsProgramIsAttachedAndWorkOnceItIsGone() throws Exception {
        Path object = folder.resolve("other.o");
        Files.write(object, BpfObjects.compiled());
        rig.left.run("ip", "link", "set", "l0", "xdp", "object", object.toString(), "section", "xdp");
        LinuxException e = assertThrows(LinuxException.class, () -> rig.attach(PORT));
        assertTrue(e.getMessage().contains("EBUSY") && e.getMessage().contains("ip link set l0 xdp off"), e.getMessage());
        rig.left.run("ip", "link", "set", "l0", "xdp", "off");
        Port port = rig.started(PORT);
        try (DatagramChannel kernel = Rig.socket(rig.right, "198.18.0.2", 9)) {
            send(kernel, new byte[] {3});
            assertArrayEquals(new byte[] {3}, payload(Rig.receive(port, 0, 1, Rig::isUdp).getFirst()));
        }
    }

    @Test
    void shouldSayWhichQueuesGoToTheKernel() {
        rig.queues(4);
        rig.started(PORT).close();
        assertTrue(rig.said.stream().anyMatch(l -> l.contains("l0 has 4 receive queues, the port uses 1") && l.contains("queue_count=4")),
                rig.said::toString);
        rig.said.clear();
        rig.started(PORT + ",queue_count=4", PortConfig.of(4, 4));
        assertTrue(rig.said.stream().noneMatch(l -> l.contains("receive queues")), rig.said::toString);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", ",busy_budget=0"})
    void shouldMakeNoCallForEmptyLooksWithoutBusyPolling(String arguments) throws Exception {
        OptionalLong place = Tracepoint.systemCalls();
        Assumptions.assumeTrue(place.isPresent(), "SKIPPED: the kernel has no tracepoints to count system calls with");
        Port port = rig.started(PORT + arguments);
        Mbuf[] burst = new Mbuf[32];
        try (DatagramChannel kernel = Rig.socket(rig.right, "198.18.0.2", 9)) {
            // the first frame may tell that the driver can be polled
            send(kernel, new byte[] {1});
            Rig.receive(port, 0, 1, Rig::isUdp);
        }
        boolean polls = Rig.xstat(port, "rx_busy_poll_queues") == 1;
        assertEquals(arguments.isEmpty(), rig.said.stream().anyMatch(l -> l.contains("busy polling")), rig.said::toString);
        assertFalse(polls && !arguments.isEmpty());
        try (Fd counter = PerfEvent.counter(PerfEvent.TYPE_TRACEPOINT, place.getAsLong(), 0, -1)) {
            long before = PerfEvent.value(counter);
            for (int i = 0; i < 10_000; i++) {
                Mbuf.freeBulk(burst, 0, port.rxBurst(0, burst, 32));
            }
            long calls = PerfEvent.value(counter) - before;
            assertTrue(polls ? calls >= 10_000 && calls < 10_100 : calls < 100, calls + " calls, busy polling " + polls);
        }
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {
        "net_af_xdp0 | iface= is missing",
        "net_af_xdp0,iface=nope | there is no interface nope",
        "net_af_xdp0,iface=l0,mode=hw | give drv",
        "net_af_xdp0,iface=l0,queue_count=0 | give one from 1",
        "net_af_xdp0,iface=l0,busy_budget=-1 | give one from 0",
        "net_af_xdp0,iface=l0,force_copy=maybe | give 0 or 1",
        "net_af_xdp0,iface=l0,steer=tpc:22 | 'tpc' is not known",
        "net_af_xdp0,iface=l0,steer=!tcp:22,!arp | write a list as key=[a,b]",
        "net_af_xdp0,iface=l0,blocksz=1 | blocksz"})
    void shouldRefuseWrongArgumentsAndSayWhatToGive(String devargs, String words) {
        String message = assertThrows(IllegalArgumentException.class, () -> rig.attach(devargs)).getMessage();
        assertTrue(message.contains(words), message);
    }

    @Test
    void shouldSayThatTheInterfaceHasNoSuchQueue() {
        LinuxException none = assertThrows(LinuxException.class, () -> rig.started(PORT + ",start_queue=9"));
        assertTrue(none.getMessage().contains("has no queue 9"), none.getMessage());
    }

    @Test
    void shouldStartOnAnInterfaceThatIsDownAndRunWhenItIsUp() throws Exception {
        rig.left.run("ip", "link", "set", "l0", "down");
        Port port = rig.started(PORT);
        assertFalse(port.link().up());
        rig.left.run("ip", "link", "set", "l0", "up");
        rig.right.run("ip", "neighbour", "replace", "198.18.0.1", "lladdr", Rig.LEFT_MAC, "dev", "r0");
        Rig.await("up", () -> port.link().up());
        try (DatagramChannel kernel = Rig.socket(rig.right, "198.18.0.2", 9)) {
            send(kernel, new byte[] {3});
            assertArrayEquals(new byte[] {3}, payload(Rig.receive(port, 0, 1, Rig::isUdp).getFirst()));
        }
    }

    @Test
    void shouldCountWhatIsTooLongForTheKernelInOnePlaceAndKeepNothingOfIt() throws Exception {
        rig.left.run("ip", "link", "set", "l0", "mtu", "9000");
        rig.right.run("ip", "link", "set", "r0", "mtu", "9000");
        Port port = rig.attach(PORT);
        try (MbufPool large = MbufPool.create(rig.eal, "large", 1023, 0, 9128, -1);
                DatagramChannel kernel = Rig.socket(rig.right, "198.18.0.2", 9)) {
            port.configure(PortConfig.of(1, 1).withOffloads(RxOffload.SCATTER, TxOffload.MULTI_SEGS));
            port.setupRxQueue(0, RxQueueConfig.of(large));
            port.setupTxQueue(0, TxQueueConfig.DEFAULT);
            port.start();
            int lent = large.size() - large.availCount();
            for (int length : new int[] {4000, 5000, 8000, 4000}) {
                Mbuf m = large.alloc();
                byte[] frame = Rig.udp(9, new byte[length]);
                m.append(frame.length);
                m.write(0, frame, 0, frame.length);
                assertEquals(1, port.txBurst(0, new Mbuf[] {m}, 0, 1));
            }
            assertEquals(4000, Rig.datagram(kernel).length);
            assertEquals(4000, Rig.datagram(kernel).length);
            assertEquals(2, port.stats().txPackets());
            assertEquals(2, port.stats().txErrors());
            assertEquals(2, Rig.xstat(port, "tx_too_long"));
            assertEquals(0, Rig.xstat(port, "kernel_tx_invalid_descs"));
            Rig.await("all that was sent to be back", () -> {
                port.txBurst(0, new Mbuf[0], 0, 0);
                return large.size() - large.availCount() == lent;
            });
            port.close();
        }
    }
}
