package dev.penstock.drivers.virtiouser;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.penstock.drivers.kernel.Rig;
import dev.penstock.eal.Eal;
import dev.penstock.ethdev.Port;
import dev.penstock.ethdev.PortConfig;
import dev.penstock.ethdev.Ports;
import dev.penstock.ethdev.RxOffload;
import dev.penstock.ethdev.RxQueueConfig;
import dev.penstock.ethdev.TxOffload;
import dev.penstock.ethdev.TxQueueConfig;
import dev.penstock.mbuf.Mbuf;
import dev.penstock.mbuf.MbufPool;
import dev.penstock.mbuf.OlFlags;
import dev.penstock.testkit.Frames;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@EnabledOnOs(OS.LINUX)
class UnmergedTest {
    private static final int PAYLOAD = 8000;

    @TempDir
    Path folder;

    /** A packet that is not cut fits no buffer of the pool where it may not lie in several, and was lost with all that followed. */
    @ParameterizedTest
    @ValueSource(ints = {0, 1})
    void shouldReceiveLongPacketsWhetherOrNotBuffersCanBeMerged(int merge) {
        String socket = folder.resolve("s").toString();
        try (Eal eal = Eal.start(line -> { }, "--no-huge", "--in-memory"); Ports ports = new Ports(eal)) {
            MbufPool pool = MbufPool.create(eal, "pool", 2047, 0, MbufPool.DEFAULT_DATA_ROOM, -1);
            Port host = start(ports, "net_vhost0,tso=1,iface=" + socket, pool, 0, TxOffload.TCP_CKSUM | TxOffload.TCP_TSO);
            Port guest = start(ports, "net_virtio_user0,mrg_rxbuf=" + merge + ",path=" + socket, pool, RxOffload.TCP_LRO, 0);
            long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(30);
            Mbuf[] burst = {packet(pool)};
            while (host.txBurst(0, burst, 0, 1) == 0) {
                assertTrue(System.nanoTime() < end, "not sent");
            }
            int payload = 0;
            Mbuf[] got = new Mbuf[16];
            while (payload < PAYLOAD) {
                int n = guest.rxBurst(0, got, 16);
                for (int i = 0; i < n; i++) {
                    payload += got[i].pktLen() - 54;
                }
                Mbuf.freeBulk(got, 0, n);
                assertTrue(System.nanoTime() < end, () -> "not received: " + host.stats());
            }
            assertEquals(PAYLOAD, payload);
            assertEquals(0, host.stats().txErrors());
            guest.close();
            host.close();
        }
    }

    /** Their bytes were counted as sent, though the packets were not. */
    @Test
    void shouldNotCountBytesOfPacketsThatCannotBeSent() {
        String socket = folder.resolve("s").toString();
        try (Eal eal = Eal.start(line -> { }, "--no-huge", "--in-memory"); Ports ports = new Ports(eal)) {
            MbufPool pool = MbufPool.create(eal, "pool", 2047, 0, MbufPool.DEFAULT_DATA_ROOM, -1);
            Port host = start(ports, "net_vhost0,iface=" + socket, pool, 0, 0);
            Port guest = start(ports, "net_virtio_user0,mrg_rxbuf=0,path=" + socket, pool, 0, 0);
            long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(30);
            for (Port port : List.of(host, guest)) {
                // too long for a buffer, or to be cut by who does not
                Mbuf[] burst = {pool.alloc(), packet(pool), pool.alloc()};
                burst[0].append(60);
                burst[2].append(70);
                int sent = 0;
                while (sent < 3) {
                    sent += port.txBurst(0, burst, sent, 3 - sent);
                    assertTrue(System.nanoTime() < end, "not sent");
                }
                assertEquals(2, port.stats().txPackets());
                assertEquals(1, port.stats().txErrors());
                assertEquals(130, port.stats().txBytes());
            }
            guest.close();
            host.close();
        }
    }

    private static Mbuf packet(MbufPool pool) {
        byte[] src = Frames.number(0xc6120001L, 4);
        byte[] dst = Frames.number(0xc6120002L, 4);
        byte[] ip = Frames.ipv4(0xc6120001, 0xc6120002, 6, Frames.tcp(src, dst, 1, 2, 16, new byte[0], new byte[PAYLOAD]));
        byte[] frame = Frames.ethernet(0x020000000001L, 0x020000000002L, 0x0800, ip);
        Mbuf first = Rig.packet(pool, frame);
        first.l2Len(14);
        first.l3Len(20);
        first.l4Len(20);
        first.tsoSegsz(1000);
        first.olFlags(OlFlags.TX_TCP_CKSUM | OlFlags.TX_TCP_SEG | OlFlags.TX_IPV4);
        return first;
    }

    private static Port start(Ports ports, String devargs, MbufPool pool, long rx, long tx) {
        Port port = ports.attach(devargs);
        port.configure(PortConfig.of(1, 1).withOffloads(rx, tx));
        port.setupRxQueue(0, RxQueueConfig.of(pool));
        port.setupTxQueue(0, TxQueueConfig.DEFAULT);
        port.start();
        return port;
    }
}
