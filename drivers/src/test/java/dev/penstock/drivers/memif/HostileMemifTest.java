package dev.penstock.drivers.memif;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.penstock.drivers.kernel.Rig;
import dev.penstock.ethdev.Port;
import dev.penstock.ethdev.RxWaiter;
import dev.penstock.linux.Fd;
import dev.penstock.linux.LinuxException;
import dev.penstock.linux.Memfd;
import dev.penstock.linux.Sockaddr;
import dev.penstock.linux.Socket;
import dev.penstock.mbuf.Mbuf;
import dev.penstock.mbuf.MbufPool;
import dev.penstock.testkit.Descriptors;
import dev.penstock.testkit.HostileMemif;
import dev.penstock.testkit.Seed;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;

@EnabledOnOs(OS.LINUX)
class HostileMemifTest {
    private static final int MESSAGES = 10_000;
    private static final int CHAINS = 100_000;

    @Test
    void shouldOutliveTenThousandMalformedMessages() throws IOException {
        SplittableRandom random = Seed.random("hostile memif messages");
        try (MemifPair pair = new MemifPair()) {
            Port port = pair.open("net_memif0", 1, "role=server,id=3");
            int files;
            int maps;
            try (HostileMemif peer = HostileMemif.withMemfd(random, "@" + pair.socket, 3)) {
                peer.converse();
                awaitGone(port);
                files = Descriptors.count();
                maps = mappings();
                for (int malformed = 0; malformed < MESSAGES;) {
                    malformed += peer.converse();
                }
                MemifPair.waitFor("all sessions ended", () -> Descriptors.count() <= files && mappings() <= maps);
            }
            assertTrue(Rig.xstat(port, "protocol_breaches") > 0);
            honest(pair, port);
        }
    }

    @Test
    void shouldOutliveAHundredThousandMalformedChainsWhileTheRingsAreRewritten() throws InterruptedException {
        SplittableRandom random = Seed.random("hostile memif chains");
        try (MemifPair pair = new MemifPair()) {
            Port port = pair.open("net_memif0", 1, "role=server,id=3");
            try (HostileMemif peer = HostileMemif.withMemfd(random, "@" + pair.socket, 3)) {
                peer.connect();
                assertTrue(port.link().up());
                Thread rewriter = Thread.ofPlatform().daemon().start(() -> {
                    while (!Thread.interrupted()) {
                        peer.scribble();
                        Thread.yield();
                    }
                });
                List<byte[]> received = new ArrayList<>();
                long before = port.stats().rxPackets();
                for (int chains = 0; chains < CHAINS; chains++) {
                    peer.chain();
                    received.clear();
                    pair.drain(port, 0, received);
                    if (chains % 8 == 0) {
                        Mbuf m = pair.packet(new byte[random.nextInt(1, 1500)], random.nextInt(1, 3));
                        if (port.txBurst(0, new Mbuf[] {m}, 0, 1) == 0) {
                            m.free();
                        }
                    }
                }
                rewriter.interrupt();
                rewriter.join();
                assertTrue(port.stats().rxPackets() > before, "some were sound");
                for (String counter : List.of("rx_bad_index", "rx_bad_descriptor", "tx_bad_buffer")) {
                    assertTrue(Rig.xstat(port, counter) > 0, counter);
                }
                peer.disconnect();
            }
            honest(pair, port);
        }
    }

    @Test
    void shouldCloseThePortAndNotTheProcessWhenTheMemoryIsCutShort() throws IOException {
        SplittableRandom random = Seed.random("hostile memif file");
        try (MemifPair pair = new MemifPair()) {
            Port port = pair.open("net_memif0", 1, "role=server,id=3");
            for (int i = 0; i < 20; i++) {
                try (HostileMemif peer = HostileMemif.withFile(random, "@" + pair.socket, 3)) {
                    peer.connect();
                    assertTrue(port.link().up());
                    peer.chain();
                    peer.shrink();
                    MemifPair.waitFor("the port let go", () -> {
                        pair.drain(port, 0, new ArrayList<>());
                        return !port.link().up();
                    });
                }
            }
            assertTrue(Rig.xstat(port, "memory_lost") > 0);
            honest(pair, port);
        }
    }

    @Test
    void shouldCloseThePortAndNotTheProcessWhenTheMemoryIsCutShortUnderASleeper() throws IOException {
        SplittableRandom random = Seed.random("hostile memif file and a sleeper");
        try (MemifPair pair = new MemifPair()) {
            Port port = pair.open("net_memif0", 1, "role=server,id=3");
            for (int i = 0; i < 20; i++) {
                try (HostileMemif peer = HostileMemif.withFile(random, "@" + pair.socket, 3); RxWaiter waiter = new RxWaiter()) {
                    waiter.add(port, 0);
                    peer.connect();
                    assertTrue(port.link().up());
                    peer.chain();
                    peer.shrink();
                    MemifPair.waitFor("the port let go", () -> {
                        waiter.await(1);
                        return !port.link().up();
                    });
                }
            }
            assertTrue(Rig.xstat(port, "memory_lost") > 0);
            honest(pair, port);
        }
    }

    /** The rings stay, so that bursts begin; in the midst of one the error comes, at once or later, as the code is compiled. */
    @Test
    void shouldKeepItsPacketsWhenTheBuffersAreCutOffUnderABurst() throws IOException {
        SplittableRandom random = Seed.random("hostile memif buffers");
        try (MemifPair pair = new MemifPair()) {
            Port port = pair.open("net_memif0", 1, "role=server,id=3");
            for (int i = 0; i < 30; i++) {
                try (HostileMemif peer = HostileMemif.withFile(random, "@" + pair.socket, 3)) {
                    peer.connect();
                    for (int burst = 0; burst < 1_000; burst++) {
                        exchange(pair, port, peer, random);
                    }
                    peer.cutBuffers();
                    MemifPair.waitFor("the port let go", () -> {
                        exchange(pair, port, peer, random);
                        return !port.link().up();
                    });
                }
                assertEquals(0, pair.pool.inUseCount(), "packets that are nowhere after peer " + i);
                assertEachOnce(pair.pool);
            }
            assertTrue(Rig.xstat(port, "memory_lost") > 0);
            honest(pair, port);
        }
    }

    private static void exchange(MemifPair pair, Port port, HostileMemif peer, SplittableRandom random) {
        peer.chain();
        pair.drain(port, 0, new ArrayList<>());
        Mbuf[] out = new Mbuf[random.nextInt(1, 8)];
        for (int i = 0; i < out.length; i++) {
            out[i] = pair.packet(new byte[random.nextInt(1, 1500)], random.nextInt(1, 3));
        }
        int sent = port.txBurst(0, out, 0, out.length);
        Mbuf.freeBulk(out, sent, out.length - sent);
    }

    /** A packet that was given back twice would be taken twice. */
    private static void assertEachOnce(MbufPool pool) {
        Mbuf[] all = new Mbuf[pool.size()];
        assertTrue(pool.allocBulk(all, 0, all.length));
        assertEquals(all.length, Stream.of(all).distinct().count());
        Mbuf.freeBulk(all, 0, all.length);
    }

    @Test
    void shouldServeOthersOfTheSocketWhileOnePeerReadsNoAnswer() {
        SplittableRandom random = Seed.random("hostile memif deaf");
        try (MemifPair pair = new MemifPair()) {
            pair.open("net_memif0", 255, "role=server,id=3");
            Port other = pair.open("net_memif1", 1, "role=server,id=4");
            try (HostileMemif peer = HostileMemif.withMemfd(random, "@" + pair.socket, 3)) {
                peer.connectDeaf(255);
                Port client = pair.open("net_memif9", 1, "role=client,id=4");
                MemifPair.waitFor("both are up", () -> other.link().up() && client.link().up());
            }
        }
    }

    @Test
    void shouldStopAClientWhoseServerTakesNobodyUp() {
        List<Socket> waiting = new ArrayList<>();
        try (MemifPair pair = new MemifPair(); Socket server = Socket.open(Socket.AF_UNIX, Socket.SOCK_SEQPACKET, 0)) {
            server.bind(Sockaddr.unix("@" + pair.socket));
            server.listen(1);
            assertThrows(LinuxException.class, () -> {
                while (true) {
                    Socket one = Socket.open(Socket.AF_UNIX, Socket.SOCK_SEQPACKET | Socket.SOCK_NONBLOCK, 0);
                    waiting.add(one);
                    one.connect(Sockaddr.unix("@" + pair.socket));
                }
            });
            Port client = pair.open("net_memif0", 1, "role=client,id=3");
            assertTimeoutPreemptively(Duration.ofMinutes(1), client::stop);
        } finally {
            waiting.forEach(Socket::close);
        }
    }

    @Test
    void shouldSealMemoryThatCanBeSealed() {
        SplittableRandom random = Seed.random("hostile memif seal");
        try (MemifPair pair = new MemifPair()) {
            Port port = pair.open("net_memif0", 1, "role=server,id=3");
            try (HostileMemif peer = HostileMemif.withMemfd(random, "@" + pair.socket, 3)) {
                peer.connect();
                assertThrows(LinuxException.class, peer::shrink);
                pair.drain(port, 0, new ArrayList<>());
                assertTrue(port.link().up());
            }
        }
    }

    /** Those who connect and say nothing kept all others of the socket out. */
    @Test
    void shouldServeOthersWhileStrangersSayNothing() {
        List<Socket> strangers = new ArrayList<>();
        try (MemifPair pair = new MemifPair()) {
            Port port = pair.open("net_memif0", 1, "role=server,id=3");
            for (int i = 0; i < 200; i++) {
                Socket one = Socket.open(Socket.AF_UNIX, Socket.SOCK_SEQPACKET, 0);
                strangers.add(one);
                one.connect(Sockaddr.unix("@" + pair.socket));
            }
            honest(pair, port);
        } finally {
            strangers.forEach(Socket::close);
        }
    }

    /** A part of a huge page was mapped and could not be unmapped. */
    @Test
    @SuppressWarnings("try")
    void shouldUnmapARegionThatIsPartOfAHugePage() {
        assumeTrue(MemifPair.hasHugePages(1));
        try (MemifPair pair = new MemifPair(); Fd huge = Memfd.createHuge("hostile-huge", 2 << 20, 2 << 20);
                Socket peer = Socket.open(Socket.AF_UNIX, Socket.SOCK_SEQPACKET, 0); MemifMessage message = new MemifMessage()) {
            pair.open("net_memif0", 1, "role=server,id=3");
            peer.connect(Sockaddr.unix("@" + pair.socket));
            assertTrue(message.receive(peer));
            message.begin(MemifMessage.INIT).u16(MemifMessage.INIT_VERSION, MemifMessage.VERSION).u32(MemifMessage.INIT_ID, 3).send(peer, null);
            assertTrue(message.receive(peer));
            message.begin(MemifMessage.ADD_REGION).u64(MemifMessage.REGION_SIZE, 4096).send(peer, huge);
            assertTrue(message.receive(peer));
            assertEquals(MemifMessage.ACK, message.type());
            assertEquals(1, mappings());
            peer.close();
            MemifPair.waitFor("it is unmapped", () -> mappings() == 0);
        }
    }

    /** After all that, an honest client is served. */
    private static void honest(MemifPair pair, Port port) {
        awaitGone(port);
        Port client = pair.open("net_memif9", 1, "role=client,id=3");
        MemifPair.waitFor("both are up", () -> port.link().up() && client.link().up());
        assertEquals(1, pair.through(client, port, 0, List.of(pair.packet(new byte[60], 1))).size());
    }

    private static void awaitGone(Port port) {
        MemifPair.waitFor("the peer is gone", () -> !port.link().up());
    }

    private static int mappings() {
        try (var lines = Files.lines(Path.of("/proc/self/maps"))) {
            return (int) lines.filter(l -> l.contains("memfd:hostile")).count();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
