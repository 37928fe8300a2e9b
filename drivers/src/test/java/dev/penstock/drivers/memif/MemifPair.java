package dev.penstock.drivers.memif;

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
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;

/** An instance with a pool, for ports that talk over a socket of the test's own. */
final class MemifPair implements AutoCloseable {
    private static final AtomicInteger NUMBER = new AtomicInteger();
    private static final long PATIENCE_NS = 20_000_000_000L;

    final String socket = "penstock-test-" + ProcessHandle.current().pid() + "-" + NUMBER.incrementAndGet();
    final Eal eal;
    final Ports ports;
    final MbufPool pool;
    private final Mbuf[] burst = new Mbuf[64];

    MemifPair() {
        this("--no-huge");
    }

    /** With another option in place of that for memory of small pages. */
    MemifPair(String option) {
        eal = Eal.start(option, "--in-memory", "--no-telemetry", "--log-level", "error");
        ports = new Ports(eal);
        pool = MbufPool.create(eal, "pool", 4095, 0, MbufPool.DEFAULT_DATA_ROOM, -1);
    }

    /** One that says all it does. */
    MemifPair(Consumer<String> said) {
        eal = Eal.start(said, "--no-huge", "--in-memory", "--no-telemetry");
        ports = new Ports(eal);
        pool = MbufPool.create(eal, "pool", 255, 0, MbufPool.DEFAULT_DATA_ROOM, -1);
    }

    /** Whether so many pages of 2 MB are free, for a pool that others can see. */
    static boolean hasHugePages(int pages) {
        try {
            return Long.parseLong(Files.readString(Path.of("/sys/kernel/mm/hugepages/hugepages-2048kB/free_hugepages")).strip()) >= pages;
        } catch (IOException e) {
            return false;
        }
    }

    Port open(String name, int queues, String arguments) {
        Port port = ports.attach(name + ",socket=" + socket + "," + arguments);
        port.configure(PortConfig.of(queues, queues));
        for (int q = 0; q < queues; q++) {
            port.setupRxQueue(q, RxQueueConfig.of(pool));
            port.setupTxQueue(q, TxQueueConfig.DEFAULT);
        }
        port.start();
        return port;
    }

    static void waitFor(String what, BooleanSupplier condition) {
        long end = System.nanoTime() + PATIENCE_NS;
        while (!condition.getAsBoolean()) {
            assertTrue(System.nanoTime() < end, () -> "waited in vain until " + what);
            Thread.onSpinWait();
        }
    }

    /** A packet of several segments where the parts are many. */
    Mbuf packet(byte[] frame, int parts) {
        Mbuf head = null;
        int at = 0;
        for (int i = 0; i < parts; i++) {
            int n = i == parts - 1 ? frame.length - at : frame.length / parts;
            Mbuf m = pool.alloc();
            m.append(n);
            m.write(0, frame, at, n);
            at += n;
            if (head == null) {
                head = m;
            } else {
                assertTrue(head.chain(m));
            }
        }
        return head;
    }

    /** Sends all, as far as the ring takes them, and returns what the other port received. */
    List<byte[]> through(Port from, Port to, int queue, List<Mbuf> packets) {
        List<byte[]> received = new ArrayList<>();
        Mbuf[] out = packets.toArray(Mbuf[]::new);
        int sent = 0;
        int idle = 0;
        while (sent < out.length || idle < 3) {
            int n = sent == out.length ? 0 : from.txBurst(queue, out, sent, Math.min(32, out.length - sent));
            sent += n;
            idle = drain(to, queue, received) == 0 && n == 0 ? idle + 1 : 0;
            assertTrue(idle < 1000, "stuck after " + sent + " packets");
        }
        return received;
    }

    int drain(Port port, int queue, List<byte[]> into) {
        int n = port.rxBurst(queue, burst, 32);
        for (int i = 0; i < n; i++) {
            byte[] frame = new byte[burst[i].pktLen()];
            int at = 0;
            for (Mbuf m = burst[i]; m != null; m = m.next()) {
                m.read(0, frame, at, m.dataLen());
                at += m.dataLen();
            }
            assertEquals(frame.length, at);
            assertEquals(port.id(), burst[i].port());
            into.add(frame);
            burst[i].free();
        }
        return n;
    }

    @Override
    public void close() {
        ports.close();
        assertEquals(pool.size(), pool.availCount(), "all packets are back in the pool");
        eal.close();
    }
}
