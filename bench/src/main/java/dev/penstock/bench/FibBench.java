package dev.penstock.bench;

import dev.penstock.bench.Bench.Sample;
import dev.penstock.eal.Clock;
import dev.penstock.fib.Fib;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.SplittableRandom;

/** The FIB, measured as DPDK 22.11's fib_perf_autotest does: the routes of {@link LpmBench}, next hops of four bytes. */
final class FibBench {
    private static final int BATCH = 1 << 12;
    private static final int BURST = 32;
    private static final int ROUNDS = 1 << 10;
    /** How many addresses are looked up. */
    static final int LOOKUPS = ROUNDS * BATCH;

    private FibBench() {}

    /**
     * Prints all rows.
     *
     * @param args bytes of a next hop; 4 when not given
     */
    public static void main(String[] args) {
        rows(args.length == 0 ? 4 : Integer.parseInt(args[0]))
                .forEach((name, cycles) -> System.out.printf("%-20s %10.1f%n", name, cycles.value()));
    }

    /**
     * Measures every row.
     *
     * @param bytes of a next hop
     * @return cycles, by row
     */
    static Map<String, Sample> rows(int bytes) {
        Map<String, Double> rows = new LinkedHashMap<>();
        long[] routes = LpmBench.routes();
        String workload = routes.length + " routes";
        Fib fib = new Fib(2_000_000, bytes, bytes == 1 ? 128 : bytes == 2 ? 1 << 15 : 1 << 16, 0);
        for (int round = 0; round < 2; round++) {
            long start = System.nanoTime();
            for (long route : routes) {
                if (bytes > 2 || (int) route <= 24) {
                    fib.add((int) (route >>> 32), (int) route, 0x2a);
                }
            }
            rows.put("add", cycles(System.nanoTime() - start, routes.length));
            if (round == 1) {
                workload += lookups(fib, rows);
            }
            start = System.nanoTime();
            for (long route : routes) {
                fib.delete((int) (route >>> 32), (int) route);
            }
            rows.put("delete", cycles(System.nanoTime() - start, routes.length));
        }
        return Sample.all(rows, workload);
    }

    /** Says how many addresses had no route. */
    private static String lookups(Fib fib, Map<String, Double> rows) {
        SplittableRandom random = new SplittableRandom(2);
        int[][] bursts = new int[BATCH / BURST][BURST];
        long[] hops = new long[BURST];
        long ns = 0;
        double fails = 0;
        for (int i = -ROUNDS; i < ROUNDS; i++) {
            for (int[] burst : bursts) {
                for (int j = 0; j < BURST; j++) {
                    burst[j] = random.nextInt();
                }
            }
            long start = System.nanoTime();
            fails += bulks(fib, bursts, hops);
            ns += i < 0 ? 0 : System.nanoTime() - start;
        }
        rows.put("lookup bulk", cycles(ns, LOOKUPS));
        return ", " + DpdkTest.eighths(fails / 2 / LOOKUPS);
    }

    private static long bulks(Fib fib, int[][] bursts, long[] hops) {
        long fails = 0;
        for (int[] burst : bursts) {
            fib.lookupBulk(burst, hops, BURST);
            for (long hop : hops) {
                // One in eight, at random: a branch would be foretold wrongly.
                fails += hop - 1 >>> 63;
            }
        }
        return fails;
    }

    private static double cycles(long ns, int operations) {
        return ns * (Clock.hz() / 1e9) / operations;
    }
}
