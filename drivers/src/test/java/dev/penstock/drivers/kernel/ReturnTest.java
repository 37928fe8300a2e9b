package dev.penstock.drivers.kernel;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.penstock.drivers.afxdp.BpfObjects;
import dev.penstock.eal.LcoreThread;
import dev.penstock.ethdev.Port;
import dev.penstock.ethdev.PortConfig;
import dev.penstock.ethdev.PortEvent;
import dev.penstock.ethdev.RxWaiter;
import dev.penstock.linux.LinuxException;
import dev.penstock.mbuf.Mbuf;
import dev.penstock.mbuf.MbufPool;
import dev.penstock.testkit.Command;
import dev.penstock.testkit.Descriptors;
import dev.penstock.testkit.NetNamespace;
import dev.penstock.testkit.VethPair;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.DatagramChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIf;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** An interface that is deleted under a running port, and made anew: the port goes on by itself. */
@Tag("root")
@EnabledIf("dev.penstock.testkit.Root#here")
class ReturnTest {
    private static final String XDP = "net_af_xdp0,iface=l0";
    private static final String PACKET = "net_af_packet0,iface=l0";
    private final List<PortEvent> events = new CopyOnWriteArrayList<>();
    private Rig rig;

    @BeforeEach
    void make() {
        rig = new Rig(MbufPool.DEFAULT_DATA_ROOM);
        wire(1);
    }

    @AfterEach
    void close() {
        rig.close();
    }

    /** A program on l0 has its peer never send by more queues than l0 receives by, so that goes first. */
    private void wire(int queues) {
        rig.wired();
        rig.right.run("ethtool", "-K", "r0", "tx", "off");
        channels(rig.right, "r0", queues);
        channels(rig.left, "l0", queues);
    }

    private static void channels(NetNamespace where, String iface, int count) {
        where.run("ethtool", "-L", iface, "rx", "" + count, "tx", "" + count);
    }

    /** Under another name, so that the port sees it only when it is as the test wants it. */
    private void wireAside() {
        VethPair.create(rig.left, "aside", rig.right, "r0");
        channels(rig.right, "r0", 1);
        channels(rig.left, "aside", 1);
    }

    private void showAside() {
        rig.left.run("ip", "link", "set", "aside", "down");
        rig.left.run("ip", "link", "set", "aside", "name", "l0");
        rig.left.run("ip", "link", "set", "l0", "up");
    }

    private Port started(String devargs, int queues) {
        Port port = rig.started(devargs, PortConfig.of(queues, queues));
        port.addListener((p, e) -> events.add(e));
        return port;
    }

    private void deleted() {
        events.clear();
        rig.left.run("ip", "link", "delete", "l0");
        Rig.await("removed", () -> events.contains(PortEvent.REMOVED));
    }

    private void madeAnew(Port port, int channels) {
        wire(channels);
        Rig.await("back", () -> events.contains(PortEvent.RECOVERED) && port.link().up());
    }

    private void receives(String group, String host, boolean on) {
        String groups = rig.left.run("ip", "maddr", "show", "dev", "l0");
        String hosts = rig.left.run("bridge", "fdb", "show", "dev", "l0");
        assertEquals(on, groups.contains(group), groups);
        assertEquals(on, hosts.contains(host), hosts);
    }

    /** The kernel keeps them for the process, and for the interface that it makes anew. */
    @ParameterizedTest
    @ValueSource(strings = {PACKET, XDP})
    void shouldReceiveTheAddressesThatWereAddedUntilThePortIsClosed(String devargs) {
        Port port = started(devargs, 1);
        port.filters().addMac(0x0100_5e00_0109L);
        port.filters().addMac(0x0200_0000_0009L);
        receives("01:00:5e:00:01:09", "02:00:00:00:00:09", true);
        deleted();
        port.filters().addMac(0x0100_5e00_0209L);
        port.filters().addMac(0x0200_0000_0019L);
        madeAnew(port, 1);
        receives("01:00:5e:00:01:09", "02:00:00:00:00:09", true);
        receives("01:00:5e:00:02:09", "02:00:00:00:00:19", true);
        port.filters().removeMac(0x0100_5e00_0109L);
        port.filters().removeMac(0x0200_0000_0009L);
        receives("01:00:5e:00:01:09", "02:00:00:00:00:09", false);
        port.close();
        receives("01:00:5e:00:02:09", "02:00:00:00:00:19", false);
    }

    /** Receives, and answers each burst with a datagram, until it is interrupted. */
    private void answer(Port port, int queue, AtomicLong received, AtomicLong refused) {
        Mbuf[] burst = new Mbuf[32];
        byte[] answer = Rig.udp(9, new byte[] {9});
        while (!Thread.currentThread().isInterrupted()) {
            int n = port.rxBurst(queue, burst, 32);
            Mbuf.freeBulk(burst, 0, n);
            received.addAndGet(n);
            burst[0] = rig.pool.alloc();
            if (burst[0] == null) {
                continue;
            }
            burst[0].append(answer.length);
            burst[0].write(0, answer, 0, answer.length);
            if (port.txBurst(queue, burst, 0, 1) == 0) {
                burst[0].free();
                refused.incrementAndGet();
            }
        }
    }

    /** The kernel sends as long as it can, whatever happens to the interface. */
    private static void flood(DatagramChannel kernel) {
        ByteBuffer buffer = ByteBuffer.allocate(64);
        while (!Thread.currentThread().isInterrupted()) {
            try {
                kernel.send(buffer.clear(), new InetSocketAddress("198.18.0.1", 9));
            } catch (IOException e) {
                Thread.onSpinWait();
            }
        }
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {
        XDP + "|1", XDP + ",mode=skb|1", XDP + ",queue_count=2|2", XDP + ",queue_count=2,shared_umem=1|2", PACKET + "|1", PACKET + ",qpairs=2|2"})
    void shouldGoOnUnderTrafficEachTimeTheInterfaceIsMadeAnew(String devargs, int queues) throws Exception {
        long programs = programs();
        long descriptors = descriptors();
        channels(rig.left, "l0", queues);
        channels(rig.right, "r0", queues);
        Port port = started(devargs, queues);
        AtomicLong received = new AtomicLong();
        AtomicLong refused = new AtomicLong();
        try (DatagramChannel kernel = Rig.socket(rig.right, "198.18.0.2", 9);
                DatagramChannel source = Rig.socket(rig.right, "198.18.0.2", 10)) {
            List<Thread> threads = new ArrayList<>();
            for (int q = 0; q < queues; q++) {
                int queue = q;
                threads.add(new LcoreThread(() -> answer(port, queue, received, refused), "lcore-" + q));
            }
            threads.add(rig.right.within(() -> new Thread(() -> flood(source))));
            threads.forEach(Thread::start);
            try {
                for (int round = 0; round < 4; round++) {
                    passes(port, kernel, received);
                    deleted();
                    assertFalse(port.link().up());
                    long before = refused.get();
                    Rig.await("refusals", () -> refused.get() > before);
                    madeAnew(port, queues);
                }
                passes(port, kernel, received);
            } finally {
                for (Thread thread : threads) {
                    thread.interrupt();
                    thread.join();
                }
            }
        }
        assertEquals(received.get(), port.stats().rxPackets());
        port.stop();
        assertEquals(rig.pool.size(), rig.pool.availCount());
        port.close();
        Rig.await("programs unloaded", () -> programs() == programs);
        assertEquals("", rig.left.run("ss", "--xdp", "-a", "-n", "-H"));
        assertEquals(descriptors, descriptors());
    }

    private static void passes(Port port, DatagramChannel kernel, AtomicLong received) {
        long before = received.get();
        Rig.await("100 more to the port", () -> received.get() > before + 100);
        // what lay in the socket's queue is older
        Rig.await("emptied", () -> empty(kernel));
        for (int i = 0; i < 100; i++) {
            assertEquals(9, Rig.datagram(kernel)[0]);
        }
        assertTrue(port.stats().txPackets() > 0);
    }

    private static boolean empty(DatagramChannel kernel) {
        try {
            for (int i = 0; i < 10_000 && kernel.receive(ByteBuffer.allocate(64)) != null; i++) {
                continue;
            }
            return true;
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    private static long programs() {
        return Stream.of(Command.run("bpftool", "prog", "list").split("\n")).filter(line -> line.contains("name penstock_xdp")).count();
    }

    private static long descriptors() {
        return Descriptors.links().stream().filter(to -> to.startsWith("socket:") || to.contains("bpf") || to.contains("eventpoll")).count();
    }

    @ParameterizedTest
    @ValueSource(strings = {XDP, PACKET})
    void shouldStartOnAnInterfaceThatHasAnotherNumberSinceThePortWasMade(String devargs) throws Exception {
        Port port = rig.attach(devargs);
        String number = rig.left.run("cat", "/sys/class/net/l0/ifindex").strip();
        // so that it can't have its number there, and comes back with another one
        rig.right.run("sh", "-c", "ip link add taken index " + number + " type dummy || true");
        rig.left.run("ip", "link", "set", "l0", "netns", rig.right.name());
        rig.right.run("ip", "link", "set", "l0", "netns", rig.left.name());
        rig.left.run("ip", "link", "set", "l0", "up");
        assertNotEquals(number, rig.left.run("cat", "/sys/class/net/l0/ifindex").strip());
        receives(port, 3);
    }

    @ParameterizedTest
    @ValueSource(strings = {XDP, PACKET})
    void shouldStartWhileItsInterfaceIsGone(String devargs) throws Exception {
        Port port = rig.attach(devargs);
        rig.left.run("ip", "link", "delete", "l0");
        rig.start(port, PortConfig.of(1, 1));
        wire(1);
        port.stop();
        receives(port, 4);
    }

    private void receives(Port port, int value) throws IOException {
        rig.start(port, PortConfig.of(1, 1));
        Rig.await("the link", () -> port.link().up());
        try (DatagramChannel kernel = Rig.socket(rig.right, "198.18.0.2", 9)) {
            kernel.send(ByteBuffer.wrap(new byte[] {(byte) value}), new InetSocketAddress("198.18.0.1", 9));
            assertEquals(value, Rig.receive(port, 0, 1, Rig::isUdp).getFirst()[Rig.ETHER_IP_UDP]);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {XDP, PACKET})
    void shouldGoOnWhenAListenerThrows(String devargs) {
        Port port = rig.started(devargs, PortConfig.of(1, 1));
        port.addListener((p, e) -> {
            throw new IllegalStateException("mine at " + e);
        });
        port.addListener((p, e) -> events.add(e));
        deleted();
        madeAnew(port, 1);
        assertTrue(rig.said.stream().anyMatch(line -> line.contains("mine at REMOVED")), rig.said::toString);
    }

    @ParameterizedTest
    @ValueSource(strings = {XDP, PACKET})
    void shouldKeepItsModesAndCounters(String devargs) throws Exception {
        Port port = started(devargs, 1);
        port.filters().promiscuous(true);
        try (DatagramChannel kernel = Rig.socket(rig.right, "198.18.0.2", 9)) {
            for (int i = 1; i <= 2; i++) {
                kernel.send(ByteBuffer.wrap(new byte[] {(byte) i}), new InetSocketAddress("198.18.0.1", 9));
                assertEquals(i, Rig.receive(port, 0, 1, Rig::isUdp).getFirst()[Rig.ETHER_IP_UDP]);
                assertTrue(rig.left.run("ip", "-d", "link", "show", "l0").contains("promiscuity 1"));
                deleted();
                madeAnew(port, 1);
            }
        }
        assertTrue(port.stats().rxPackets() >= 2, port.stats().toString());
    }

    @ParameterizedTest
    @ValueSource(strings = {XDP, PACKET})
    void shouldWakeASleeperWithAPacketOfTheNewInterface(String devargs) throws Exception {
        Port port = rig.started(devargs, PortConfig.of(1, 1).withInterrupts(false, true));
        port.addListener((p, e) -> events.add(e));
        Mbuf[] burst = new Mbuf[32];
        try (RxWaiter waiter = new RxWaiter(); DatagramChannel kernel = Rig.socket(rig.right, "198.18.0.2", 9)) {
            assertTrue(waiter.add(port, 0));
            deleted();
            Mbuf.freeBulk(burst, 0, port.rxBurst(0, burst, 32));
            madeAnew(port, 1);
            Rig.await("nothing else", () -> {
                int n = port.rxBurst(0, burst, 32);
                Mbuf.freeBulk(burst, 0, n);
                return n == 0;
            });
            Thread later = Thread.ofPlatform().start(() -> {
                try {
                    Thread.sleep(100);
                    kernel.send(ByteBuffer.wrap(new byte[] {5}), new InetSocketAddress("198.18.0.1", 9));
                } catch (IOException | InterruptedException e) {
                    throw new AssertionError(e);
                }
            });
            List<byte[]> got = new ArrayList<>();
            // far fewer turns than packets of other kinds may come, and each is a minute
            for (int turn = 0; turn < 20 && got.isEmpty(); turn++) {
                waiter.await(60_000);
                int n = port.rxBurst(0, burst, 32);
                for (int i = 0; i < n; i++) {
                    byte[] frame = Rig.bytes(burst[i]);
                    if (Rig.isUdp(frame)) {
                        got.add(frame);
                    }
                    burst[i].free();
                }
            }
            later.join();
            assertEquals(5, got.getFirst()[Rig.ETHER_IP_UDP]);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {XDP, PACKET})
    void shouldStopStartAndCloseWhileItIsGoneAndAfterwards(String devargs) throws Exception {
        Port port = started(devargs, 1);
        deleted();
        port.stop();
        assertEquals(rig.pool.size(), rig.pool.availCount());
        madeAnewStopped(port);
        port.start();
        Rig.await("up", () -> port.link().up());
        try (DatagramChannel kernel = Rig.socket(rig.right, "198.18.0.2", 9)) {
            kernel.send(ByteBuffer.wrap(new byte[] {7}), new InetSocketAddress("198.18.0.1", 9));
            assertEquals(7, Rig.receive(port, 0, 1, Rig::isUdp).getFirst()[Rig.ETHER_IP_UDP]);
        }
        deleted();
        port.close();
        assertEquals(rig.pool.size(), rig.pool.availCount());
        wire(1);
    }

    private void madeAnewStopped(Port port) {
        wire(1);
        Rig.await("back", () -> events.contains(PortEvent.RECOVERED));
        assertTrue(port.link().up());
    }

    @Test
    void shouldGoOnOnceTheNewInterfaceHasEnoughQueues() throws Exception {
        channels(rig.left, "l0", 2);
        Port port = started(XDP + ",queue_count=2", 2);
        deleted();
        wireAside();
        showAside();
        Mbuf[] burst = new Mbuf[32];
        for (int i = 0; i < 100; i++) {
            assertEquals(0, port.rxBurst(i % 2, burst, 32));
        }
        assertFalse(events.contains(PortEvent.RECOVERED));
        channels(rig.left, "l0", 2);
        Rig.await("back", () -> events.contains(PortEvent.RECOVERED));
        assertEquals(0, port.rxBurst(0, burst, 1));
    }

    @Test
    void shouldGoOnOnceAnotherProgramIsGone(@TempDir Path folder) throws Exception {
        Path object = folder.resolve("other.o");
        Files.write(object, BpfObjects.compiled());
        Port port = started(XDP, 1);
        deleted();
        wireAside();
        Port other = rig.attach("net_af_xdp1,iface=aside,xdp_prog=" + object);
        showAside();
        assertThrows(LinuxException.class, () -> rig.attach("net_af_xdp2,iface=l0"));
        assertFalse(events.contains(PortEvent.RECOVERED));
        other.close();
        Rig.await("back", () -> events.contains(PortEvent.RECOVERED) && port.link().up());
    }
}
