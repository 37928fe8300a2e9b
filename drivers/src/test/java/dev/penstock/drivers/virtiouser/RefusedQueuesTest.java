package dev.penstock.drivers.virtiouser;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.penstock.eal.Eal;
import dev.penstock.ethdev.Port;
import dev.penstock.ethdev.PortConfig;
import dev.penstock.ethdev.Ports;
import dev.penstock.ethdev.RxQueueConfig;
import dev.penstock.ethdev.TxQueueConfig;
import dev.penstock.mbuf.MbufPool;
import dev.penstock.vhost.VhostException;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

/** A port that could not be started is stopped, whichever back end comes next. */
@EnabledOnOs(OS.LINUX)
@Timeout(value = 60, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class RefusedQueuesTest {
    @TempDir
    Path folder;

    @Test
    void shouldNotRunWithTheNextBackEndWhatWasNotStarted() throws InterruptedException {
        String socket = folder.resolve("s").toString();
        try (Eal eal = Eal.start(line -> { }, "--no-huge", "--in-memory"); Ports ports = new Ports(eal)) {
            MbufPool pool = MbufPool.create(eal, "pool", 1023, 0, MbufPool.DEFAULT_DATA_ROOM, -1);
            Port small = ready(ports, "net_vhost0,iface=" + socket, pool, 1);
            small.start();
            Port guest = ready(ports, "net_virtio_user0,path=" + socket + ",queues=2", pool, 2);
            await(() -> guest.link().up());
            assertThrows(VhostException.class, guest::start);
            small.close();
            await(() -> !guest.link().up());
            Port large = ready(ports, "net_vhost1,iface=" + socket + ",queues=2", pool, 2);
            large.start();
            await(() -> guest.link().up());
            Thread.sleep(200);
            assertFalse(large.link().up(), "nobody polls the port");
            guest.start();
            await(() -> large.link().up());
            guest.stop();
            await(() -> !large.link().up());
        }
    }

    private static Port ready(Ports ports, String devargs, MbufPool pool, int queues) {
        Port port = ports.attach(devargs);
        port.configure(PortConfig.of(queues, queues));
        for (int q = 0; q < queues; q++) {
            port.setupRxQueue(q, RxQueueConfig.of(pool));
            port.setupTxQueue(q, TxQueueConfig.DEFAULT);
        }
        return port;
    }

    private static void await(BooleanSupplier condition) throws InterruptedException {
        long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(20);
        while (!condition.getAsBoolean()) {
            assertTrue(System.nanoTime() < end, "in vain");
            Thread.sleep(5);
        }
    }
}
