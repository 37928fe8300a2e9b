package dev.penstock.drivers.virtiouser;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.penstock.eal.Eal;
import dev.penstock.ethdev.Port;
import dev.penstock.ethdev.PortConfig;
import dev.penstock.ethdev.Ports;
import dev.penstock.ethdev.RxQueueConfig;
import dev.penstock.ethdev.TxQueueConfig;
import dev.penstock.mbuf.Mbuf;
import dev.penstock.mbuf.MbufPool;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

/** A burst that throws leaves the queue to the bursts after it, and to those who stop and close the port. */
@EnabledOnOs(OS.LINUX)
@Timeout(value = 60, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class BrokenBurstTest {
    @TempDir
    Path folder;

    @Test
    void shouldSendReceiveStopAndCloseAfterBurstsThatThrew() throws InterruptedException {
        String socket = folder.resolve("s").toString();
        try (Eal eal = Eal.start(line -> { }, "--no-huge", "--in-memory"); Ports ports = new Ports(eal)) {
            MbufPool pool = MbufPool.create(eal, "pool", 1023, 0, MbufPool.DEFAULT_DATA_ROOM, -1);
            Port host = start(ports, "net_vhost0,iface=" + socket, pool);
            Port guest = start(ports, "net_virtio_user0,path=" + socket, pool);
            Mbuf[] burst = new Mbuf[2];
            long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(30);
            while (!host.link().up() && System.nanoTime() < end) {
                Thread.sleep(5);
            }
            assertThrows(NullPointerException.class, () -> guest.txBurst(0, burst, 0, 2));
            send(guest, pool, burst, end);
            receive(host, burst, end);
            send(host, pool, burst, end);
            assertThrows(IndexOutOfBoundsException.class, () -> {
                while (System.nanoTime() < end) {
                    guest.rxBurst(0, new Mbuf[0], 1);
                }
            });
            send(host, pool, burst, end);
            receive(guest, burst, end);
            guest.stop();
            guest.close();
            host.close();
        }
    }

    private static Port start(Ports ports, String devargs, MbufPool pool) {
        Port port = ports.attach(devargs);
        port.configure(PortConfig.of(1, 1));
        port.setupRxQueue(0, RxQueueConfig.of(pool));
        port.setupTxQueue(0, TxQueueConfig.DEFAULT);
        port.start();
        return port;
    }

    private static void send(Port port, MbufPool pool, Mbuf[] burst, long end) {
        burst[0] = pool.alloc();
        burst[0].append(60);
        int sent = 0;
        while (sent == 0 && System.nanoTime() < end) {
            sent = port.txBurst(0, burst, 0, 1);
        }
        assertEquals(1, sent);
    }

    private static void receive(Port port, Mbuf[] burst, long end) {
        int got = 0;
        while (got == 0 && System.nanoTime() < end) {
            got = port.rxBurst(0, burst, 1);
        }
        assertEquals(1, got);
        assertEquals(60, burst[0].pktLen());
        burst[0].free();
        burst[0] = null;
    }
}
