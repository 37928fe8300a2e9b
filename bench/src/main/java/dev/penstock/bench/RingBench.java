package dev.penstock.bench;

import dev.penstock.bench.Bench.Sample;
import dev.penstock.eal.Clock;
import dev.penstock.linux.Affinity;
import dev.penstock.ring.Ring;
import dev.penstock.ring.Ring.Sync;
import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * The ring, measured as DPDK 22.11's ring_perf_autotest does: a ring of 4096; on one core the cycles of an enqueue
 * and a dequeue of n elements, on two cores those of the enqueuing and the dequeuing thread for one element, added.
 * DPDK moves null pointers; here they are 256 objects.
 */
final class RingBench {
    private static final int SIZE = 4096;
    private static final int ONE_CORE = 1 << 22;
    /** A loop that is called often is compiled as a whole; one that is called once is entered in its middle. */
    private static final int CHUNK = 1 << 12;
    private static final int TWO_CORES = 1 << 15;
    private static final int WARM_UPS = 8;

    /** Something that is handed over. Final, as Mbuf is: its arrays need no check of their class. */
    private static final class Packet {}

    private RingBench() {}

    /**
     * Prints all rows.
     *
     * @param args two processors, such as {@code 0 1}
     * @throws InterruptedException when ended from outside
     */
    public static void main(String[] args) throws InterruptedException {
        int first = args.length > 0 ? Integer.parseInt(args[0]) : 0;
        int second = args.length > 1 ? Integer.parseInt(args[1]) : 1;
        FreshJvm.print(Sample.all(rows(first, second), ""));
    }

    /**
     * Measures every row in a JVM of its own, as dpdk-test is a process of its own.
     *
     * @param first a processor, for what runs on one core, and for the producer
     * @param second another one, for the consumer
     * @return cycles, by row
     * @throws IOException when it can't be started or prints no rows
     * @throws InterruptedException when ended from outside
     */
    static Map<String, Sample> fresh(int first, int second) throws IOException, InterruptedException {
        return FreshJvm.rows(RingBench.class, 120, "" + first, "" + second);
    }

    /**
     * Measures every row once, after a warm-up.
     *
     * @param first a processor, for what runs on one core, and for the producer
     * @param second another one, for the consumer
     * @return cycles, by row
     * @throws InterruptedException when ended from outside
     */
    static Map<String, Double> rows(int first, int second) throws InterruptedException {
        Map<String, Double> rows = new LinkedHashMap<>();
        Thread one = new Thread(() -> {
            Affinity.pin(first);
            oneCore(rows);
        });
        one.start();
        one.join();
        for (int n : new int[] {8, 32}) {
            for (Sync sync : new Sync[] {Sync.SINGLE, Sync.MULTI}) {
                Ring<Packet> ring = ring(sync);
                double cycles = 0;
                for (int i = 0; i <= WARM_UPS; i++) {
                    cycles = twoCores(ring, n, first, second);
                }
                rows.put("2 cores " + name(sync) + " bulk " + n, cycles);
            }
        }
        return rows;
    }

    private static void oneCore(Map<String, Double> rows) {
        for (Sync sync : new Sync[] {Sync.SINGLE, Sync.MULTI}) {
            Ring<Packet> ring = ring(sync);
            Packet[] objects = objects();
            rows.put("1 core " + name(sync) + " single", last(() -> singles(ring)));
            for (int n : new int[] {8, 32}) {
                rows.put("1 core " + name(sync) + " burst " + n, last(() -> bursts(ring, objects, n)));
                rows.put("1 core " + name(sync) + " bulk " + n, last(() -> bulks(ring, objects, n)));
            }
            rows.put("empty " + name(sync) + " bulk 8", last(() -> empty(ring, objects)));
        }
    }

    private interface Measured {
        long ns();
    }

    private static double last(Measured loop) {
        long ns = 0;
        for (int i = 0; i < WARM_UPS; i++) {
            ns = 0;
            for (int done = 0; done < ONE_CORE; done += CHUNK) {
                ns += loop.ns();
            }
        }
        return cycles(ns) / ONE_CORE;
    }

    private static double cycles(long ns) {
        return ns * (Clock.hz() / 1e9);
    }

    private static Ring<Packet> ring(Sync sync) {
        return new Ring<>("bench", Packet.class, SIZE, sync, sync);
    }

    private static String name(Sync sync) {
        return sync == Sync.SINGLE ? "SP/SC" : "MP/MC";
    }

    private static Packet[] objects() {
        Packet[] objects = new Packet[256];
        for (int i = 0; i < objects.length; i++) {
            objects[i] = new Packet();
        }
        return objects;
    }

    private static long singles(Ring<Packet> ring) {
        Packet object = new Packet();
        long start = System.nanoTime();
        for (int i = 0; i < CHUNK; i++) {
            ring.enqueue(object);
            object = ring.dequeue();
        }
        return System.nanoTime() - start;
    }

    private static long bursts(Ring<Packet> ring, Packet[] objects, int n) {
        long start = System.nanoTime();
        for (int i = 0; i < CHUNK; i++) {
            ring.enqueueBurst(objects, 0, n);
            ring.dequeueBurst(objects, 0, n);
        }
        return System.nanoTime() - start;
    }

    private static long bulks(Ring<Packet> ring, Packet[] objects, int n) {
        long start = System.nanoTime();
        for (int i = 0; i < CHUNK; i++) {
            ring.enqueueBulk(objects, 0, n);
            ring.dequeueBulk(objects, 0, n);
        }
        return System.nanoTime() - start;
    }

    private static long empty(Ring<Packet> ring, Packet[] objects) {
        long start = System.nanoTime();
        for (int i = 0; i < CHUNK; i++) {
            ring.dequeueBulk(objects, 0, 8);
        }
        return System.nanoTime() - start;
    }

    /** With threads of its own, where DPDK's lcores stay the same: a side of many may be theirs alone all the same. */
    private static double twoCores(Ring<Packet> ring, int n, int first, int second) throws InterruptedException {
        ring.handOver();
        AtomicInteger ready = new AtomicInteger();
        long[] ns = new long[2];
        Thread producer = new Thread(() -> {
            Affinity.pin(first);
            ns[0] = produce(ring, objects(), n, ready);
        });
        Thread consumer = new Thread(() -> {
            Affinity.pin(second);
            ns[1] = consume(ring, objects(), n, ready);
        });
        producer.start();
        consumer.start();
        producer.join();
        consumer.join();
        return cycles(ns[0] + ns[1]) / TWO_CORES / n;
    }

    private static void meet(AtomicInteger ready) {
        ready.incrementAndGet();
        while (ready.getAcquire() != 2) {
            Thread.onSpinWait();
        }
    }

    private static long produce(Ring<Packet> ring, Packet[] objects, int n, AtomicInteger ready) {
        meet(ready);
        long start = System.nanoTime();
        for (int i = 0; i < TWO_CORES; i++) {
            while (ring.enqueueBulk(objects, 0, n) == 0) {
                Thread.onSpinWait();
            }
        }
        return System.nanoTime() - start;
    }

    private static long consume(Ring<Packet> ring, Packet[] objects, int n, AtomicInteger ready) {
        meet(ready);
        long start = System.nanoTime();
        for (int i = 0; i < TWO_CORES; i++) {
            while (ring.dequeueBulk(objects, 0, n) == 0) {
                Thread.onSpinWait();
            }
        }
        return System.nanoTime() - start;
    }
}
