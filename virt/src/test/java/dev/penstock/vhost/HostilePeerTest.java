package dev.penstock.vhost;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.penstock.eal.Eal;
import dev.penstock.linux.LinuxException;
import dev.penstock.linux.Sockaddr;
import dev.penstock.linux.Socket;
import dev.penstock.mbuf.Mbuf;
import dev.penstock.mbuf.MbufPool;
import dev.penstock.testkit.Descriptors;
import dev.penstock.testkit.HostileVhostPeer;
import dev.penstock.testkit.Seed;
import dev.penstock.virtqueue.Rejection;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class HostilePeerTest extends NobodyListens {
    private static final int CHAINS = 100_000;
    private static final List<Refusal> MET =
            List.of(Refusal.HEADER, Refusal.REQUEST, Refusal.SIZE, Refusal.FDS, Refusal.FD_KIND, Refusal.QUEUE, Refusal.FEATURES,
                    Refusal.VALUE, Refusal.REGION, Refusal.REGION_OVERLAP, Refusal.REGION_SLOT, Refusal.FILE_SHORT, Refusal.LIVE);
    private static final List<Rejection> CHAINS_MET = List.of(Rejection.INDEX, Rejection.ID, Rejection.NEXT, Rejection.CHAIN_LENGTH,
            Rejection.INDIRECT, Rejection.DIRECTION, Rejection.ADDRESS, Rejection.SHORT, Rejection.LONG, Rejection.HEADER);

    private final Eal eal = Eal.start(line -> {}, "--no-huge", "--in-memory", "--no-telemetry", "-l", "0");
    private final MbufPool pool = MbufPool.create(eal, "pool", 1023, 0, 2048 + Mbuf.HEADROOM, -1);
    private final Mbuf[] burst = new Mbuf[32];
    private Path folder;
    private VhostBackend backend;

    @BeforeEach
    void make() throws IOException {
        folder = Files.createTempDirectory("penstock-hostile");
        backend = new VhostBackend(new VhostConfig(folder.resolve("s").toString(), false, 2, VhostConfig.FEATURES), this);
        backend.start();
    }

    @AfterEach
    void close() throws IOException {
        backend.close();
        Files.delete(folder);
        assertEquals(pool.size(), pool.availCount());
        eal.close();
    }

    private int poll() {
        int received = 0;
        for (int i = 0; i < 4; i += 2) {
            int n = backend.vring(i + 1).dequeue(pool, 0, burst, 32);
            Mbuf.freeBulk(burst, 0, n);
            received += n;
            Mbuf m = pool.alloc();
            m.append(60);
            burst[0] = m;
            backend.vring(i).enqueue(burst, 0, 1);
            m.free();
        }
        return received;
    }

    private static long mappings() throws IOException {
        return Files.readAllLines(Path.of("/proc/self/maps")).stream().filter(l -> l.contains("memfd:hostile")
                || l.contains("memfd:penstock-inflight")).count();
    }

    private void await(String what, BooleanSupplier condition, Supplier<String> state) {
        long deadline = System.nanoTime() + 10_000_000_000L;
        while (!condition.getAsBoolean()) {
            assertTrue(System.nanoTime() < deadline, () -> what + ": " + state.get());
            Thread.yield();
        }
    }

    @Test
    void shouldRefuseTenThousandMalformedMessagesAndKeepNothingOfThem() throws IOException {
        poll();
        long files = Descriptors.count();
        try (HostileVhostPeer peer = new HostileVhostPeer(folder.resolve("s").toString(), Seed.random("hostile vhost peer"))) {
            for (int i = 0; i < 10_000 || !metAll() && i < 200_000; i++) {
                peer.misbehave();
                poll();
            }
            long refused = Arrays.stream(Refusal.values()).mapToLong(backend::refused).sum();
            assertTrue(peer.rejections() <= refused, () -> peer.rejections() + " connections ended, and " + refused
                    + " refusals were counted");
        }
        long[] now = new long[2];
        await("files or mappings are left", () -> {
            try {
                now[0] = Descriptors.count();
                now[1] = mappings();
            } catch (IOException e) {
                throw new IllegalStateException(e);
            }
            return now[0] <= files && now[1] == 0;
        }, () -> now[0] + " files of " + files + ", " + now[1] + " mappings: " + Descriptors.links());
        assertTrue(metAll(), () -> MET.stream().filter(why -> backend.refused(why) == 0).toList() + " never met");
    }

    @Test
    void shouldOutliveAHundredThousandMalformedChainsWhileTheRingsAreRewritten() throws InterruptedException, IOException {
        long files = Descriptors.count();
        try (HostileVhostPeer peer = new HostileVhostPeer(folder.resolve("s").toString(), Seed.random("hostile vhost chains"))) {
            peer.behave();
            await("the queues run", () -> backend.vring(0).isRunning() && backend.vring(1).isRunning(), () -> "");
            Thread rewriter = Thread.ofPlatform().daemon().start(() -> {
                while (!Thread.interrupted()) {
                    peer.scribble();
                    Thread.yield();
                }
            });
            int received = 0;
            for (int chains = 0; chains < CHAINS || !metAllChains() && chains < 20 * CHAINS; chains++) {
                peer.chain();
                received += poll();
            }
            rewriter.interrupt();
            rewriter.join();
            assertTrue(received > 0, "some were sound");
            assertTrue(metAllChains(), () -> CHAINS_MET.stream().filter(why -> !isMet(why)).toList() + " never met");
            assertTrue(backend.vring(0).isRunning() && backend.vring(1).isRunning(), "the queues run on");
            assertEquals(0, peer.rejections());
        }
        await("files are left", () -> {
            try {
                return Descriptors.count() <= files && mappings() == 0;
            } catch (IOException e) {
                throw new IllegalStateException(e);
            }
        }, () -> Descriptors.links().toString());
    }

    private boolean isMet(Rejection why) {
        return backend.vring(0).rejected(why) + backend.vring(1).rejected(why) > 0;
    }

    private boolean metAllChains() {
        return CHAINS_MET.stream().allMatch(this::isMet);
    }

    private boolean metAll() {
        return MET.stream().allMatch(why -> backend.refused(why) > 0);
    }

    @Test
    void shouldCloseAClientWhoseFrontEndTakesNobodyUp() throws IOException {
        Path path = folder.resolve("deaf");
        List<Socket> waiting = new ArrayList<>();
        try (Socket front = Socket.open(Socket.AF_UNIX, Socket.SOCK_STREAM, 0)) {
            front.bind(Sockaddr.unix(path.toString()));
            front.listen(1);
            assertThrows(LinuxException.class, () -> {
                while (true) {
                    Socket one = Socket.open(Socket.AF_UNIX, Socket.SOCK_STREAM | Socket.SOCK_NONBLOCK, 0);
                    waiting.add(one);
                    one.connect(Sockaddr.unix(path.toString()));
                }
            });
            VhostBackend client = new VhostBackend(new VhostConfig(path.toString(), true, 1, VhostConfig.FEATURES), this);
            client.start();
            assertTimeoutPreemptively(Duration.ofMinutes(1), client::close);
        } finally {
            waiting.forEach(Socket::close);
            Files.delete(path);
        }
    }

    @Test
    void shouldEndConnectionAndNotProcessWhenMemoryFileIsCut() {
        try (HostileVhostPeer peer = new HostileVhostPeer(folder.resolve("s").toString(), Seed.random("cut memory"))) {
            peer.behave();
            await("the queues run", () -> backend.vring(0).isRunning() && backend.vring(1).isRunning(), () -> "");
            for (int i = 0; i < 20_000; i++) {
                poll();
            }
            peer.memory().truncate(0);
            await("the fault is met", () -> {
                poll();
                return backend.refused(Refusal.MEMORY_GONE) > 0 && !backend.vring(1).isRunning();
            }, () -> "");
        }
    }
}
