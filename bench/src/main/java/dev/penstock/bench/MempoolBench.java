package dev.penstock.bench;

import dev.penstock.bench.Bench.Sample;
import dev.penstock.eal.LcoreThread;
import dev.penstock.linux.Affinity;
import dev.penstock.mempool.Mempool;
import dev.penstock.mempool.MempoolCache;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.BrokenBarrierException;
import java.util.concurrent.CyclicBarrier;

/**
 * The mempool, measured as DPDK 22.11's mempool_perf_autotest does: some objects are taken, so many at
 * a time, then all are given back, so many at a time; the result is how many objects a second went out and in. A cache is looked
 * up once, before the loop, as there.
 */
final class MempoolBench {
    private static final int CACHE = 512;
    private static final int MAX_KEEP = 512;
    /** As DPDK's test makes its pools with two lcores, however many of them run. */
    static final int POOL = 2 * (MAX_KEEP + CACHE) - 1;
    /** Objects that go out and in between two looks at the clock, as there. */
    private static final int CHUNK = 1 << 16;
    /** Two measured threads leave the JIT's little of two processors: it needed up to a second for the loop. */
    private static final long WARM_UP_NS = 1_500_000_000;
    private static final String RATE = "objects a second";

    /** Which cache the measured thread has. */
    enum Caching {
        /** None: every call goes to the common pool. */
        NONE,
        /** The one that the pool keeps for each worker. */
        WORKER,
        /** One that the caller owns and names. */
        USER
    }

    /**
     * One row of the test.
     *
     * @param caching which cache
     * @param get how many objects are taken at a time
     * @param put how many are given back at a time
     * @param keep how many are out at most
     * @param constant true when the program's code has {@code get} and {@code put}, which are the same then, as a constant
     */
    record Load(Caching caching, int get, int put, int keep, boolean constant) {}

    /** Something that is pooled. Final, as Mbuf is: its arrays need no check of their class. */
    private static final class Buffer {}

    private MempoolBench() {}

    /**
     * Measures one row and prints its rate.
     *
     * @param args the kind of cache, the numbers of {@link Load}, the seconds and the processors, as {@link #fresh} names them
     * @throws InterruptedException when ended from outside
     */
    public static void main(String[] args) throws InterruptedException {
        Load load = new Load(Caching.valueOf(args[0]), Integer.parseInt(args[1]), Integer.parseInt(args[2]), Integer.parseInt(args[3]),
                Boolean.parseBoolean(args[4]));
        int[] cpus = Arrays.stream(args, 6, args.length).mapToInt(Integer::parseInt).toArray();
        FreshJvm.print(Map.of(RATE, new Sample(rate(load, Double.parseDouble(args[5]), cpus), "")));
    }

    /**
     * Measures one row in a JVM of its own.
     *
     * @param load what
     * @param seconds for how long
     * @param cpus the processors to run on
     * @return as {@link #rate}
     * @throws IOException when it can't be started or prints no rate
     * @throws InterruptedException when ended from outside
     */
    static double fresh(Load load, double seconds, int... cpus) throws IOException, InterruptedException {
        List<String> args = new ArrayList<>(List.of("" + load.caching, "" + load.get, "" + load.put, "" + load.keep,
                "" + load.constant, "" + seconds));
        Arrays.stream(cpus).forEach(cpu -> args.add("" + cpu));
        return FreshJvm.rows(MempoolBench.class, 60, args.toArray(new String[0])).get(RATE).value();
    }

    /**
     * Measures one row in a pool of its own, after a warm-up.
     *
     * @param load what
     * @param seconds for how long
     * @param cpus the processors to run on, a thread on each, all on one pool
     * @return objects taken and given back in a second of the threads' own time, by all together
     * @throws InterruptedException when ended from outside
     */
    static double rate(Load load, double seconds, int... cpus) throws InterruptedException {
        int cacheSize = load.caching == Caching.WORKER ? CACHE : 0;
        Mempool<Buffer> pool = Mempool.create("bench", Buffer.class, POOL, cacheSize, i -> new Buffer());
        double[] rates = new double[cpus.length];
        Thread[] workers = new Thread[cpus.length];
        CyclicBarrier together = new CyclicBarrier(cpus.length);
        for (int i = 0; i < cpus.length; i++) {
            int worker = i;
            workers[i] = new LcoreThread(() -> {
                Affinity.pin(cpus[worker]);
                MempoolCache<Buffer> cache = load.caching == Caching.USER ? pool.newCache(CACHE) : pool.defaultCache();
                measure(pool, cache, load, WARM_UP_NS);
                meet(together);
                rates[worker] = measure(pool, cache, load, (long) (seconds * 1e9));
            }, "mempool-bench-" + i);
            workers[i].start();
        }
        for (Thread worker : workers) {
            worker.join();
        }
        return Arrays.stream(rates).sum();
    }

    private static void meet(CyclicBarrier together) {
        try {
            together.await();
        } catch (InterruptedException | BrokenBarrierException e) {
            throw new IllegalStateException("ended while the threads met", e);
        }
    }

    private static double measure(Mempool<Buffer> pool, MempoolCache<Buffer> cache, Load load, long ns) {
        Buffer[] kept = new Buffer[MAX_KEEP];
        long begun = System.nanoTime();
        double used = CpuTime.seconds();
        long objects = 0;
        do {
            if (cache != null) {
                cached(pool, cache, kept, load);
            } else {
                uncached(pool, kept, load);
            }
            objects += CHUNK;
        } while (System.nanoTime() - begun < ns);
        return objects / (CpuTime.seconds() - used);
    }

    private static void cached(Mempool<Buffer> pool, MempoolCache<Buffer> cache, Buffer[] kept, Load load) {
        switch (load.constant ? load.get : 0) {
            case 1 -> rounds(pool, cache, kept, load.keep, 1, 1);
            case 4 -> rounds(pool, cache, kept, load.keep, 4, 4);
            case 8 -> rounds(pool, cache, kept, load.keep, 8, 8);
            case 32 -> rounds(pool, cache, kept, load.keep, 32, 32);
            default -> rounds(pool, cache, kept, load.keep, load.get, load.put);
        }
    }

    private static void uncached(Mempool<Buffer> pool, Buffer[] kept, Load load) {
        switch (load.constant ? load.get : 0) {
            case 1 -> rounds(pool, null, kept, load.keep, 1, 1);
            case 4 -> rounds(pool, null, kept, load.keep, 4, 4);
            case 8 -> rounds(pool, null, kept, load.keep, 8, 8);
            case 32 -> rounds(pool, null, kept, load.keep, 32, 32);
            default -> rounds(pool, null, kept, load.keep, load.get, load.put);
        }
    }

    /** Inlined into each of its callers' calls, so that what is constant there is so here. */
    private static void rounds(Mempool<Buffer> pool, MempoolCache<Buffer> cache, Buffer[] kept, int keep, int get, int put) {
        int times = CHUNK / keep;
        for (int round = 0; round < times; round++) {
            for (int i = 0; i < keep; i += get) {
                check(pool.getBulk(cache, kept, i, get));
            }
            for (int i = 0; i < keep; i += put) {
                pool.putBulk(cache, kept, i, put);
            }
        }
    }

    private static void check(boolean got) {
        if (!got) {
            throw new IllegalStateException("the pool of " + POOL + " ran empty");
        }
    }
}
