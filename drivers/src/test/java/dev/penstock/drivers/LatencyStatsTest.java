package dev.penstock.drivers;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.penstock.eal.Clock;
import dev.penstock.eal.Eal;
import dev.penstock.eal.LcoreThread;
import dev.penstock.ethdev.Port;
import dev.penstock.ethdev.PortConfig;
import dev.penstock.ethdev.Ports;
import dev.penstock.ethdev.RxQueueConfig;
import dev.penstock.ethdev.TxQueueConfig;
import dev.penstock.mbuf.Mbuf;
import dev.penstock.mbuf.MbufPool;
import dev.penstock.metrics.LatencyStats;
import dev.penstock.metrics.Metrics;
import dev.penstock.testkit.Allocation;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** The time that packets stay in a program. */
class LatencyStatsTest {
    private final Eal eal = Eal.start(line -> { }, "-l", "0", "--no-huge", "--in-memory", "--no-telemetry");
    private final LcoreThread.Registration worker = LcoreThread.register();
    private final Ports ports = new Ports(eal);
    private final Metrics metrics = new Metrics(eal, ports);
    private final MbufPool pool = MbufPool.with(eal, "p", 1023).cacheSize(128).create();
    private final Mbuf[] burst = new Mbuf[32];

    @AfterEach
    void close() {
        metrics.close();
        ports.close();
        worker.close();
        eal.close();
    }

    private Port started(String device, LatencyStats stats) {
        Port port = ports.attach(device);
        port.configure(PortConfig.of(1, 1));
        port.setupRxQueue(0, RxQueueConfig.of(pool));
        port.setupTxQueue(0, TxQueueConfig.DEFAULT);
        stats.watch(port);
        port.start();
        return port;
    }

    @Test
    void shouldMeasureHowLongPacketsWereHeld() {
        LatencyStats stats = new LatencyStats(metrics, pool.dynamicFields(), 1);
        Port a = started("net_null0", stats);
        Port b = started("net_null1", stats);
        long begin = System.nanoTime();
        for (int i = 0; i < 20; i++) {
            int n = a.rxBurst(0, burst, 32);
            Clock.delayUs(i % 2 == 0 ? 100 : 400);
            assertEquals(n, b.txBurst(0, burst, 0, n));
        }
        long all = System.nanoTime() - begin;
        stats.update();
        Map<String, Long> now = metrics.values(Metrics.GLOBAL);
        long min = now.get("min_latency_ns");
        long max = now.get("max_latency_ns");
        assertTrue(min >= 100_000 && min < all, now + " of " + all);
        assertTrue(max >= 400_000 && max < all, now + " of " + all);
        assertTrue(now.get("avg_latency_ns") >= min && now.get("avg_latency_ns") <= max, now + "");
        assertTrue(now.get("jitter_ns") > 0 && now.get("jitter_ns") <= max - min, now + "");
    }

    @Test
    void shouldMeasureOnePacketAnIntervalAndNoneThatIsNotDue() {
        LatencyStats stats = new LatencyStats(metrics, pool.dynamicFields(), 3_600_000_000_000L);
        Port a = started("net_null0", stats);
        long flag = pool.dynamicFields().lookupFlag("latency_received_ns");
        int stamped = 0;
        for (int i = 0; i < 10; i++) {
            int n = a.rxBurst(0, burst, 32);
            for (int k = 0; k < n; k++) {
                stamped += (burst[k].olFlags() & flag) != 0 ? 1 : 0;
            }
            Mbuf.freeBulk(burst, 0, n);
        }
        assertEquals(1, stamped);
    }

    @Test
    void shouldAllocateNothingAndLeaveNoMarkInPackets() {
        LatencyStats stats = new LatencyStats(metrics, pool.dynamicFields(), 1);
        Port a = started("net_null0", stats);
        Port b = started("net_null1", stats);
        assertEquals(0, Allocation.steadyBytesOf(() -> {
            for (int i = 0; i < 2000; i++) {
                b.txBurst(0, burst, 0, a.rxBurst(0, burst, 32));
                stats.update();
            }
        }));
        assertEquals(0, pool.inUseCount());
    }
}
