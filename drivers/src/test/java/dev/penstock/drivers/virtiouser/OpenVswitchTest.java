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
import dev.penstock.testkit.OpenVswitch;
import dev.penstock.testkit.Seed;
import java.nio.file.Path;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIf;
import org.junit.jupiter.api.io.TempDir;

/** Open vSwitch's vhost-user ports as the back ends of two of ours, one split and one packed: it switches between them. */
@Tag("root")
@EnabledIf("dev.penstock.testkit.OpenVswitch#available")
class OpenVswitchTest {
    private static final int FRAMES = 5000;
    private static final int WINDOW = 128;
    /** Behind the addresses, the type and a number. */
    private static final int HEADER = 22;
    private static final long ADDRESSES = 0x0200_0000_0000L;

    @TempDir
    Path folder;

    private final Mbuf[] burst = new Mbuf[32];
    private MbufPool pool;
    private final Port[] ports = new Port[2];

    @Test
    void shouldExchangeFramesThroughOpenVswitch() throws Exception {
        try (OpenVswitch ovs = OpenVswitch.start(folder);
                Eal eal = Eal.start(line -> { }, "--no-huge", "--in-memory"); Ports all = new Ports(eal)) {
            pool = MbufPool.create(eal, "pool", 2047, 0, MbufPool.DEFAULT_DATA_ROOM, -1);
            for (int i = 0; i < 2; i++) {
                Path socket = folder.resolve("s" + i);
                ports[i] = all.attach("net_virtio_user" + i + ",server=1,packed_vq=" + i + ",path=" + socket);
                ports[i].configure(PortConfig.of(1, 1));
                ports[i].setupRxQueue(0, RxQueueConfig.of(pool));
                ports[i].setupTxQueue(0, TxQueueConfig.DEFAULT);
                ports[i].start();
                ovs.addVhostClient("v" + i, socket);
            }
            try {
                learn();
                exchange(0);
                exchange(1);
            } catch (AssertionError e) {
                throw new AssertionError(e.getMessage() + ports[0].xstats() + ports[1].xstats() + ovs.log(), e);
            }
            for (Port port : ports) {
                assertEquals(0, port.stats().txErrors() + port.stats().rxErrors() + port.stats().rxNoMbuf());
                port.xstats().stream().filter(x -> x.name().startsWith("rejected")).forEach(x -> assertEquals(0, x.value(), x.name()));
                port.close();
            }
            assertEquals(0, pool.inUseCount(), "all packets are back in the pool");
        }
    }

    private static long end() {
        return System.nanoTime() + TimeUnit.SECONDS.toNanos(30);
    }

    private Mbuf frame(int from, long number, int bytes) {
        Mbuf m = pool.alloc();
        m.append(bytes);
        m.putLong(0, (ADDRESSES + 1 - from) << 16 | 0x0200);
        m.putInt(8, from);
        m.putShort(12, (short) 0x88b5);
        m.putLong(14, number);
        for (int i = HEADER; i < bytes; i++) {
            m.putByte(i, (byte) (number + i));
        }
        return m;
    }

    /** Until each port has a frame of the other's, and nothing more comes. */
    private void learn() throws InterruptedException {
        long end = end();
        boolean[] came = new boolean[2];
        for (int quiet = 0; quiet < 20 || !came[0] || !came[1]; quiet++) {
            assertTrue(System.nanoTime() < end, "no frame came through ");
            for (int i = 0; i < 2; i++) {
                if (!came[0] || !came[1]) {
                    burst[0] = frame(i, -1, 60);
                    if (ports[i].txBurst(0, burst, 0, 1) == 0) {
                        burst[0].free();
                    }
                    quiet = 0;
                }
                int n = ports[i].rxBurst(0, burst, 32);
                for (int j = 0; j < n; j++) {
                    came[i] |= burst[j].getShort(12) == (short) 0x88b5;
                    burst[j].free();
                    quiet = 0;
                }
            }
            Thread.sleep(5);
        }
    }

    private void exchange(int from) throws InterruptedException {
        SplittableRandom random = Seed.random("through Open vSwitch from " + from);
        int[] bytes = new int[FRAMES];
        int sent = 0;
        int received = 0;
        long end = end();
        while (received < FRAMES) {
            assertTrue(System.nanoTime() < end, received + " frames of " + sent + " came ");
            int n = Math.min(FRAMES - sent, sent - received > WINDOW ? 0 : 1 + random.nextInt(32));
            for (int i = 0; i < n; i++) {
                bytes[sent + i] = 60 + random.nextInt(1455);
                burst[i] = frame(from, sent + i, bytes[sent + i]);
            }
            int taken = ports[from].txBurst(0, burst, 0, n);
            Mbuf.freeBulk(burst, taken, n - taken);
            sent += taken;
            int got = ports[1 - from].rxBurst(0, burst, 32);
            for (int i = 0; i < got; i++) {
                Mbuf m = burst[i];
                if (m.getShort(12) == (short) 0x88b5) {
                    assertEquals(received, m.getLong(14));
                    assertEquals(bytes[received], m.pktLen());
                    for (int j = HEADER; j < bytes[received]; j++) {
                        assertEquals((byte) (received + j), m.getByte(j), "byte " + j);
                    }
                    received++;
                }
                m.free();
            }
            if (got == 0) {
                Thread.sleep(1);
            }
        }
    }
}
