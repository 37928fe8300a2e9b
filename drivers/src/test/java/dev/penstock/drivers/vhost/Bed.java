package dev.penstock.drivers.vhost;

import dev.penstock.drivers.kernel.Rig;
import dev.penstock.eal.Eal;
import dev.penstock.ethdev.Port;
import dev.penstock.ethdev.PortConfig;
import dev.penstock.ethdev.Ports;
import dev.penstock.ethdev.RxQueueConfig;
import dev.penstock.ethdev.TxQueueConfig;
import dev.penstock.mbuf.Mbuf;
import dev.penstock.mbuf.MbufPool;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;
import java.util.stream.Stream;

/** A program's side of a vhost test: an instance, a pool, a folder for sockets; packets must all come back. */
final class Bed implements AutoCloseable {
    static final List<String> said = new CopyOnWriteArrayList<>();
    private static final byte[] PROBE = new byte[60];
    final Path folder;
    final Eal eal = Eal.start(line -> said.add(line), "--no-huge", "--in-memory", "-l", "0");
    final Ports ports = new Ports(eal);
    final MbufPool pool;

    Bed() {
        this(4096);
    }

    Bed(int packets) {
        said.clear();
        pool = MbufPool.create(eal, "pool", packets, 0, 2048 + Mbuf.HEADROOM, -1);
        try {
            folder = Files.createTempDirectory("penstock-vhost");
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    String socket() {
        return folder.resolve("s").toString();
    }

    Port start(String devargs, int queues) {
        Port port = ports.attach(devargs);
        port.configure(PortConfig.of(queues, queues));
        for (int q = 0; q < queues; q++) {
            port.setupRxQueue(q, RxQueueConfig.of(pool));
            port.setupTxQueue(q, TxQueueConfig.DEFAULT);
        }
        port.start();
        return port;
    }

    Mbuf packet(byte[] bytes) {
        Mbuf m = pool.alloc();
        m.append(bytes.length);
        m.write(0, bytes, 0, bytes.length);
        return m;
    }

    /** Sends frames to a peer that turns them round, and expects each back once, in order, byte for byte. */
    void exchange(Port port, int queue, int frames, SplittableRandom random) {
        Mbuf[] burst = new Mbuf[32];
        byte[][] expected = new byte[32][];
        for (int sent = 0; sent < frames; sent += 32) {
            for (int i = 0; i < 32; i++) {
                byte[] frame = new byte[random.nextInt(61, 1515)];
                random.nextBytes(frame);
                frame[0] &= (byte) 0xfe;
                expected[i] = frame;
                burst[i] = packet(frame);
            }
            send(port, queue, burst, 32);
            int[] at = {0};
            await(() -> "32 frames back, has " + at[0] + "; " + port.stats() + port.xstats().stream().filter(x -> x.value() != 0).toList()
                    + said, () -> {
                int n = port.rxBurst(queue, burst, 32);
                for (int i = 0; i < n; i++) {
                    byte[] back = Rig.bytes(burst[i]);
                    burst[i].free();
                    if (Arrays.equals(PROBE, back)) {
                        continue;
                    }
                    if (!Arrays.equals(expected[at[0]], back)) {
                        throw new AssertionError("frame " + at[0] + " came back different, with " + back.length + " bytes");
                    }
                    at[0]++;
                }
                return at[0] >= 32;
            });
        }
    }

    static void await(Supplier<String> what, BooleanSupplier condition) {
        long deadline = System.nanoTime() + 10_000_000_000L;
        while (!condition.getAsBoolean()) {
            if (System.nanoTime() > deadline) {
                throw new AssertionError("not within 10 s: " + what.get());
            }
        }
    }

    static void send(Port port, int queue, Mbuf[] burst, int n) {
        int[] sent = {0};
        Rig.await("room in the queue", () -> {
            sent[0] += port.txBurst(queue, burst, sent[0], n - sent[0]);
            return sent[0] == n;
        });
    }

    /** Waits until a peer that has the link up also turns frames round; what it loses before that is its own affair. */
    void awaitEcho(Port port, int queues) {
        Mbuf[] burst = new Mbuf[32];
        for (int queue = 0; queue < queues; queue++) {
            int q = queue;
            long[] next = {System.nanoTime()};
            await(() -> "a first frame back; " + said, () -> {
                if (System.nanoTime() > next[0]) {
                    next[0] += 20_000_000;
                    burst[0] = packet(PROBE);
                    send(port, q, burst, 1);
                }
                int n = port.rxBurst(q, burst, 32);
                Mbuf.freeBulk(burst, 0, n);
                return n > 0;
            });
        }
    }

    static void up(Port port, boolean up) {
        long deadline = System.nanoTime() + 20_000_000_000L;
        while (port.link().up() != up) {
            if (System.nanoTime() > deadline) {
                throw new AssertionError("link not " + (up ? "up" : "down") + " within 20 s: " + said);
            }
            try {
                Thread.sleep(5);
            } catch (InterruptedException e) {
                throw new IllegalStateException(e);
            }
        }
    }

    @Override
    public void close() {
        try {
            ports.close();
            if (pool.availCount() != pool.size()) {
                throw new AssertionError("packets leaked: " + (pool.size() - pool.availCount()));
            }
        } finally {
            eal.close();
            try (Stream<Path> files = Files.list(folder)) {
                for (Path file : files.toList()) {
                    Files.delete(file);
                }
                Files.delete(folder);
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
    }
}
