package dev.penstock.vhost;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.penstock.eal.Eal;
import dev.penstock.mbuf.Mbuf;
import dev.penstock.mbuf.MbufPool;
import dev.penstock.testkit.HostileVhostPeer;
import dev.penstock.testkit.Seed;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class HostilePeerTest implements VhostListener {
    private static final List<Refusal> MET =
            List.of(Refusal.HEADER, Refusal.REQUEST, Refusal.SIZE, Refusal.FDS, Refusal.FD_KIND);

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

    private void poll() {
        for (int i = 0; i < 4; i += 2) {
            Mbuf.freeBulk(burst, 0, backend.vring(i + 1).dequeue(pool, 0, burst, 32));
            Mbuf m = pool.alloc();
            m.append(60);
            burst[0] = m;
            backend.vring(i).enqueue(burst, 0, 1);
            m.free();
        }
    }

    private static long count(String path) throws IOException {
        if (path.endsWith("maps")) {
            return Files.readAllLines(Path.of(path)).stream().filter(l -> l.contains("memfd:hostile")
                    || l.contains("memfd:penstock-inflight")).count();
        }
        try (Stream<Path> all = Files.list(Path.of(path))) {
            return all.count();
        }
    }

    private static String links() {
        StringBuilder text = new StringBuilder();
        try (Stream<Path> all = Files.list(Path.of("/proc/self/fd"))) {
            for (Path fd : all.toList()) {
                text.append(Files.isSymbolicLink(fd) ? Files.readSymbolicLink(fd) : fd).append(' ');
            }
        } catch (IOException e) {
            text.append(e);
        }
        return text.toString();
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
        long files = count("/proc/self/fd");
        try (HostileVhostPeer peer = new HostileVhostPeer(folder.resolve("s").toString(), Seed.random("hostile vhost peer"))) {
            for (int i = 0; i < 10_000 || !metAll() && i < 200_000; i++) {
                peer.misbehave();
                poll();
            }
        }
        long[] now = new long[2];
        await("files or mappings are left", () -> {
            try {
                now[0] = count("/proc/self/fd");
                now[1] = count("/proc/self/maps");
            } catch (IOException e) {
                throw new IllegalStateException(e);
            }
            return now[0] <= files && now[1] == 0;
        }, () -> now[0] + " files of " + files + ", " + now[1] + " mappings: " + links());
        assertTrue(metAll(), () -> MET.stream().filter(why -> backend.refused(why) == 0).toList() + " never met");
    }

    private boolean metAll() {
        return MET.stream().allMatch(why -> backend.refused(why) > 0);
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

    @Override
    public void linkChanged(boolean up) {}

    @Override
    public void announce(long mac) {}

    @Override
    public void mtu(int bytes) {}

    @Override
    public void say(String line) {}
}
