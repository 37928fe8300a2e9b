package dev.penstock.linux;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@EnabledOnOs(OS.LINUX)
class SocketTest {
    private final Arena arena = Arena.ofConfined();

    @AfterEach
    void free() {
        arena.close();
    }

    @Test
    void shouldPassADescriptorWhoseMemoryBothSidesShare() {
        Socket[] pair = Socket.pair(Socket.SOCK_STREAM);
        try (Socket a = pair[0]; Socket b = pair[1]; Fd memory = Memfd.create("passed", 4096)) {
            assertEquals(9, FdPassing.send(a, arena.allocateFrom("penstock"), List.of(memory, memory)));
            List<Fd> received = new ArrayList<>();
            MemorySegment into = arena.allocate(64);
            assertEquals(9, FdPassing.receive(b, into, received, 0));
            assertEquals("penstock", into.getString(0));
            assertEquals(2, received.size());
            try (Fd twin = received.getFirst(); Fd other = received.getLast();
                    Mapping here = Mapping.shared(memory, 0, 4096);
                    Mapping there = Mapping.shared(twin, 0, 4096)) {
                assertNotEquals(memory.value(), twin.value());
                assertNotEquals(twin.value(), other.value());
                here.segment().set(ValueLayout.JAVA_INT, 0, 4711);
                assertEquals(4711, there.segment().get(ValueLayout.JAVA_INT, 0));
            }
        }
    }

    @Test
    void shouldPassAsManyDescriptorsAsTheKernelAllowsAndNoMore() {
        Socket[] pair = Socket.pair(Socket.SOCK_SEQPACKET);
        try (Socket a = pair[0]; Socket b = pair[1]; Fd memory = Memfd.create("many", 4096)) {
            List<Fd> many = new ArrayList<>();
            for (int i = 0; i < FdPassing.MAX_FDS; i++) {
                many.add(memory);
            }
            assertEquals(1, FdPassing.send(a, arena.allocate(1), many));
            List<Fd> received = new ArrayList<>();
            assertEquals(1, FdPassing.receive(b, arena.allocate(1), received, 0));
            assertEquals(FdPassing.MAX_FDS, received.size());
            received.forEach(Fd::close);
            many.add(memory);
            assertThrows(IllegalArgumentException.class, () -> FdPassing.send(a, arena.allocate(1), many));
            assertEquals(-Errno.EAGAIN, FdPassing.receive(b, arena.allocate(1), received, Socket.MSG_DONTWAIT));
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {Socket.SOCK_STREAM, Socket.SOCK_SEQPACKET})
    void shouldAcceptAPeerByAbstractNameAndKnowWhoItIs(int type) throws Exception {
        String name = "@penstock-test-" + ProcessHandle.current().pid();
        try (Socket server = Socket.open(Socket.AF_UNIX, type | Socket.SOCK_NONBLOCK, 0);
                Socket client = Socket.open(Socket.AF_UNIX, type, 0)) {
            server.bind(Sockaddr.unix(name));
            assertEquals(Errno.EADDRINUSE, assertThrows(LinuxException.class, () -> {
                try (Socket second = Socket.open(Socket.AF_UNIX, type, 0)) {
                    second.bind(Sockaddr.unix(name));
                }
            }).errno());
            server.listen(1);
            assertNull(server.accept());
            client.connect(Sockaddr.unix(name));
            try (Socket accepted = server.accept()) {
                assertEquals(ProcessHandle.current().pid(), accepted.peerCredentials().pid());
                assertEquals(Files.getAttribute(Path.of("/proc/self"), "unix:uid"), accepted.peerCredentials().uid());
                assertEquals(6, client.send(arena.allocateFrom("hello"), 0));
                MemorySegment into = arena.allocate(16);
                assertEquals(6, accepted.receive(into, 0));
                assertEquals("hello", into.getString(0));
                client.shutdown(1);
                assertEquals(0, accepted.receive(into, 0));
            }
            assertEquals(-Errno.EPIPE, client.send(arena.allocate(1), 0));
        }
    }

    @Test
    void shouldListenAtAPathAndSayThatThePeerMustBeStarted(@TempDir Path folder) {
        String path = folder.resolve("s").toString();
        try (Socket client = Socket.open(Socket.AF_UNIX, Socket.SOCK_STREAM, 0)) {
            LinuxException e = assertThrows(LinuxException.class, () -> client.connect(Sockaddr.unix(path)));
            assertEquals("ENOENT", e.errnoName());
            assertEquals("start the peer first", e.remedy());
            try (Socket server = Socket.open(Socket.AF_UNIX, Socket.SOCK_STREAM, 0)) {
                server.bind(Sockaddr.unix(path));
                server.listen(1);
                client.connect(Sockaddr.unix(path));
                server.accept().close();
            }
        }
        assertThrows(IllegalArgumentException.class, () -> Sockaddr.unix("x".repeat(108)));
        assertThrows(IllegalArgumentException.class, () -> Sockaddr.unix("@"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"127.0.0.1", "::1"})
    void shouldSendAndReceiveBatchesOfDatagrams(String host) throws Exception {
        int family = host.contains(":") ? Socket.AF_INET6 : Socket.AF_INET;
        try (Socket receiver = Socket.open(family, Socket.SOCK_DGRAM, 0);
                Socket sender = Socket.open(family, Socket.SOCK_DGRAM, 0)) {
            receiver.bind(Sockaddr.inet(InetAddress.getByName(host), 0));
            InetSocketAddress address = Sockaddr.inet(receiver.localAddress());
            assertEquals(InetAddress.getByName(host), address.getAddress());
            MessageBatch out = new MessageBatch(8);
            MessageBatch in = new MessageBatch(16);
            for (int i = 0; i < 8; i++) {
                MemorySegment data = arena.allocate(10 + i);
                data.fill((byte) i);
                out.buffer(i, data);
                out.address(i, Sockaddr.inet(address.getAddress(), address.getPort()));
            }
            List<MemorySegment> received = new ArrayList<>();
            for (int i = 0; i < 16; i++) {
                received.add(arena.allocate(64));
                in.buffer(i, received.get(i));
            }
            MemorySegment from = arena.allocate(Sockaddr.STORAGE_BYTES, 8);
            in.address(0, from);
            assertEquals(-Errno.EAGAIN, receiver.receive(in, 16, Socket.MSG_DONTWAIT));
            assertEquals(8, sender.send(out, 8, 0));
            assertEquals(8, receiver.receive(in, 16, 0));
            for (int i = 0; i < 8; i++) {
                assertEquals(10 + i, in.length(i));
                assertEquals(i, received.get(i).get(ValueLayout.JAVA_BYTE, 9 + i));
            }
            assertEquals(Sockaddr.inet(sender.localAddress()).getPort(), Sockaddr.inet(from).getPort());
            assertThrows(IllegalArgumentException.class, () -> sender.send(out, 9, 0));
        }
    }

    @Test
    void shouldReturnTheErrorNumberRatherThanThrowAndEndWaitsInTime() throws Exception {
        try (Socket socket = Socket.open(Socket.AF_INET, Socket.SOCK_DGRAM, 0)) {
            socket.bind(Sockaddr.inet(InetAddress.getByName("127.0.0.1"), 0));
            MemorySegment into = arena.allocate(16);
            assertEquals(-Errno.EAGAIN, socket.receive(into, Socket.MSG_DONTWAIT));
            socket.timeoutMs(20);
            long before = System.nanoTime();
            assertEquals(-Errno.EAGAIN, socket.receive(into, 0));
            assertTrue(System.nanoTime() - before >= 15_000_000);
            socket.option(Socket.SOL_SOCKET, Socket.SO_RCVBUF, 65536);
            assertEquals(131072, socket.option(Socket.SOL_SOCKET, Socket.SO_RCVBUF));
            LinuxException e = assertThrows(LinuxException.class, () -> socket.option(Socket.SOL_SOCKET, 9999, 1));
            assertEquals("ENOPROTOOPT", e.errnoName());
            MemorySegment small = arena.allocate(4);
            MemorySegment length = arena.allocateFrom(ValueLayout.JAVA_INT, 128);
            assertThrows(IllegalArgumentException.class, () -> socket.receiveFrom(into, 0, small, length));
        }
    }

    @Test
    void shouldWakeFromAnEpollWhenSignalledAndReportWhoAndWhat() throws Exception {
        try (Epoll epoll = new Epoll(4); EventFd first = new EventFd(); EventFd second = new EventFd()) {
            epoll.add(first.fd(), Epoll.EPOLLIN, 0x1111_2222_3333_4444L);
            epoll.add(second.fd(), Epoll.EPOLLIN, -2);
            assertEquals(0, epoll.await(0));
            Thread waker = Thread.ofPlatform().start(() -> {
                second.signal();
                second.signal();
            });
            assertEquals(1, epoll.await(10_000));
            waker.join();
            assertEquals(-2, epoll.data(0));
            assertEquals(Epoll.EPOLLIN, epoll.events(0));
            assertEquals(2, second.take());
            assertEquals(0, second.take());
            first.signal();
            second.signal();
            assertEquals(2, epoll.await(-1));
            assertEquals(0x1111_2222_3333_4444L - 2, epoll.data(0) + epoll.data(1));
            epoll.remove(second.fd());
            epoll.modify(first.fd(), Epoll.EPOLLIN | Epoll.EPOLLOUT, 7);
            assertEquals(1, epoll.await(0));
            assertEquals(7, epoll.data(0));
            assertEquals(Epoll.EPOLLIN | Epoll.EPOLLOUT, epoll.events(0));
            assertEquals(Errno.EEXIST, assertThrows(LinuxException.class, () -> epoll.add(first.fd(), 1, 1)).errno());
        }
    }

    @Test
    void shouldPollOneDescriptor() {
        Socket[] pair = Socket.pair(Socket.SOCK_STREAM);
        try (Socket a = pair[0]; Socket b = pair[1]) {
            assertEquals(0, a.fd().poll(Epoll.EPOLLIN, 1));
            assertEquals(Epoll.EPOLLOUT, a.fd().poll(Epoll.EPOLLIN | Epoll.EPOLLOUT, -1));
            b.send(arena.allocate(1), 0);
            assertEquals(Epoll.EPOLLIN, a.fd().poll(Epoll.EPOLLIN, 5000));
        }
    }

    @Test
    void shouldGoOffAgainAndAgain() {
        try (Epoll epoll = new Epoll(1); TimerFd timer = new TimerFd()) {
            epoll.add(timer.fd(), Epoll.EPOLLIN, 1);
            assertEquals(0, timer.take());
            timer.start(1_000_000, 1_000_000);
            long count = 0;
            while (count < 3) {
                assertEquals(1, epoll.await(10_000));
                count += timer.take();
            }
            timer.start(0, 0);
            timer.take();
            assertEquals(0, epoll.await(5));
        }
    }

    @Test
    void shouldKnowTheLoopbackInterfaceAndMissWhatIsMissing() {
        try (NetInterface loopback = new NetInterface("lo")) {
            assertEquals(1, loopback.index());
            assertEquals(6, loopback.mac().length);
            assertTrue(loopback.mtu() >= 1500);
        }
        LinuxException e = assertThrows(LinuxException.class, () -> new NetInterface("nosuch0"));
        assertEquals(Errno.ENODEV, e.errno());
        assertTrue(e.getMessage().contains("no interface nosuch0"), e.getMessage());
        assertThrows(IllegalArgumentException.class, () -> new NetInterface("a-name-too-long-for-it"));
    }

    @Test
    void shouldLayOutAddressesAsTheKernelReadsThem() {
        MemorySegment packet = Sockaddr.packet(3, Socket.ETH_P_ALL);
        assertEquals(20, packet.byteSize());
        assertEquals(3, packet.get(ValueLayout.JAVA_BYTE, 3));
        assertEquals(3, packet.get(ValueLayout.JAVA_INT, 4));
        MemorySegment xdp = Sockaddr.xdp(4, 5, 6, null);
        assertEquals(16, xdp.byteSize());
        assertEquals(44, xdp.get(ValueLayout.JAVA_SHORT, 0));
        assertEquals(6, xdp.get(ValueLayout.JAVA_INT, 8));
    }

    @Test
    void shouldNameThePathThatItCouldNotBind(@TempDir Path folder) {
        try (Socket socket = Socket.open(Socket.AF_UNIX, Socket.SOCK_STREAM, 0)) {
            LinuxException e = assertThrows(LinuxException.class, () -> socket.bind(Sockaddr.unix(folder + "/none/x.sock")));
            assertEquals(Errno.ENOENT, e.errno());
            assertTrue(e.getMessage().contains("none/x.sock") && e.getMessage().contains("mkdir -p " + folder + "/none"), e.getMessage());
            LinuxException other = assertThrows(LinuxException.class, () -> socket.bind(Sockaddr.inet(InetAddress.getLoopbackAddress(), 0)));
            assertFalse(other.getMessage().contains("mkdir"), other.getMessage());
        }
    }

    @Test
    void shouldLeaveAPeerInTheQueueWhileThereIsNoDescriptor(@TempDir Path folder) throws Exception {
        // Nothing can be started without descriptors: who gives them back is there before.
        String pid = "" + ProcessHandle.current().pid();
        Process limits = new ProcessBuilder("sh", "-c", "old=$(prlimit --pid " + pid + " --nofile -o SOFT --noheadings); read go; "
                + "prlimit --pid " + pid + " --nofile=3: && echo low; read go; prlimit --pid " + pid + " --nofile=$old: && echo back").start();
        List<String> said = new ArrayList<>();
        try (Socket server = Socket.open(Socket.AF_UNIX, Socket.SOCK_SEQPACKET | Socket.SOCK_NONBLOCK, 0);
                Socket client = Socket.open(Socket.AF_UNIX, Socket.SOCK_SEQPACKET, 0)) {
            server.bind(Sockaddr.unix(folder.resolve("s").toString()));
            server.listen(1);
            assertNull(server.accept(said::add));
            // any other error is thrown, which also loads what can't be loaded without descriptors
            assertThrows(LinuxException.class, () -> client.accept(said::add));
            client.connect(Sockaddr.unix(folder.resolve("s").toString()));
            tell(limits, "low");
            try {
                assertNull(server.accept(said::add));
                assertNull(server.accept(said::add));
            } finally {
                tell(limits, "back");
            }
            assertEquals(1, said.size(), "it is told once: " + said);
            assertTrue(said.getFirst().contains("EMFILE") && said.getFirst().contains("ulimit -n"), said.getFirst());
            try (Socket peer = server.accept(said::add)) {
                client.send(arena.allocate(3), 0);
                assertEquals(3, peer.receive(arena.allocate(8), 0));
            }
        } finally {
            limits.destroy();
            limits.waitFor();
        }
    }

    private static void tell(Process limits, String answer) throws IOException {
        limits.outputWriter().append("go\n").flush();
        assertEquals(answer, limits.inputReader().readLine());
    }

    @Test
    void shouldCallStaleOnlyASocketThatNobodyHas(@TempDir Path folder) throws IOException {
        String path = folder.resolve("s").toString();
        assertFalse(Socket.isStale(path, Socket.SOCK_STREAM));
        try (Socket living = Socket.open(Socket.AF_UNIX, Socket.SOCK_SEQPACKET, 0)) {
            living.bind(Sockaddr.unix(path));
            living.listen(0);
            assertFalse(Socket.isStale(path, Socket.SOCK_STREAM), "of another type");
            // its queue has room for one: the second look would have to wait
            assertFalse(Socket.isStale(path, Socket.SOCK_SEQPACKET));
            assertFalse(Socket.isStale(path, Socket.SOCK_SEQPACKET));
        }
        assertTrue(Socket.isAt(path));
        assertTrue(Socket.isStale(path, Socket.SOCK_SEQPACKET));
        Path file = Files.writeString(folder.resolve("f"), "kept");
        assertFalse(Socket.isStale(file.toString(), Socket.SOCK_STREAM));
    }
}
