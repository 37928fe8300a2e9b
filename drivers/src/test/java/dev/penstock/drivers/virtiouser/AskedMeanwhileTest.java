package dev.penstock.drivers.virtiouser;

import static org.junit.jupiter.api.Assertions.assertFalse;

import dev.penstock.eal.Eal;
import dev.penstock.ethdev.Port;
import dev.penstock.ethdev.PortConfig;
import dev.penstock.ethdev.Ports;
import dev.penstock.ethdev.RxQueueConfig;
import dev.penstock.ethdev.TxQueueConfig;
import dev.penstock.mbuf.MbufPool;
import java.nio.file.Path;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.CleanupMode;
import org.junit.jupiter.api.io.TempDir;

@EnabledOnOs(OS.LINUX)
class AskedMeanwhileTest {
    @TempDir(cleanup = CleanupMode.ON_SUCCESS)
    Path folder;

    private Port port(Ports ports, MbufPool pool, String arguments) {
        Port port = ports.attach(arguments + folder.resolve("s"));
        port.configure(PortConfig.of(1, 1));
        port.setupRxQueue(0, RxQueueConfig.of(pool));
        port.setupTxQueue(0, TxQueueConfig.DEFAULT);
        return port;
    }

    /**
     * Whoever had the port begin, with a pool of its own, waited for telemetry to list that, and telemetry for the port to tell its
     * counters: both for ever, and with them each program that asked or used the port.
     */
    @Test
    void shouldBeginWhileTelemetryAsksForItsCounters() throws InterruptedException {
        Eal eal = Eal.start(line -> { }, "--no-huge", "--in-memory", "--no-telemetry");
        Ports ports = new Ports(eal);
        MbufPool pool = MbufPool.create(eal, "pool", 1023, 0, MbufPool.DEFAULT_DATA_ROOM, -1);
        port(ports, pool, "net_vhost0,iface=").start();
        Port port = port(ports, pool, "net_virtio_user0,path=");
        for (int i = 0; !port.link().up() && i < 20_000; i++) {
            LockSupport.parkNanos(1_000_000);
        }
        CountDownLatch inside = new CountDownLatch(1);
        AtomicReference<Thread> starter = new AtomicReference<>();
        eal.telemetry().register("/test/xstats", "Asks when the port begins", p -> {
            inside.countDown();
            for (int i = 0; i < 5000 && (starter.get() == null || starter.get().getState() != Thread.State.BLOCKED); i++) {
                LockSupport.parkNanos(1_000_000);
            }
            return port.xstats().size();
        });
        Thread asker = Thread.ofPlatform().daemon().start(() -> eal.telemetry().answer("/test/xstats"));
        inside.await();
        starter.set(Thread.ofPlatform().daemon().start(port::start));
        asker.join(20_000);
        starter.get().join(20_000);
        assertFalse(asker.isAlive() || starter.get().isAlive(), "they wait for each other");
        ports.close();
        eal.close();
    }
}
