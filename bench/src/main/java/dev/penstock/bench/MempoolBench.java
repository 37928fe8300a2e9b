package dev.penstock.bench;

import dev.penstock.eal.LcoreThread;
import dev.penstock.linux.Affinity;
import dev.penstock.mempool.Mempool;
import dev.penstock.mempool.MempoolCache;
import java.util.Arrays;
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
    private static final int ROUNDS = 1 << 12;
    private static final long WARM_UP_NS = 400_000_000;

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
     */
    record Load(Caching caching, int get, int put, int keep) {}

    /** Something that is pooled. Final, as Mbuf is: its arrays need no check of their class. */
    private static final class Buffer {}

    private MempoolBench() {}

    /**
     * Measures one row in a pool of its own, after a warm-up.
     *
     * @param load what
     * @param seconds for how long
     * @param cpus the processors to run on, a thread on each, all on one pool
     * @return objects taken and given back in a second, by all threads together
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
        Buffer[] kept = new Buffer[load.keep];
        long start = System.nanoTime();
        long objects = 0;
        long passed;
        do {
            if (cache != null) {
                roundsCached(pool, cache, kept, load.get, load.put);
            } else {
                rounds(pool, kept, load.get, load.put);
            }
            objects += (long) ROUNDS * load.keep;
            passed = System.nanoTime() - start;
        } while (passed < ns);
        return objects * 1e9 / passed;
    }

    private static void rounds(Mempool<Buffer> pool, Buffer[] kept, int get, int put) {
        for (int round = 0; round < ROUNDS; round++) {
            for (int i = 0; i < kept.length; i += get) {
                check(pool.getBulk(null, kept, i, get));
            }
            for (int i = 0; i < kept.length; i += put) {
                pool.putBulk(null, kept, i, put);
            }
        }
    }

    private static void roundsCached(Mempool<Buffer> pool, MempoolCache<Buffer> cache, Buffer[] kept, int get, int put) {
        for (int round = 0; round < ROUNDS; round++) {
            for (int i = 0; i < kept.length; i += get) {
                check(pool.getBulk(cache, kept, i, get));
            }
            for (int i = 0; i < kept.length; i += put) {
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
