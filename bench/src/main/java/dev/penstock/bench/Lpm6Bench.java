package dev.penstock.bench;

import dev.penstock.bench.Bench.Sample;
import dev.penstock.eal.Clock;
import dev.penstock.fib.Fib6;
import dev.penstock.lpm6.Lpm6;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.SplittableRandom;

/**
 * LPM and FIB for IPv6, measured as DPDK 22.11's lpm6 and fib6_perf_autotest do: 1000 random routes of depths 1 to 128,
 * look-ups of 100,000 addresses, a hundred of each route one behind the other, singly and all in one call.
 */
final class Lpm6Bench {
    private static final int ROUTES = 1000;
    private static final int ADDRESSES = 100_000;
    private static final int ROUNDS = 100;
    private static final int WARM_UPS = 3;

    private final Lpm6 lpm = new Lpm6(1_000_000, 1 << 16);
    private final long[] routes = new long[2 * ROUTES];
    private final int[] depths = new int[ROUTES];
    private final long[] addresses = new long[2 * ADDRESSES];
    private final int[] hops = new int[ADDRESSES];

    private Lpm6Bench() {
        SplittableRandom random = new SplittableRandom(6);
        for (int i = 0; i < ROUTES; i++) {
            depths[i] = 1 + i % 128;
            routes[2 * i] = random.nextLong() & high(depths[i]);
            routes[2 * i + 1] = random.nextLong() & low(depths[i]);
        }
        for (int i = 0; i < ADDRESSES; i++) {
            int route = i / (ADDRESSES / ROUTES);
            addresses[2 * i] = routes[2 * route] | random.nextLong() & ~high(depths[route]);
            addresses[2 * i + 1] = routes[2 * route + 1] | random.nextLong() & ~low(depths[route]);
        }
    }

    private static long high(int depth) {
        return depth >= 64 ? -1 : -1L << 64 - depth;
    }

    private static long low(int depth) {
        return depth <= 64 ? 0 : -1L << 128 - depth;
    }

    /**
     * Measures every row.
     *
     * @return cycles, by row
     */
    static Map<String, Sample> rows() {
        // each look-up was checked
        return Sample.all(new Lpm6Bench().measure(), ROUTES + " routes, " + DpdkTest.eighths(0) + ", " + DpdkTest.eighths(0));
    }

    /**
     * Measures every row of the FIB, next hops of eight bytes.
     *
     * @return cycles, by row
     */
    static Map<String, Sample> fibRows() {
        return Sample.all(new Lpm6Bench().measureFib(), ROUTES + " routes, " + DpdkTest.eighths(0));
    }

    private Map<String, Double> measureFib() {
        Map<String, Double> rows = new LinkedHashMap<>();
        Fib6 fib = new Fib6(1_000_000, 8, 1 << 16, 0);
        long[] found = new long[ADDRESSES];
        for (int warmUp = WARM_UPS; warmUp >= 0; warmUp--) {
            rows.put("add", cycles(() -> {
                for (int i = 0; i < ROUTES; i++) {
                    fib.add(routes[2 * i], routes[2 * i + 1], depths[i], 1 + (i & 0xff));
                }
            }, ROUTES));
            rows.put("lookup bulk", cycles(() -> {
                int fails = 0;
                for (int round = 0; round < ROUNDS; round++) {
                    fib.lookupBulk(addresses, found, ADDRESSES);
                    for (long hop : found) {
                        fails += hop == 0 ? 1 : 0;
                    }
                }
                check(fails);
            }, ROUNDS * ADDRESSES));
            rows.put("delete", cycles(() -> {
                for (int i = 0; i < ROUTES; i++) {
                    fib.delete(routes[2 * i], routes[2 * i + 1], depths[i]);
                }
            }, ROUTES));
        }
        return rows;
    }

    private Map<String, Double> measure() {
        Map<String, Double> rows = new LinkedHashMap<>();
        for (int warmUp = WARM_UPS; warmUp >= 0; warmUp--) {
            rows.put("add", cycles(this::add, ROUTES));
            rows.put("lookup", cycles(this::singles, ROUNDS * ADDRESSES));
            rows.put("lookup bulk", cycles(this::bulks, ROUNDS * ADDRESSES));
            rows.put("delete", cycles(this::delete, ROUTES));
        }
        return rows;
    }

    private static double cycles(Runnable work, int operations) {
        long start = System.nanoTime();
        work.run();
        return (System.nanoTime() - start) * (Clock.hz() / 1e9) / operations;
    }

    private void add() {
        for (int i = 0; i < ROUTES; i++) {
            lpm.add(routes[2 * i], routes[2 * i + 1], depths[i], i & 0xff);
        }
    }

    private void delete() {
        for (int i = 0; i < ROUTES; i++) {
            lpm.delete(routes[2 * i], routes[2 * i + 1], depths[i]);
        }
    }

    private void singles() {
        int fails = 0;
        for (int round = 0; round < ROUNDS; round++) {
            for (int i = 0; i < 2 * ADDRESSES; i += 2) {
                fails += lpm.lookup(addresses[i], addresses[i + 1]) >>> 31;
            }
        }
        check(fails);
    }

    private void bulks() {
        int fails = 0;
        for (int round = 0; round < ROUNDS; round++) {
            lpm.lookupBulk(addresses, hops, ADDRESSES);
            for (int hop : hops) {
                fails += hop >>> 31;
            }
        }
        check(fails);
    }

    private static void check(int fails) {
        if (fails != 0) {
            throw new IllegalStateException(fails + " look-ups found no route, and each has one");
        }
    }
}
