package dev.penstock.drivers.memif;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.penstock.drivers.kernel.Rig;
import dev.penstock.eal.Eal;
import dev.penstock.ethdev.Port;
import dev.penstock.ethdev.PortConfig;
import dev.penstock.ethdev.Ports;
import dev.penstock.ethdev.RxQueueConfig;
import dev.penstock.ethdev.RxWaiter;
import dev.penstock.ethdev.TxQueueConfig;
import dev.penstock.linux.EventFd;
import dev.penstock.linux.Sockaddr;
import dev.penstock.linux.Socket;
import dev.penstock.mbuf.Mbuf;
import dev.penstock.mbuf.MbufPool;
import dev.penstock.testkit.Allocation;
import dev.penstock.testkit.Seed;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

@EnabledOnOs(OS.LINUX)
class MemifTest {
    private final SplittableRandom random = Seed.random("memif");

    @Test
    void shouldCarryEveryPacketBothWaysOverEachQueue() {
        try (MemifPair pair = new MemifPair()) {
            Port server = pair.open("net_memif0", 2, "role=server,id=7,secret=mole");
            Port client = pair.open("net_memif1", 2, "role=client,id=7,secret=mole,rsize=6");
            MemifPair.waitFor("both are up", () -> server.link().up() && client.link().up());
            for (int queue = 0; queue < 2; queue++) {
                exchange(pair, client, server, queue, 2000);
                exchange(pair, server, client, queue, 2000);
            }
        }
    }

    @Test
    void shouldSplitPacketsOverSmallBuffersAndJoinThem() {
        try (MemifPair pair = new MemifPair()) {
            Port server = pair.open("net_memif0", 1, "role=server");
            Port client = pair.open("net_memif1", 1, "role=client,bsize=128,rsize=5");
            MemifPair.waitFor("both are up", () -> server.link().up() && client.link().up());
            exchange(pair, client, server, 0, 3000);
            exchange(pair, server, client, 0, 3000);
        }
    }

    @Test
    void shouldLendPacketsInsteadOfCopyingThem() {
        assumeTrue(MemifPair.hasHugePages(16), "needs 16 free huge pages: sysctl -w vm.nr_hugepages=64");
        try (MemifPair pair = new MemifPair("--single-file-segments")) {
            Port server = pair.open("net_memif0", 2, "role=server");
            Port client = pair.open("net_memif1", 2, "role=client,rsize=6,zero-copy=yes");
            MemifPair.waitFor("both are up", () -> server.link().up() && client.link().up());
            for (int queue = 0; queue < 2; queue++) {
                exchange(pair, client, server, queue, 3000);
                exchange(pair, server, client, queue, 3000);
            }
            long chains = Rig.xstat(client, "tx_copied");
            assertTrue(chains > 0 && chains < 3000, chains + " of 6000 sent were copied, where a fifth are chains");
            // until the ring was once round
            assertTrue(Rig.xstat(client, "rx_copied") <= 2 * 64, Rig.xstat(client, "rx_copied") + " received were copied");
        }
    }

    @Test
    void shouldCopyWhatItCannotLend() {
        try (MemifPair pair = new MemifPair()) {
            Port server = pair.open("net_memif0", 1, "role=server");
            Port client = pair.open("net_memif1", 1, "role=client,zero-copy=yes");
            MemifPair.waitFor("both are up", () -> server.link().up() && client.link().up());
            exchange(pair, client, server, 0, 300);
            exchange(pair, server, client, 0, 300);
        }
    }

    @Test
    void shouldLeaveTheChoiceOfMemoryToTheClient() {
        try (MemifPair pair = new MemifPair()) {
            assertTrue(assertThrows(IllegalArgumentException.class, () -> pair.ports.attach("net_memif0,role=server,zero-copy=yes"))
                    .getMessage().contains("client"));
        }
    }

    /** It was dropped without a count. */
    @Test
    void shouldCountAPacketOfSeveralBuffersForWhichThereAreTooFewMbufs() {
        try (MemifPair pair = new MemifPair()) {
            Port server = pair.open("net_memif0", 1, "role=server");
            Port client = pair.open("net_memif1", 1, "role=client,bsize=128,rsize=5");
            MemifPair.waitFor("both are up", () -> server.link().up() && client.link().up());
            assertEquals(1, client.txBurst(0, new Mbuf[] {pair.packet(new byte[1000], 1)}, 0, 1));
            List<Mbuf> kept = new ArrayList<>();
            for (Mbuf m = pair.pool.alloc(); m != null; m = pair.pool.alloc()) {
                kept.add(m);
            }
            for (int i = 0; i < 4; i++) {
                kept.removeLast().free();
            }
            assertEquals(0, pair.drain(server, 0, new ArrayList<>()));
            assertEquals(1, server.stats().rxNoMbuf());
            kept.forEach(Mbuf::free);
        }
    }

    private void exchange(MemifPair pair, Port from, Port to, int queue, int count) {
        List<byte[]> frames = new ArrayList<>();
        List<byte[]> received = new ArrayList<>();
        long sentBefore = from.stats().txBytes();
        long receivedBefore = to.stats().rxBytes();
        for (int i = 0; i < count / 20; i++) {
            List<Mbuf> packets = new ArrayList<>();
            for (int k = 0; k < 20; k++) {
                byte[] frame = new byte[random.nextInt(1, 2000)];
                random.nextBytes(frame);
                frames.add(frame);
                packets.add(pair.packet(frame, random.nextInt(4) == 0 ? random.nextInt(1, 5) : 1));
            }
            received.addAll(pair.through(from, to, queue, packets));
        }
        assertEquals(frames.size(), received.size());
        for (int i = 0; i < frames.size(); i++) {
            assertArrayEquals(frames.get(i), received.get(i), "packet " + i);
        }
        long bytes = frames.stream().mapToLong(f -> f.length).sum();
        assertEquals(bytes, from.stats().txBytes() - sentBefore);
        assertEquals(bytes, to.stats().rxBytes() - receivedBefore);
    }

    @Test
    void shouldCountAPacketThatNoRingCanHold() {
        try (MemifPair pair = new MemifPair()) {
            Port server = pair.open("net_memif0", 1, "role=server");
            Port client = pair.open("net_memif1", 1, "role=client,bsize=64,rsize=2");
            MemifPair.waitFor("both are up", () -> server.link().up() && client.link().up());
            for (Port from : List.of(client, server)) {
                Port to = from == client ? server : client;
                List<byte[]> got = pair.through(from, to, 0, List.of(pair.packet(new byte[257], 1), pair.packet(new byte[256], 3)));
                assertEquals(1, got.size());
                assertEquals(1, Rig.xstat(from, "tx_too_long"));
                assertEquals(1, from.stats().txErrors());
            }
        }
    }

    @Test
    void shouldComeBackWhenThePeerDoes() {
        try (MemifPair pair = new MemifPair()) {
            Port server = pair.open("net_memif0", 1, "role=server");
            for (int i = 0; i < 3; i++) {
                Port client = pair.open("net_memif1", 1, "role=client");
                MemifPair.waitFor("both are up", () -> server.link().up() && client.link().up());
                exchange(pair, client, server, 0, 100);
                client.stop();
                MemifPair.waitFor("the server saw it go", () -> !server.link().up());
                Mbuf kept = pair.packet(new byte[60], 1);
                assertEquals(0, server.txBurst(0, new Mbuf[] {kept}, 0, 1), "a port without a peer leaves packets");
                kept.free();
                client.close();
            }
            server.stop();
            Port client = pair.open("net_memif2", 1, "role=client");
            assertFalse(client.link().up());
            server.start();
            MemifPair.waitFor("both are up", () -> server.link().up() && client.link().up());
            exchange(pair, server, client, 0, 100);
        }
    }

    /** Each connection has an eventfd of its own. */
    @Test
    @Timeout(90)
    void shouldWakeASleeperWhicheverPeerIsConnected() throws InterruptedException {
        try (MemifPair pair = new MemifPair(); RxWaiter waiter = new RxWaiter()) {
            Port server = pair.open("net_memif0", 1, "role=server");
            assertTrue(waiter.add(server, 0));
            for (int i = 0; i < 3; i++) {
                Port client = pair.open("net_memif1", 1, "role=client");
                MemifPair.waitFor("both are up", () -> server.link().up() && client.link().up());
                Thread sender = Thread.ofPlatform().start(() -> {
                    // for longer than it takes to fall asleep
                    LockSupport.parkNanos(300_000_000);
                    assertEquals(1, client.txBurst(0, new Mbuf[] {pair.packet(new byte[60], 1)}, 0, 1));
                });
                waiter.await(100_000);
                sender.join();
                assertEquals(1, pair.drain(server, 0, new ArrayList<>()));
                client.close();
                MemifPair.waitFor("the server saw it go", () -> !server.link().up());
            }
        }
    }

    @Test
    void shouldServeSeveralPortsOverOneSocketAndTellAStranger() {
        try (MemifPair pair = new MemifPair()) {
            Port one = pair.open("net_memif0", 1, "role=server,id=1");
            Port two = pair.open("net_memif1", 1, "role=server,id=2,secret=abc");
            IllegalArgumentException e = assertThrows(IllegalArgumentException.class,
                    () -> pair.open("net_memif2", 1, "role=server,id=2"));
            assertTrue(e.getMessage().contains("id=2"), e.getMessage());
            Port stranger = pair.open("net_memif3", 1, "role=client,id=2,secret=abd");
            Port friend = pair.open("net_memif4", 1, "role=client,id=2,secret=abc");
            Port other = pair.open("net_memif5", 1, "role=client,id=1");
            MemifPair.waitFor("both are up", () -> one.link().up() && two.link().up() && friend.link().up() && other.link().up());
            assertFalse(stranger.link().up());
            exchange(pair, friend, two, 0, 100);
            exchange(pair, one, other, 0, 100);
        }
    }

    /** Bytes that can't be printed were all taken for a question mark: some secrets fitted none, and others too many. */
    @Test
    void shouldCompareEachByteOfASecret() {
        try (MemifPair pair = new MemifPair()) {
            Port one = pair.open("net_memif0", 1, "role=server,id=1,secret=für uns");
            Port two = pair.open("net_memif1", 1, "role=server,id=2,secret=abc?");
            Port friend = pair.open("net_memif2", 1, "role=client,id=1,secret=für uns");
            Port stranger = pair.open("net_memif3", 1, "role=client,id=2,secret=abc\u0001");
            MemifPair.waitFor("the friend is let in", () -> one.link().up() && friend.link().up());
            assertFalse(two.link().up() || stranger.link().up());
        }
    }

    /** Frames would have been taken to begin where the client's private header is. */
    @Test
    void shouldRefuseARingWithPrivateHeaders() {
        try (MemifPair pair = new MemifPair(); Socket client = Socket.open(Socket.AF_UNIX, Socket.SOCK_SEQPACKET, 0);
                MemifMessage message = new MemifMessage(); EventFd wake = new EventFd()) {
            Port port = pair.open("net_memif0", 1, "role=server");
            client.timeoutMs(10_000);
            client.connect(Sockaddr.unix("@" + pair.socket));
            assertTrue(message.receive(client));
            message.begin(MemifMessage.INIT).u16(MemifMessage.INIT_VERSION, MemifMessage.VERSION).send(client, null);
            assertTrue(message.receive(client));
            message.begin(MemifMessage.ADD_RING).u16(MemifMessage.RING_FLAGS, MemifMessage.RING_C2S).u8(MemifMessage.RING_LOG2, 4)
                    .u16(MemifMessage.RING_PRIVATE, 16).send(client, wake.fd());
            assertTrue(message.receive(client));
            assertEquals(MemifMessage.DISCONNECT, message.type());
            assertEquals(1, Rig.xstat(port, "protocol_breaches"));
        }
    }

    @Test
    void shouldReplaceTheSocketFileOfAKilledProcessAndNoOther(@TempDir Path folder) throws IOException {
        Path file = folder.resolve("memif.sock");
        String arguments = ",role=server,socket-abstract=no,socket=" + file;
        try (Socket left = Socket.open(Socket.AF_UNIX, Socket.SOCK_SEQPACKET, 0)) {
            left.bind(Sockaddr.unix(file.toString()));
        }
        assertTrue(Files.exists(file));
        try (MemifPair pair = new MemifPair()) {
            pair.ports.attach("net_memif0" + arguments);
            try (Socket living = Socket.open(Socket.AF_UNIX, Socket.SOCK_SEQPACKET, 0)) {
                living.connect(Sockaddr.unix(file.toString()));
            }
        }
        assertFalse(Files.exists(file));
        Files.writeString(file, "no socket");
        try (MemifPair pair = new MemifPair()) {
            IllegalArgumentException e = assertThrows(IllegalArgumentException.class, () -> pair.ports.attach("net_memif0" + arguments));
            assertTrue(e.getMessage().contains(file + " is there and is no socket"), e.getMessage());
            assertEquals("no socket", Files.readString(file));
        }
    }

    @Test
    void shouldSayWhichArgumentIsWrong() {
        try (MemifPair pair = new MemifPair()) {
            for (String bad : List.of("role=boss", "id=-1", "id=x", "rsize=15", "rsize=0", "bsize=70000", "mac=1:2", "zero-copy=yes,id=z",
                    "secret=123456789012345678901234", "nonsense=1", "mac=01:00:00:00:00:07", "socket=" + "y".repeat(107))) {
                IllegalArgumentException e = assertThrows(IllegalArgumentException.class,
                        () -> pair.ports.attach("net_memif0," + bad), bad);
                assertTrue(e.getMessage().contains(bad.substring(0, bad.indexOf('=')).replace("zero-copy", "id")), e.getMessage());
            }
        }
    }

    @Test
    void shouldAllocateNothingAPacket() {
        try (MemifPair pair = new MemifPair()) {
            Port server = pair.open("net_memif0", 1, "role=server");
            Port client = pair.open("net_memif1", 1, "role=client");
            MemifPair.waitFor("both are up", () -> server.link().up() && client.link().up());
            Mbuf[] burst = new Mbuf[32];
            Runnable work = () -> {
                for (int i = 0; i < 2000; i++) {
                    assertTrue(pair.pool.allocBulk(burst, 0, 32));
                    for (Mbuf m : burst) {
                        m.append(64);
                    }
                    assertEquals(32, client.txBurst(0, burst, 0, 32));
                    assertEquals(32, server.rxBurst(0, burst, 32));
                    assertEquals(32, server.txBurst(0, burst, 0, 32));
                    assertEquals(32, client.rxBurst(0, burst, 32));
                    Mbuf.freeBulk(burst, 0, 32);
                }
            };
            assertEquals(0, Allocation.steadyBytesOf(work));
        }
    }

    /** A client comes again ten times a second; what it is refused for is said once. */
    @Test
    void shouldSayOnceWhyAPeerRefuses() {
        String name = "penstock-refused-" + ProcessHandle.current().pid();
        List<String> said = new CopyOnWriteArrayList<>();
        try (Eal eal = Eal.start(said::add, "--no-huge", "--in-memory", "--no-telemetry"); Ports ports = new Ports(eal);
                Socket server = Socket.open(Socket.AF_UNIX, Socket.SOCK_SEQPACKET, 0)) {
            MbufPool pool = MbufPool.create(eal, "pool", 511, 0, MbufPool.DEFAULT_DATA_ROOM, -1);
            server.bind(Sockaddr.unix("@" + name));
            server.listen(4);
            server.timeoutMs(20_000);
            started(ports, pool, "net_memif0,role=client,socket=" + name);
            for (int i = 0; i < 4; i++) {
                try (Socket client = server.accept(); MemifMessage message = new MemifMessage()) {
                    message.begin(MemifMessage.DISCONNECT).text(MemifMessage.REASON, MemifMessage.REASON_BYTES, "no luck");
                    message.send(client, null);
                }
            }
            assertEquals(1, said.stream().filter(line -> line.contains("net_memif0: the peer disconnects: no luck")).count(), said::toString);
            started(ports, pool, "net_memif1,role=server,socket=" + name + "2,secret=abc");
            started(ports, pool, "net_memif2,role=client,socket=" + name + "2,secret=abd");
            started(ports, pool, "net_memif3,role=client,socket=" + name + "2,id=5,secret=abc");
            MemifPair.waitFor("both are refused", () -> said.stream().filter(line -> line.contains("a client is refused")).count() == 2);
            String all = said.toString();
            assertTrue(all.contains("memif @" + name + "2: a client is refused: Incorrect secret: from Penstock"), all);
            assertTrue(all.contains("memif @" + name + "2: a client is refused: ID not found: 5 is no port's"), all);
        }
    }

    private static void started(Ports ports, MbufPool pool, String arguments) {
        Port port = ports.attach(arguments);
        port.configure(PortConfig.of(1, 1));
        port.setupRxQueue(0, RxQueueConfig.of(pool));
        port.setupTxQueue(0, TxQueueConfig.DEFAULT);
        port.start();
    }
}
