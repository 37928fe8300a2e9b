package dev.penstock.linux;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.net.InetAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;

@EnabledOnOs(OS.LINUX)
@Tag("root")
class NetlinkTest {
    private static final byte[] MAC = {2, 0, 0, 0, 0, 9};

    private final String name = "penstock-t" + ProcessHandle.current().pid();
    private Netns namespace;

    @BeforeEach
    void make() throws Exception {
        boolean root = Files.getAttribute(Path.of("/proc/self"), "unix:uid").equals(0);
        Assumptions.assumeTrue(root, "network namespaces need root: run these tests as root");
        namespace = Netns.create(name);
    }

    @AfterEach
    void delete() {
        if (namespace != null) {
            namespace.close();
            Netns.delete(name);
            assertFalse(Files.exists(Path.of("/run/netns", name)));
        }
    }

    @Test
    void shouldCarryPacketsBetweenTwoNamespacesOverAVethPair() {
        String otherName = name + "b";
        try (Netns other = Netns.create(otherName)) {
            namespace.within(() -> {
                try (Netlink netlink = new Netlink()) {
                    netlink.addVeth("left", "right", other, 2);
                    netlink.addAddress("left", "198.18.0.1/24");
                    netlink.addAddress("left", "2001:db8::1/64");
                    netlink.up("left", true);
                    assertThrows(LinuxException.class, () -> netlink.link("right"));
                }
                return null;
            });
            Socket receiver = other.within(() -> {
                try (Netlink netlink = new Netlink()) {
                    netlink.addAddress("right", "198.18.0.2/24");
                    netlink.up("right", true);
                    netlink.awaitRunning("right", 5000);
                }
                Socket socket = Socket.open(Socket.AF_INET, Socket.SOCK_DGRAM, 0);
                socket.bind(Sockaddr.inet(InetAddress.getByName("198.18.0.2"), 4789));
                socket.timeoutMs(5000);
                return socket;
            });
            try (receiver; Arena arena = Arena.ofConfined()) {
                MemorySegment data = arena.allocateFrom("across");
                long sent = namespace.within(() -> {
                    try (Netlink netlink = new Netlink()) {
                        netlink.awaitRunning("left", 5000);
                    }
                    try (Socket socket = Socket.open(Socket.AF_INET, Socket.SOCK_DGRAM, 0)) {
                        return socket.sendTo(data, 0, Sockaddr.inet(InetAddress.getByName("198.18.0.2"), 4789));
                    }
                });
                assertEquals(7, sent);
                MemorySegment into = arena.allocate(16);
                assertEquals(7, receiver.receive(into, 0));
                assertEquals("across", into.getString(0));
            }
            LinkState left = namespace.within(() -> {
                try (Netlink netlink = new Netlink()) {
                    assertTrue(netlink.neighbours().stream().anyMatch(n ->
                            n.address().getHostAddress().equals("198.18.0.2") && n.mac().length == 6));
                    List<String> addresses = netlink.addresses().stream()
                            .map(a -> a.address().getHostAddress() + "/" + a.prefixLength()).toList();
                    assertTrue(addresses.containsAll(List.of("198.18.0.1/24", "2001:db8:0:0:0:0:0:1/64")),
                            addresses::toString);
                    return netlink.link("left");
                }
            });
            assertTrue(left.isRunning() && left.carrier());
            assertTrue(left.stats().txPackets() >= 2 && left.stats().txBytes() > 80, left::toString);
        } finally {
            Netns.delete(otherName);
        }
    }

    @Test
    void shouldChangeAnInterfaceAndSeeTheChange() {
        namespace.within(() -> {
            try (Netlink netlink = new Netlink()) {
                netlink.addLink("br", "bridge");
                netlink.addVeth("d0", "d1");
                netlink.master("d0", "br");
                netlink.mtu("d0", 9000);
                netlink.mac("d0", MAC);
                LinkState link = netlink.link("d0");
                assertEquals(9000, link.mtu());
                assertArrayEquals(MAC, link.mac());
                assertEquals("02:00:00:00:00:09", link.macText());
                assertEquals(netlink.link("br").index(), link.master());
                assertFalse(link.isRunning());
                netlink.master("d0", null);
                assertEquals(0, netlink.link("d0").master());
                netlink.up("d0", true);
                netlink.up("d1", true);
                netlink.addAddress("d0", "198.18.1.1/24");
                netlink.addRoute("198.19.0.0/16", "198.18.1.2", null);
                netlink.addRoute("198.18.2.0/24", null, "d0");
                netlink.addNeighbour("d0", "198.18.1.2", new byte[] {2, 1, 1, 1, 1, 1});
                assertEquals(4, netlink.links().size());
                String routes = Files.readString(Path.of("/proc/thread-self/net/route"));
                assertTrue(routes.contains("d0\t000013C6\t020112C6"), routes);
                netlink.deleteAddress("d0", "198.18.1.1/24");
                assertTrue(netlink.addresses().stream().noneMatch(
                        a -> a.address().getHostAddress().equals("198.18.1.1")));
                netlink.deleteLink("d0");
                assertEquals(List.of("lo", "br"), netlink.links().stream().map(LinkState::name).toList());
            }
            return null;
        });
    }

    @Test
    void shouldTakeTheIngressDisciplineAwayWhenARedirectionIsRefused() {
        namespace.within(() -> {
            try (Netlink netlink = new Netlink(); TrafficControl control = new TrafficControl()) {
                netlink.addVeth("i0", "i1");
                int from = netlink.link("i0").index();
                assertThrows(LinuxException.class, () -> control.redirect(from, 9999));
                assertTrue(control.redirect(from, netlink.link("i1").index()), "there was an ingress discipline already");
                assertThrows(LinuxException.class, () -> control.redirect(from, 9999));
                assertFalse(control.redirect(from, netlink.link("i1").index()), "it was somebody else's and is gone");
                netlink.deleteLink("i0");
            }
            return null;
        });
    }

    @Test
    void shouldSetFlagsMtuAndAddressThroughIoctlAndSeeThemThroughNetlink() {
        namespace.within(() -> {
            try (Netlink netlink = new Netlink()) {
                netlink.addVeth("v0", "v1");
                try (NetInterface v0 = new NetInterface("v0")) {
                    v0.flags(NetInterface.IFF_UP | NetInterface.IFF_PROMISC, true);
                    v0.mtu(1400);
                    v0.mac(MAC);
                    v0.multicast(new byte[] {1, 0, 94, 0, 0, 5}, true);
                    v0.offload(NetInterface.ETHTOOL_STXCSUM, false);
                    assertEquals(10_000, v0.speedMbps());
                    LinkState link = netlink.link("v0");
                    assertEquals(v0.index(), link.index());
                    assertEquals(1400, link.mtu());
                    assertArrayEquals(MAC, link.mac());
                    assertNotEquals(0, link.flags() & NetInterface.IFF_PROMISC);
                    assertFalse(v0.isRunning());
                    assertEquals(Errno.ETIMEDOUT,
                            assertThrows(LinuxException.class, () -> netlink.awaitRunning("v0", 3)).errno());
                    netlink.up("v1", true);
                    netlink.awaitRunning("v0", 5000);
                    assertTrue(v0.isRunning());
                    netlink.deleteLink("v1");
                    assertEquals(Errno.ENODEV, assertThrows(LinuxException.class, v0::flags).errno());
                }
            }
            return null;
        });
    }

    @Test
    void shouldTellOfLinksThatGoDownAndAway() {
        namespace.within(() -> {
            try (Netlink netlink = new Netlink(); LinkEvents events = new LinkEvents(); Epoll epoll = new Epoll(1)) {
                epoll.add(events.fd(), Epoll.EPOLLIN, 0);
                assertNull(events.next());
                netlink.addVeth("v0", "v1");
                netlink.up("v0", true);
                netlink.up("v1", true);
                assertEquals(1, epoll.await(5000));
                assertTrue(wait(events, epoll, "v0", false, true));
                netlink.up("v1", false);
                assertTrue(wait(events, epoll, "v0", false, false));
                netlink.deleteLink("v1");
                assertTrue(wait(events, epoll, "v0", true, false));
            }
            return null;
        });
    }

    @Test
    void shouldCountLostEventsAndGoOn() {
        namespace.within(() -> {
            try (Netlink netlink = new Netlink(); LinkEvents events = new LinkEvents(); Epoll epoll = new Epoll(1)) {
                epoll.add(events.fd(), Epoll.EPOLLIN, 0);
                netlink.addVeth("v0", "v1");
                for (int i = 0; i < 2000; i++) {
                    netlink.mtu("v0", 1400 + i % 2);
                }
                assertEquals(0, events.overflows());
                while (events.next() != null) {
                    continue;
                }
                assertTrue(events.overflows() > 0);
                netlink.deleteLink("v1");
                assertTrue(wait(events, epoll, "v0", true, false));
            }
            return null;
        });
    }

    @Test
    void shouldExchangeFramesWithATapInterface() {
        namespace.within(() -> {
            try (Tun tap = Tun.open("tap%d", Tun.IFF_TAP | Tun.IFF_NO_PI); Netlink netlink = new Netlink();
                    Arena arena = Arena.ofConfined(); Epoll epoll = new Epoll(1)) {
                assertEquals("tap0", tap.name());
                MemorySegment frame = arena.allocate(2048);
                assertEquals(-Errno.EAGAIN, tap.fd().read(frame));
                netlink.addAddress("tap0", "198.18.0.1/24");
                netlink.addNeighbour("tap0", "198.18.0.2", MAC);
                netlink.up("tap0", true);
                epoll.add(tap.fd(), Epoll.EPOLLIN, 0);
                try (Socket socket = Socket.open(Socket.AF_INET, Socket.SOCK_DGRAM, 0)) {
                    MemorySegment data = arena.allocateFrom("out of the kernel");
                    assertEquals(18, socket.sendTo(data, 0, Sockaddr.inet(InetAddress.getByName("198.18.0.2"), 9)));
                }
                long length;
                do {
                    assertEquals(1, epoll.await(5000));
                    length = tap.fd().read(frame);
                } while (frame.get(ValueLayout.JAVA_BYTE, 12) != 8);
                assertEquals(14 + 20 + 8 + 18, length);
                assertArrayEquals(MAC, frame.asSlice(0, 6).toArray(ValueLayout.JAVA_BYTE));
                assertEquals(length, tap.fd().write(frame.asSlice(0, length)));
                assertEquals(1, netlink.link("tap0").stats().rxPackets());
                LinuxException e = assertThrows(LinuxException.class, () -> Tun.open("tap0", Tun.IFF_TAP));
                assertEquals(Errno.EBUSY, e.errno(), e.getMessage());
            }
            return null;
        });
    }

    @Test
    void shouldReceiveFramesOnAPacketSocket() {
        namespace.within(() -> {
            try (Netlink netlink = new Netlink(); Arena arena = Arena.ofConfined()) {
                netlink.addVeth("v0", "v1");
                netlink.up("v0", true);
                netlink.up("v1", true);
                netlink.awaitRunning("v0", 5000);
                netlink.awaitRunning("v1", 5000);
                try (Socket left = Socket.open(Socket.AF_PACKET, Socket.SOCK_RAW, 0);
                        Socket right = Socket.open(Socket.AF_PACKET, Socket.SOCK_RAW, 0)) {
                    left.bind(Sockaddr.packet(netlink.link("v0").index(), 0));
                    right.bind(Sockaddr.packet(netlink.link("v1").index(), 0x88b5));
                    right.timeoutMs(5000);
                    MemorySegment frame = arena.allocate(60);
                    frame.set(ValueLayout.JAVA_SHORT, 12, Short.reverseBytes((short) 0x88b5));
                    frame.set(ValueLayout.JAVA_INT, 20, 1234);
                    assertEquals(60, left.send(frame, 0));
                    MemorySegment into = arena.allocate(100);
                    assertEquals(60, right.receive(into, 0));
                    assertEquals(1234, into.get(ValueLayout.JAVA_INT, 20));
                }
            }
            return null;
        });
    }

    @Test
    void shouldReportTheKernelsOwnWordsAndRefuseBadNames() {
        namespace.within(() -> {
            try (Netlink netlink = new Netlink()) {
                LinuxException e = assertThrows(LinuxException.class, () -> netlink.addLink("x", "nosuchkind"));
                assertTrue(e.getMessage().contains("the kernel says: Unknown device type"), e.getMessage());
                assertEquals(Errno.ENODEV, assertThrows(LinuxException.class, () -> netlink.link("nosuch")).errno());
                assertThrows(IllegalArgumentException.class, () -> netlink.addAddress("lo", "198.18.0.1"));
                assertThrows(IllegalArgumentException.class, () -> netlink.addAddress("lo", "198.18.0.1/33"));
                assertThrows(IllegalArgumentException.class, () -> netlink.addAddress("lo", "some.host/24"));
                assertThrows(IllegalArgumentException.class, () -> netlink.up("sixteen-letters-", true));
            }
            return null;
        });
        assertEquals(Errno.EEXIST, assertThrows(LinuxException.class, () -> Netns.create(name)).errno());
        assertEquals(Errno.ENOENT, assertThrows(LinuxException.class, () -> Netns.open("no-such-ns")).errno());
        assertThrows(IllegalArgumentException.class, () -> Netns.create("../x"));
        Netns.delete("no-such-ns");
    }

    @Test
    void shouldMakeAMapThroughTheBpfCallAndReadItBack() {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment create = arena.allocate(72, 8);
            create.set(ValueLayout.JAVA_INT, 0, 2);
            create.set(ValueLayout.JAVA_INT, 4, 4);
            create.set(ValueLayout.JAVA_INT, 8, 8);
            create.set(ValueLayout.JAVA_INT, 12, 16);
            int r = Bpf.call(Bpf.BPF_MAP_CREATE, create);
            Assumptions.assumeTrue(r != -Errno.EPERM && r != -Errno.ENOSYS, "this kernel does not let root use bpf(2)");
            try (Fd map = Fd.own(r, "map")) {
                MemorySegment key = arena.allocateFrom(ValueLayout.JAVA_INT, 5);
                MemorySegment value = arena.allocateFrom(ValueLayout.JAVA_LONG, 77);
                MemorySegment element = arena.allocate(32, 8);
                element.set(ValueLayout.JAVA_INT, 0, map.value());
                element.set(ValueLayout.ADDRESS, 8, key);
                element.set(ValueLayout.ADDRESS, 16, value);
                assertEquals(0, Bpf.call(Bpf.BPF_MAP_UPDATE_ELEM, element));
                value.set(ValueLayout.JAVA_LONG, 0, 0);
                assertEquals(0, Bpf.call(Bpf.BPF_MAP_LOOKUP_ELEM, element));
                assertEquals(77, value.get(ValueLayout.JAVA_LONG, 0));
                key.set(ValueLayout.JAVA_INT, 0, 16);
                assertEquals(-Errno.ENOENT, Bpf.call(Bpf.BPF_MAP_LOOKUP_ELEM, element));
            }
        }
    }

    @Test
    void shouldCountTheTimeOfThisThread() {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment attributes = arena.allocate(128, 8);
            attributes.set(ValueLayout.JAVA_INT, 0, 1);
            attributes.set(ValueLayout.JAVA_INT, 4, 128);
            attributes.set(ValueLayout.JAVA_LONG, 8, 1);
            try (Fd counter = PerfEvent.open(attributes, 0, -1)) {
                MemorySegment value = arena.allocate(8, 8);
                assertEquals(8, counter.read(value));
                long first = value.get(ValueLayout.JAVA_LONG, 0);
                for (long until = System.nanoTime() + 1_000_000; System.nanoTime() < until;) {
                    Thread.onSpinWait();
                }
                assertEquals(8, counter.read(value));
                assertTrue(value.get(ValueLayout.JAVA_LONG, 0) > first);
            } catch (LinuxException e) {
                Assumptions.abort("this machine does not count: " + e.getMessage());
            }
        }
    }

    private static boolean wait(LinkEvents events, Epoll epoll, String name, boolean gone, boolean running) {
        for (long until = System.nanoTime() + 5_000_000_000L; System.nanoTime() < until; epoll.await(100)) {
            for (LinkState link = events.next(); link != null; link = events.next()) {
                if (link.name().equals(name) && link.gone() == gone && link.isRunning() == running) {
                    return true;
                }
            }
        }
        return false;
    }
}
