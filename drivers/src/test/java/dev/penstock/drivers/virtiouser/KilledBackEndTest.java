package dev.penstock.drivers.virtiouser;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.penstock.eal.Eal;
import dev.penstock.ethdev.Port;
import dev.penstock.ethdev.PortConfig;
import dev.penstock.ethdev.Ports;
import dev.penstock.ethdev.RxQueueConfig;
import dev.penstock.ethdev.TxQueueConfig;
import dev.penstock.mbuf.Mbuf;
import dev.penstock.mbuf.MbufPool;
import dev.penstock.testkit.Seed;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Back ends, each a process of its own, that are killed under traffic and have successors: no numbered frame comes twice
 * or out of order, and all that is missing is at most the one burst that a dead process had in its own hands.
 */
@EnabledOnOs(OS.LINUX)
class KilledBackEndTest {
    static final int BURST = 32;
    private static final int WINDOW = 200;

    @TempDir
    Path folder;

    private final Mbuf[] burst = new Mbuf[BURST];
    private long sent;
    private long received;
    private long next;
    private int gaps;

    @ParameterizedTest
    @ValueSource(ints = {0, 1})
    void shouldGoOnAfterAKill(int packed) throws Exception {
        shouldGoOnAfterKills(packed, 1);
    }

    @Tag("slow")
    @ParameterizedTest
    @ValueSource(ints = {0, 1})
    void shouldGoOnAfterManyKills(int packed) throws Exception {
        shouldGoOnAfterKills(packed, 20);
    }

    private void shouldGoOnAfterKills(int packed, int kills) throws Exception {
        SplittableRandom random = Seed.random("killed back ends");
        String socket = folder.resolve("s").toString();
        Process life = null;
        try (Eal eal = Eal.start(line -> { }, "--no-huge", "--in-memory"); Ports ports = new Ports(eal)) {
            MbufPool pool = MbufPool.create(eal, "pool", 2047, 0, MbufPool.DEFAULT_DATA_ROOM, -1);
            life = start(socket);
            Port port = ports.attach("net_virtio_user0,path=" + socket + ",packed_vq=" + packed);
            port.configure(PortConfig.of(1, 1));
            port.setupRxQueue(0, RxQueueConfig.of(pool));
            port.setupTxQueue(0, TxQueueConfig.DEFAULT);
            port.start();
            for (int kill = 0; kill < kills; kill++) {
                exchange(port, pool, received + 500 + random.nextInt(5000), true);
                life.destroyForcibly().waitFor();
                life = start(socket);
                assertTrue(gaps <= kill, "each kill costs one burst, not " + gaps + " in " + kill);
            }
            exchange(port, pool, received + 5000, true);
            exchange(port, pool, 0, false);
            assertTrue(gaps <= kills && sent - received <= (long) kills * BURST,
                    () -> sent - received + " frames of " + sent + " are missing in " + gaps + " places");
            assertEquals(sent, port.stats().txPackets());
            assertEquals(received, port.stats().rxPackets());
            assertEquals(0, port.stats().rxErrors() + port.stats().txErrors() + port.stats().rxNoMbuf());
            port.xstats().stream().filter(x -> x.name().startsWith("rejected")).forEach(x -> assertEquals(0, x.value(), x.name()));
            port.close();
            assertEquals(0, pool.inUseCount(), "all packets are back in the pool");
        } finally {
            if (life != null) {
                life.destroyForcibly().waitFor();
            }
        }
    }

    private Process start(String socket) throws IOException {
        return new ProcessBuilder(TurningMain.command("net_vhost0,iface=" + socket)).redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.appendTo(folder.resolve("log").toFile())).start();
    }

    /** Sends numbered frames, or no more, and takes what comes until so many came, or the last that was sent. */
    private void exchange(Port port, MbufPool pool, long until, boolean more) throws IOException, InterruptedException {
        long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(30);
        while (more ? received < until : next < sent) {
            if (System.nanoTime() > end) {
                throw new AssertionError(received + " of " + sent + " came, " + port.link() + port.xstats()
                        + Files.readString(folder.resolve("log")));
            }
            int n = more && sent - next < WINDOW ? BURST : 0;
            for (int i = 0; i < n; i++) {
                burst[i] = pool.alloc();
                burst[i].append(60);
                burst[i].putLong(14, sent + i);
            }
            int taken = n == 0 ? 0 : port.txBurst(0, burst, 0, n);
            Mbuf.freeBulk(burst, taken, n - taken);
            sent += taken;
            int got = port.rxBurst(0, burst, BURST);
            for (int i = 0; i < got; i++) {
                long number = burst[i].getLong(14);
                assertTrue(number >= next && number < sent, () -> "frame " + number + " where " + next + " is due of " + sent);
                if (number != next) {
                    assertTrue(number - next <= BURST, () -> number - next + " frames are missing at " + next);
                    gaps++;
                }
                next = number + 1;
            }
            Mbuf.freeBulk(burst, 0, got);
            received += got;
            if (got == 0 && taken == 0) {
                Thread.sleep(1);
            }
        }
    }
}
