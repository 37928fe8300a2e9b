package dev.penstock.drivers.tap;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.penstock.drivers.kernel.Rig;
import dev.penstock.ethdev.Port;
import dev.penstock.ethdev.PortConfig;
import dev.penstock.ethdev.PortEvent;
import dev.penstock.ethdev.RxWaiter;
import dev.penstock.linux.LinuxException;
import dev.penstock.linux.NetInterface;
import dev.penstock.mbuf.Mbuf;
import dev.penstock.net.PacketType;
import dev.penstock.testkit.Allocation;
import dev.penstock.testkit.Descriptors;
import dev.penstock.testkit.Seed;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.DatagramChannel;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIf;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The kernel's side of the port lies in the left namespace; it has 198.18.0.2 and the right MAC address. */
@Tag("root")
@EnabledIf("dev.penstock.testkit.Root#here")
class TapPortTest {
    private static final String PORT = "net_tap0,iface=t0,mac=" + Rig.RIGHT_MAC;
    private Rig rig;

    @BeforeEach
    void make() {
        rig = new Rig(1024 + Mbuf.HEADROOM);
    }

    @AfterEach
    void close() {
        rig.close();
    }

    private Port started(String devargs, PortConfig config) {
        Port port = rig.started(devargs, config);
        rig.left.run("ip", "address", "add", "198.18.0.2/24", "dev", "t0");
        if (devargs.startsWith("net_tap")) {
            rig.left.run("ip", "neighbour", "add", "198.18.0.1", "lladdr", Rig.LEFT_MAC, "dev", "t0");
        }
        return port;
    }

    private Port started() {
        return started(PORT, PortConfig.of(1, 1));
    }

    @Test
    void shouldCarryDatagramsBothWaysByteForByteAlsoInChains() throws Exception {
        SplittableRandom random = Seed.random("tap both ways");
        Port port = started();
        try (DatagramChannel kernel = Rig.socket(rig.left, "198.18.0.2", 9)) {
            for (int length : new int[] {1, 18, 64, 981, 982, 983, 1472}) {
                byte[] payload = new byte[length];
                random.nextBytes(payload);
                assertEquals(1, port.txBurst(0, new Mbuf[] {rig.packet(Rig.udp(9, payload))}, 0, 1));
                assertArrayEquals(payload, Rig.datagram(kernel));
                kernel.send(ByteBuffer.wrap(payload), new InetSocketAddress("198.18.0.1", 7));
                byte[] frame = Rig.receive(port, 0, 1, Rig::isUdp).getFirst();
                assertArrayEquals(payload, Arrays.copyOfRange(frame, Rig.ETHER_IP_UDP, frame.length));
            }
        }
        assertEquals(7, port.stats().txPackets());
        assertEquals(7, port.stats().rxPackets());
        assertTrue(port.stats().rxBytes() == port.stats().txBytes());
    }

    @Test
    void shouldTellThePacketTypeOfWhatTheKernelSends() throws Exception {
        Port port = started();
        assertEquals(22, Arrays.stream(port.packetTypes()).distinct().count());
        try (DatagramChannel kernel = Rig.socket(rig.left, "198.18.0.2", 9)) {
            kernel.send(ByteBuffer.wrap(new byte[18]), new InetSocketAddress("198.18.0.1", 7));
            List<Integer> types = new ArrayList<>();
            Mbuf[] burst = new Mbuf[32];
            // frames of the kernel's own may come before
            Rig.await("a datagram", () -> {
                int n = port.rxBurst(0, burst, 32);
                for (int i = 0; i < n; i++) {
                    if (Rig.isUdp(Rig.bytes(burst[i]))) {
                        types.add(burst[i].packetType());
                    }
                }
                Mbuf.freeBulk(burst, 0, n);
                return !types.isEmpty();
            });
            assertEquals(List.of(PacketType.L2_ETHER | PacketType.L3_IPV4 | PacketType.L4_UDP), types);
        }
    }

    @Test
    void shouldAnswerThePingOfTheKernel() throws Exception {
        Port port = started();
        Process ping = new ProcessBuilder(rig.left.inside("ping", "-c", "5", "-i", "0.02", "-W", "2", "198.18.0.1"))
                .redirectErrorStream(true).start();
        Mbuf[] burst = new Mbuf[32];
        while (ping.isAlive()) {
            int n = port.rxBurst(0, burst, 32);
            for (int i = 0; i < n; i++) {
                Mbuf m = burst[i];
                if (m.getShort(12) == 0x0800 && m.getByte(23) == 1 && m.getByte(34) == 8) {
                    m.swapMacs();
                    int from = m.getInt(26);
                    m.putInt(26, m.getInt(30));
                    m.putInt(30, from);
                    m.putByte(34, (byte) 0);
                    int sum = (m.getShort(36) & 0xffff) + 0x0800;
                    m.putShort(36, (short) (sum + (sum >>> 16)));
                }
            }
            int sent = port.txBurst(0, burst, 0, n);
            Mbuf.freeBulk(burst, sent, n - sent);
        }
        String output = new String(ping.getInputStream().readAllBytes());
        assertTrue(output.contains("5 received, 0% packet loss"), output);
    }

    @Test
    void shouldCarryIpPacketsWithoutEthernetOnATunInterface() throws Exception {
        Port port = started("net_tun0,iface=t0", PortConfig.of(1, 1));
        try (DatagramChannel kernel = Rig.socket(rig.left, "198.18.0.2", 9)) {
            byte[] frame = Rig.udp(9, new byte[] {1, 2, 3});
            byte[] ip = Arrays.copyOfRange(frame, 14, frame.length);
            assertEquals(1, port.txBurst(0, new Mbuf[] {rig.packet(ip)}, 0, 1));
            assertArrayEquals(new byte[] {1, 2, 3}, Rig.datagram(kernel));
            kernel.send(ByteBuffer.wrap(new byte[] {4}), new InetSocketAddress("198.18.0.1", 7));
            byte[] got = Rig.receive(port, 0, 1, f -> f[0] == 0x45 && f[9] == 17).getFirst();
            assertEquals(29, got.length);
            assertEquals(4, got[28]);
        }
    }

    @Test
    void shouldSpreadFlowsOverQueuesAndSendOnEach() throws Exception {
        Port port = started(PORT, PortConfig.of(2, 3));
        for (int i = 0; i < 64; i++) {
            try (DatagramChannel kernel = Rig.socket(rig.left, "198.18.0.2", 1000 + i)) {
                kernel.send(ByteBuffer.wrap(new byte[] {1}), new InetSocketAddress("198.18.0.1", 7));
            }
        }
        int[] counts = new int[2];
        Mbuf[] burst = new Mbuf[32];
        Rig.await("all frames", () -> {
            for (int q = 0; q < 2; q++) {
                int n = port.rxBurst(q, burst, 32);
                for (int i = 0; i < n; i++) {
                    counts[q] += Rig.isUdp(Rig.bytes(burst[i])) ? 1 : 0;
                }
                Mbuf.freeBulk(burst, 0, n);
            }
            return counts[0] + counts[1] == 64;
        });
        assertTrue(counts[0] > 0 && counts[1] > 0, Arrays.toString(counts));
        try (DatagramChannel kernel = Rig.socket(rig.left, "198.18.0.2", 9)) {
            for (int q = 0; q < 3; q++) {
                assertEquals(1, port.txBurst(q, new Mbuf[] {rig.packet(Rig.udp(9, new byte[] {(byte) q}))}, 0, 1));
                assertEquals(q, Rig.datagram(kernel)[0]);
            }
        }
        port.stop();
        rig.left.within(() -> rig.start(port, PortConfig.of(1, 1)));
        port.stop();
        rig.left.within(() -> rig.start(port, PortConfig.of(2, 2)));
    }

    @Test
    void shouldStandInForARemoteInterfaceAndGiveItBack() throws Exception {
        rig.wired();
        // as a killed process would leave it
        rig.left.run("tc", "qdisc", "add", "dev", "l0", "ingress");
        rig.left.run("tc", "filter", "add", "dev", "l0", "parent", "ffff:", "prio", "20563", "u32", "match", "u32", "0", "0",
                "action", "mirred", "egress", "redirect", "dev", "lo");
        for (int round = 0; round < 2; round++) {
            Port port = rig.started("net_tap0,iface=t0,remote=l0");
            assertEquals(0x020000000001L, port.filters().mac());
            try (DatagramChannel kernel = Rig.socket(rig.right, "198.18.0.2", 9)) {
                kernel.send(ByteBuffer.wrap(new byte[] {5}), new InetSocketAddress("198.18.0.1", 7));
                assertEquals(5, Rig.receive(port, 0, 1, Rig::isUdp).getFirst()[Rig.ETHER_IP_UDP]);
                assertEquals(1, port.txBurst(0, new Mbuf[] {rig.packet(Rig.udp(9, new byte[] {6}))}, 0, 1));
                assertEquals(6, Rig.datagram(kernel)[0]);
            }
            port.close();
            assertFalse(rig.left.run("tc", "filter", "show", "dev", "l0", "parent", "ffff:").contains("mirred"));
            if (round == 0) {
                rig.left.run("tc", "qdisc", "delete", "dev", "l0", "ingress");
            }
        }
        assertFalse(rig.left.run("tc", "qdisc", "show", "dev", "l0").contains("ingress"));
    }

    @Test
    void shouldNumberInterfacesAndTakeItsNameFromTheArguments() {
        rig.attach("net_tap0");
        rig.attach("net_tap1,iface=foo%d");
        rig.attach("net_tap2,mac=fixed");
        rig.attach("net_tun3");
        String links = rig.left.run("ip", "link");
        assertTrue(links.contains("dtap0:") && links.contains("foo0:") && links.contains("dtap1:")
                && links.contains("dtun0:") && links.contains("00:64:74:61:70:"), links);
    }

    @Test
    void shouldSetAddressMtuModesAndLink() {
        Port port = started();
        assertEquals(0x020000000002L, port.filters().mac());
        port.filters().mac(0x020000000099L);
        port.filters().mtu(9000);
        port.filters().promiscuous(true);
        port.filters().allMulticast(true);
        String text = rig.left.run("ip", "-d", "link", "show", "t0");
        assertTrue(text.contains("02:00:00:00:00:99") && text.contains("mtu 9000") && text.contains("PROMISC")
                && text.contains("ALLMULTI"), text);
        List<PortEvent> events = new CopyOnWriteArrayList<>();
        port.addListener((p, event) -> events.add(event));
        port.linkUp(false);
        Rig.await("link down", () -> events.contains(PortEvent.LINK_CHANGED));
        assertFalse(port.link().up());
        Mbuf[] one = {rig.packet(Rig.udp(9, new byte[1]))};
        assertEquals(0, port.txBurst(0, one, 0, 1));
        port.linkUp(true);
        assertTrue(port.link().up());
        assertEquals(1, port.txBurst(0, one, 0, 1));
        port.stop();
        assertFalse(port.link().up());
        port.start();
        assertTrue(port.link().up());
    }

    @Test
    void shouldCountWhatItCannotSend() {
        Port port = started();
        Mbuf[] burst = {rig.packet(new byte[5]), rig.packet(Rig.udp(9, new byte[1])), rig.packet(new byte[1600])};
        assertEquals(3, port.txBurst(0, burst, 0, 3));
        assertEquals(1, port.stats().txPackets());
        assertEquals(2, port.stats().txErrors());
        assertEquals(1, Rig.xstat(port, "tx_too_short"));
        assertEquals(1, Rig.xstat(port, "tx_too_long"));
    }

    @Test
    void shouldTellWhenTheInterfaceIsDeletedAndStayDefined() {
        Port port = started();
        List<PortEvent> events = new CopyOnWriteArrayList<>();
        port.addListener((p, event) -> {
            events.add(event);
            if (event == PortEvent.REMOVED) {
                p.close();
            }
        });
        rig.left.run("ip", "link", "delete", "t0");
        Rig.await("REMOVED", () -> events.contains(PortEvent.DESTROYED));
        assertEquals(List.of(PortEvent.LINK_CHANGED, PortEvent.REMOVED, PortEvent.DESTROYED), events);
    }

    @Test
    void shouldSleepUntilAFrameComes() throws Exception {
        Port port = started();
        Mbuf[] burst = new Mbuf[32];
        for (int n = 1; n > 0;) {
            n = port.rxBurst(0, burst, 32);
            Mbuf.freeBulk(burst, 0, n);
        }
        try (DatagramChannel kernel = Rig.socket(rig.left, "198.18.0.2", 9); RxWaiter waiter = new RxWaiter()) {
            assertTrue(waiter.add(port, 0));
            kernel.send(ByteBuffer.wrap(new byte[] {1}), new InetSocketAddress("198.18.0.1", 7));
            waiter.await(10_000);
            assertEquals(1, port.rxBurst(0, burst, 32));
            burst[0].free();
        }
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {
        "net_tap1,mac=hello | mac=hello",
        "net_tap1,mac=01:00:00:00:00:01 | unicast",
        "net_tap1,iface=averyveryverylongname | 15 bytes",
        "net_tap1,iface=a/b | slash",
        "net_tap1,remote=nosuch | nosuch",
        "net_tap1,remote=averyveryverylongname | net_tap1: interface name 'averyveryverylongname'",
        "net_tap1,speed=10 | speed",
        "net_tun1,mac=fixed | mac",
    })
    void shouldRefuseABadArgumentInClearWords(String devargs, String words) {
        String message = assertThrows(IllegalArgumentException.class, () -> rig.attach(devargs)).getMessage();
        assertTrue(message.contains(words), message);
        assertFalse(rig.left.run("ip", "link").contains("tap"));
    }

    @Test
    void shouldLeaveNothingBehindUnlessItPersists() throws Exception {
        started().close();
        long before = Descriptors.count();
        started(PORT, PortConfig.of(2, 2)).close();
        assertEquals(before, Descriptors.count());
        assertFalse(rig.left.run("ip", "link").contains("t0"));
        started(PORT + ",persist", PortConfig.of(1, 1)).close();
        assertEquals(before, Descriptors.count());
        assertTrue(rig.left.run("ip", "link").contains("t0"));
        rig.started(PORT).close();
    }

    @Test
    void shouldAllocateNothingAPacket() throws Exception {
        Port port = started();
        byte[] frame = Rig.udp(9, new byte[100]);
        Mbuf[] burst = new Mbuf[32];
        Runnable round = () -> {
            for (int i = 0; i < 100; i++) {
                rig.pool.allocBulk(burst, 0, 32);
                for (int k = 0; k < 32; k++) {
                    burst[k].append(frame.length);
                    burst[k].write(0, frame, 0, frame.length);
                }
                int sent = port.txBurst(0, burst, 0, 32);
                Mbuf.freeBulk(burst, sent, 32 - sent);
                Mbuf.freeBulk(burst, 0, port.rxBurst(0, burst, 32));
            }
        };
        assertEquals(0, Allocation.steadyBytesOf(round));
    }

    @Test
    void shouldNotKeepASleeperAwakeWhenTheInterfaceIsDeleted() throws Exception {
        Port port = rig.started("net_tap0,iface=t0");
        try (RxWaiter waiter = new RxWaiter()) {
            assertTrue(waiter.add(port, 0));
            rig.left.run("ip", "link", "delete", "t0");
            long end = System.nanoTime() + 300_000_000L;
            while (System.nanoTime() < end) {
                waiter.await(100);
            }
            assertTrue(waiter.sleeps() < 7000, "slept " + waiter.sleeps() + " times");
        }
    }

    @Test
    void shouldHaveItsQueuesInTheNamespaceWhereItWasMadeWhoeverConfigures() {
        Port port = rig.attach("net_tap0,iface=penstockqueues");
        rig.start(port, PortConfig.of(3, 1));
        assertEquals("3", rig.left.run("sh", "-c", "ls -d /sys/class/net/penstockqueues/queues/rx-* | wc -l").strip());
        assertThrows(LinuxException.class, () -> new NetInterface("penstockqueues"));
    }

    @Test
    void shouldStandInForARemoteInterfaceThatHasAClsactDiscipline() throws Exception {
        rig.wired();
        rig.left.run("tc", "qdisc", "add", "dev", "l0", "clsact");
        Port port = rig.started("net_tap0,iface=t0,remote=l0");
        try (DatagramChannel kernel = Rig.socket(rig.right, "198.18.0.2", 9)) {
            kernel.send(ByteBuffer.wrap(new byte[] {5}), new InetSocketAddress("198.18.0.1", 7));
            assertEquals(5, Rig.receive(port, 0, 1, Rig::isUdp).getFirst()[Rig.ETHER_IP_UDP]);
        }
        port.close();
        assertFalse(rig.left.run("tc", "filter", "show", "dev", "l0", "ingress").contains("mirred"));
        assertTrue(rig.left.run("tc", "qdisc", "show", "dev", "l0").contains("clsact"));
    }
}
