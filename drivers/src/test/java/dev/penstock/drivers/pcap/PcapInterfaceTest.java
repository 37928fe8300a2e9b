package dev.penstock.drivers.pcap;

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
import dev.penstock.mbuf.Mbuf;
import dev.penstock.mbuf.MbufPool;
import dev.penstock.testkit.Descriptors;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.DatagramChannel;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIf;

@Tag("root")
@EnabledIf("dev.penstock.testkit.Root#here")
class PcapInterfaceTest {
    private Rig rig;

    @BeforeEach
    void make() {
        rig = new Rig(MbufPool.DEFAULT_DATA_ROOM).wired();
    }

    @AfterEach
    void close() {
        rig.close();
    }

    @Test
    void shouldReceiveFromAnInterfaceAndSendByIt() throws Exception {
        for (String args : List.of("iface=l0", "rx_iface=l0,tx_iface=l0", "rx_iface_in=l0,tx_iface=l0")) {
            Port port = rig.started("net_pcap0," + args);
            byte[] payload = args.getBytes(StandardCharsets.US_ASCII);
            try (DatagramChannel peer = Rig.socket(rig.right, "198.18.0.2", 9)) {
                peer.send(ByteBuffer.wrap(payload), new InetSocketAddress("198.18.0.1", 9));
                byte[] frame = Rig.receive(port, 0, 1, Rig::isUdp).getFirst();
                assertArrayEquals(payload, Arrays.copyOfRange(frame, Rig.ETHER_IP_UDP, frame.length));
                Mbuf[] one = {rig.packet(Rig.udp(9, payload))};
                assertEquals(1, port.txBurst(0, one, 0, 1));
                assertArrayEquals(payload, Rig.datagram(peer));
            }
            assertTrue(port.link().up());
            assertTrue(port.stats().rxPackets() >= 1 && port.stats().txPackets() == 1);
            port.close();
        }
    }

    @Test
    void shouldReceiveWhatTheKernelSendsUnlessToldNot() throws Exception {
        rig.left.run("ip", "address", "add", "198.18.0.1/24", "dev", "l0");
        Port both = rig.started("net_pcap0,rx_iface=l0");
        Port in = rig.started("net_pcap1,rx_iface_in=l0");
        try (DatagramChannel local = Rig.socket(rig.left, "198.18.0.1", 9)) {
            local.send(ByteBuffer.wrap(new byte[50]), new InetSocketAddress("198.18.0.2", 9));
            assertEquals(1, Rig.receive(both, 0, 1, Rig::isUdp).size());
            Mbuf[] burst = new Mbuf[32];
            int n = in.rxBurst(0, burst, 32);
            for (int i = 0; i < n; i++) {
                assertTrue(!Rig.isUdp(Rig.bytes(burst[i])), "an outgoing datagram");
            }
            Mbuf.freeBulk(burst, 0, n);
        }
    }

    /** The kernel takes a frame and throws it away when there is no carrier. */
    @Test
    void shouldCountWhatTheKernelTookAndDidNotSend() throws Exception {
        Port port = rig.started("net_pcap0,iface=l0");
        BlockingQueue<PortEvent> events = new LinkedBlockingQueue<>();
        port.addListener((p, event) -> events.add(event));
        assertEquals(1, rig.give(port, 1));
        rig.right.run("ip", "link", "set", "r0", "down");
        assertEquals(PortEvent.LINK_CHANGED, events.poll(30, TimeUnit.SECONDS));
        assertEquals(100, rig.give(port, 100));
        assertEquals(100, Rig.xstat(port, "tx_unsent"));
        rig.right.run("ip", "link", "set", "r0", "up");
        assertEquals(PortEvent.LINK_CHANGED, events.poll(30, TimeUnit.SECONDS));
        assertEquals(10, rig.give(port, 10));
        rig.right.run("ip", "link", "set", "r0", "down");
        assertEquals(PortEvent.LINK_CHANGED, events.poll(30, TimeUnit.SECONDS));
        port.stop();
        port.start();
        assertEquals(1, rig.give(port, 1));
        assertEquals(101, Rig.xstat(port, "tx_unsent"));
    }

    @Test
    void shouldTellOfTheInterfacesLinkAndOfItsEnd() throws Exception {
        Port port = rig.started("net_pcap0,iface=l0");
        BlockingQueue<PortEvent> events = new LinkedBlockingQueue<>();
        port.addListener((p, event) -> events.add(event));
        rig.right.run("ip", "link", "set", "r0", "down");
        assertEquals(PortEvent.LINK_CHANGED, events.poll(30, TimeUnit.SECONDS));
        assertFalse(port.link().up());
        rig.right.run("ip", "link", "set", "r0", "up");
        assertEquals(PortEvent.LINK_CHANGED, events.poll(30, TimeUnit.SECONDS));
        assertTrue(port.link().up());
        rig.left.run("ip", "link", "delete", "l0");
        PortEvent last = events.poll(30, TimeUnit.SECONDS);
        while (last == PortEvent.LINK_CHANGED) {
            last = events.poll(30, TimeUnit.SECONDS);
        }
        assertEquals(PortEvent.REMOVED, last);
        assertTrue(rig.said.contains("PCAP: net_pcap0: its interface was deleted; nothing more comes in, detach the port and attach it again"),
                rig.said::toString);
        assertFalse(port.link().up());
        Mbuf[] one = {rig.packet(Rig.udp(9, new byte[50]))};
        if (port.txBurst(0, one, 0, 1) == 0) {
            one[0].free();
        }
        port.close();
    }

    @Test
    void shouldTakeTheInterfacesAddressWhenAsked() {
        assertEquals(Rig.LEFT_MAC, mac(rig.attach("net_pcap0,iface=l0,phy_mac=1")));
        assertEquals("02:70:63:61:70:00", mac(rig.attach("net_pcap1,iface=l0")));
        for (String wrong : List.of("iface=nowhere", "rx_iface=nowhere", "tx_iface=nowhere", "iface=l0,rx_iface=l0", "iface=l0,iface=l0")) {
            String message = assertThrows(IllegalArgumentException.class, () -> rig.attach("net_pcap2," + wrong)).getMessage();
            assertTrue(message.startsWith("net_pcap2: "), message);
        }
    }

    private static String mac(Port port) {
        return String.format("%012x", port.info().mac()).replaceAll("(..)(?=.)", "$1:");
    }

    @Test
    void shouldReceiveFramesWhoseVlanTagsTheirSenderWrote() {
        Port in = rig.started("net_pcap0,rx_iface=l0");
        Port out = rig.started("net_pcap1,tx_iface=l0");
        byte[] plain = Rig.udp(9, new byte[100]);
        ByteBuffer once = ByteBuffer.allocate(plain.length + 4).put(plain, 0, 12).putInt(0x8100_0005).put(plain, 12, plain.length - 12);
        ByteBuffer twice = ByteBuffer.allocate(plain.length + 8).put(plain, 0, 12).putInt(0x88a8_0007).put(once.array(), 12, plain.length - 8);
        for (byte[] frame : List.of(plain, once.array(), twice.array())) {
            assertEquals(1, out.txBurst(0, new Mbuf[] {rig.packet(frame)}, 0, 1));
            assertArrayEquals(frame, Rig.receive(in, 0, 1, f -> f[5] == 2).getFirst());
        }
        assertEquals(0, in.stats().rxErrors());
    }

    @Test
    void shouldNameWhatItDrops() throws Exception {
        rig.right.run("ip", "link", "set", "r0", "mtu", "20000");
        rig.left.run("ip", "link", "set", "l0", "mtu", "20000");
        Port port = rig.started("net_pcap0,iface=l0");
        for (int length : new int[] {20_019, 13}) {
            assertEquals(1, port.txBurst(0, new Mbuf[] {rig.packet(new byte[length])}, 0, 1));
        }
        assertEquals(1, Rig.xstat(port, "tx_too_long"));
        assertEquals(1, Rig.xstat(port, "tx_too_short"));
        assertEquals(2, port.stats().txErrors());
        try (DatagramChannel peer = Rig.socket(rig.right, "198.18.0.2", 9)) {
            peer.send(ByteBuffer.wrap(new byte[17_000]), new InetSocketAddress("198.18.0.1", 9));
            peer.send(ByteBuffer.wrap(new byte[50]), new InetSocketAddress("198.18.0.1", 9));
            Rig.receive(port, 0, 1, Rig::isUdp);
        }
        assertEquals(1, Rig.xstat(port, "rx_truncated"));
        assertEquals(0, Rig.xstat(port, "rx_malformed"));
        assertEquals(1, port.stats().rxErrors());
    }

    @Test
    void shouldFollowTheMtuOfWhatItSendsBy() throws Exception {
        Port port = rig.started("net_pcap0,tx_iface=l0");
        rig.right.run("ip", "link", "set", "r0", "mtu", "3000");
        rig.left.run("ip", "link", "set", "l0", "mtu", "3000");
        byte[] payload = new byte[2900];
        try (DatagramChannel peer = Rig.socket(rig.right, "198.18.0.2", 9)) {
            long[] before = new long[1];
            Rig.await("a long frame on its way", () -> {
                before[0] = port.stats().txErrors();
                assertEquals(1, port.txBurst(0, new Mbuf[] {rig.packet(Rig.udp(9, payload))}, 0, 1));
                return port.stats().txErrors() == before[0];
            });
            assertArrayEquals(payload, Rig.datagram(peer));
        }
    }

    @Test
    void shouldHearOfItsInterfaceWhereverItIsStartedAndLeaveNoDescriptorBehind() throws Exception {
        rig.started("net_pcap0,iface=l0").close();
        long before = Descriptors.count();
        for (int i = 0; i < 3; i++) {
            Port port = rig.attach("net_pcap0,iface=l0");
            BlockingQueue<PortEvent> events = new LinkedBlockingQueue<>();
            port.addListener((p, event) -> events.add(event));
            rig.start(port, PortConfig.of(1, 1).withInterrupts(false, true));
            try (RxWaiter waiter = new RxWaiter()) {
                assertTrue(waiter.add(port, 0));
            }
            rig.right.run("ip", "link", "set", "r0", i % 2 == 0 ? "down" : "up");
            assertEquals(PortEvent.LINK_CHANGED, events.poll(30, TimeUnit.SECONDS));
            port.close();
        }
        assertEquals(before, Descriptors.count());
    }
}
