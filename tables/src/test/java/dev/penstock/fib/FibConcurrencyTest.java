package dev.penstock.fib;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.penstock.lpm.Lpm;
import dev.penstock.rcu.Qsbr;
import dev.penstock.rcu.Reclaim;
import dev.penstock.tables.TableFullException;
import dev.penstock.testkit.Seed;
import java.util.SplittableRandom;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * Routes change while another thread looks up: each next hop tells its prefix's length and number, so the reader knows
 * for each answer whether it ever was one of that address; short routes that stay are never missed.
 */
@Timeout(120)
class FibConcurrencyTest {
    private static final int CHANGES = 60_000;
    private static final int BURST = 32;

    /** A table in which network n, of 8 bits a level, can be told from the next hop n + 1 of a route below it. */
    private interface Table {
        void add(int network, int depth, int hop);

        void delete(int network, int depth);

        /** Next hops of the burst of networks. */
        void lookup(int[] networks, long[] hops);
    }

    private static void change(Qsbr qsbr, String name, int minDepth, int maxDepth, Table table) throws Exception {
        SplittableRandom random = Seed.random("FibConcurrencyTest " + name);
        AtomicReference<Throwable> wrong = new AtomicReference<>();
        qsbr.register(0);
        qsbr.online(0);
        AtomicBoolean done = new AtomicBoolean();
        Thread reader = Thread.ofPlatform().start(() -> {
            SplittableRandom own = new SplittableRandom(1);
            int[] networks = new int[BURST];
            long[] hops = new long[BURST];
            try {
                while (!done.get()) {
                    for (int i = 0; i < BURST; i++) {
                        networks[i] = own.nextInt(16);
                    }
                    table.lookup(networks, hops);
                    for (int i = 0; i < BURST; i++) {
                        long hop = hops[i];
                        assertTrue(hop == 100 || hop == networks[i] + 1, "network " + networks[i] + " got " + hop);
                    }
                    qsbr.quiescent(0);
                    Thread.onSpinWait();
                }
            } catch (Throwable t) {
                wrong.set(t);
            } finally {
                qsbr.offline(0);
            }
        });
        for (int i = 0; i < CHANGES && wrong.get() == null; i++) {
            int network = random.nextInt(16);
            int depth = random.nextInt(minDepth, maxDepth + 1);
            if (random.nextBoolean()) {
                table.add(network, depth, network + 1);
            } else {
                table.delete(network, depth);
            }
        }
        done.set(true);
        reader.join();
        assertEquals(null, wrong.get());
    }

    @Test
    void shouldGiveOldOrNewNextHopsOfAFib() throws Exception {
        Fib fib = new Fib(10_000, 4, 17, 0);
        Qsbr qsbr = new Qsbr(1);
        fib.rcu(qsbr, Reclaim.SYNC);
        fib.add(0, 8, 100);
        int[] ips = new int[BURST];
        change(qsbr, "FIB", 24, 32, new Table() {
            @Override
            public void add(int network, int depth, int hop) {
                fib.add(network << 8, depth, hop);
            }

            @Override
            public void delete(int network, int depth) {
                fib.delete(network << 8, depth);
            }

            @Override
            public void lookup(int[] networks, long[] hops) {
                for (int i = 0; i < BURST; i++) {
                    ips[i] = networks[i] << 8;
                }
                fib.lookupBulk(ips, hops, BURST);
            }
        });
    }

    @Test
    void shouldGiveOldOrNewNextHopsOfAFib6() throws Exception {
        Fib6 fib = new Fib6(10_000, 4, 40, 0);
        Qsbr qsbr = new Qsbr(1);
        fib.rcu(qsbr, Reclaim.DEFER);
        fib.add(0, 0, 8, 100);
        long[] ips = new long[2 * BURST];
        change(qsbr, "FIB6", 24, 40, new Table() {
            @Override
            public void add(int network, int depth, int hop) {
                try {
                    fib.add((long) network << 40, 0, depth, hop);
                } catch (TableFullException e) {
                    // All groups wait for the reader: the table is unchanged, and that is part of the test.
                    Thread.yield();
                }
            }

            @Override
            public void delete(int network, int depth) {
                fib.delete((long) network << 40, 0, depth);
            }

            @Override
            public void lookup(int[] networks, long[] hops) {
                for (int i = 0; i < BURST; i++) {
                    ips[2 * i] = (long) networks[i] << 40;
                }
                fib.lookupBulk(ips, hops, BURST);
            }
        });
    }

    @Test
    void shouldGiveOldOrNewNextHopsOfAnLpm() throws Exception {
        Lpm lpm = new Lpm(10_000, 17);
        Qsbr qsbr = new Qsbr(1);
        lpm.rcu(qsbr, Reclaim.SYNC);
        lpm.add(0, 8, 100);
        int[] ips = new int[BURST];
        int[] found = new int[BURST];
        change(qsbr, "LPM", 24, 32, new Table() {
            @Override
            public void add(int network, int depth, int hop) {
                lpm.add(network << 8, depth, hop);
            }

            @Override
            public void delete(int network, int depth) {
                lpm.delete(network << 8, depth);
            }

            @Override
            public void lookup(int[] networks, long[] hops) {
                for (int i = 0; i < BURST; i++) {
                    ips[i] = networks[i] << 8;
                }
                lpm.lookupBulk(ips, found, BURST);
                for (int i = 0; i < BURST; i++) {
                    hops[i] = found[i];
                }
            }
        });
    }
}
