package dev.penstock.bench;

import dev.penstock.bench.Bench.Sample;
import dev.penstock.eal.Clock;
import dev.penstock.lpm.Lpm;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.SplittableRandom;

/**
 * LPM, measured as DPDK 22.11's lpm_perf_autotest does: about 1.07 million routes, as many of each depth and class as
 * DPDK's table has, all with one next hop; look-ups of random addresses, 4096 in a batch, 32 in a burst.
 */
final class LpmBench {
    private static final int BATCH = 1 << 12;
    private static final int BURST = 32;
    private static final int ROUNDS = 1 << 10;
    /** Routes of depth 1 to 32 in classes A, B and C; from lpm_perf_autotest's print of its table. */
    private static final int[][] COUNTS = {
        {0, 0, 1, 0, 2, 1, 3, 185, 26, 16, 39, 144, 233, 528, 866, 3856, 3268, 5662, 17301, 22226, 11147,
            16746, 17120, 77578, 401, 656, 1107, 1121, 2316, 717, 10, 66},
        {0, 0, 0, 0, 1, 1, 1, 3, 3, 30, 25, 168, 305, 569, 1129, 50800, 1645, 1820, 3506, 3258, 3424, 4971,
            6885, 39771, 424, 170, 433, 92, 366, 377, 2, 200},
        {0, 0, 0, 0, 0, 0, 0, 12, 8, 9, 33, 69, 237, 1007, 1717, 14663, 8070, 16185, 48261, 36870, 33960,
            50638, 61422, 466549, 1829, 4824, 4927, 5914, 10254, 4905, 1, 716}};

    /** Those of no class: 0.0.0.0/8, and four private addresses. */
    private static final long[] OTHERS = {8, 0x0a02_1793_0000_0020L, 0xc0a8_6400_0000_0018L, 0xc0a8_1900_0000_0018L, 0xc0a8_817c_0000_0020L};

    private LpmBench() {}

    /**
     * Prints all rows.
     *
     * @param args none
     */
    public static void main(String[] args) {
        rows().forEach((name, cycles) -> System.out.printf("%-20s %10.1f%n", name, cycles.value()));
    }

    /**
     * The routes: address, then depth, in one word. As lpm_perf_autotest makes them, class by class and depth by depth,
     * those of one depth at even distances one behind the other from a random one on.
     *
     * @return them, in that order
     */
    static long[] routes() {
        SplittableRandom random = new SplittableRandom(1);
        long[] routes = new long[total()];
        int count = 0;
        for (int kind = 0; kind < 3; kind++) {
            for (int depth = kind + 2; depth <= 32; depth++) {
                long range = 1L << depth - kind - 1;
                int wanted = COUNTS[kind][depth - 1];
                long step = Math.max(1, Math.round((double) range / Math.max(1, wanted)));
                long at = random.nextLong(range);
                for (int i = 0; i < wanted; i++) {
                    routes[count++] = route(kind, (int) at, depth);
                    at = at + step & range - 1;
                }
            }
        }
        for (long route : OTHERS) {
            int place = random.nextInt(count);
            routes[count++] = routes[place];
            routes[place] = route;
        }
        return routes;
    }

    /**
     * As many routes of each class and depth, but random ones.
     *
     * @return them, in random order
     */
    static long[] scattered() {
        SplittableRandom random = new SplittableRandom(1);
        long[] routes = new long[total()];
        int count = 0;
        for (int kind = 0; kind < 3; kind++) {
            for (int depth = kind + 2; depth <= 32; depth++) {
                for (int i = 0; i < COUNTS[kind][depth - 1]; i++) {
                    routes[count++] = route(kind, random.nextInt() >>> 33 - depth + kind, depth);
                }
            }
        }
        System.arraycopy(OTHERS, 0, routes, count, OTHERS.length);
        for (int i = routes.length - 1; i > 0; i--) {
            int j = random.nextInt(i + 1);
            long swap = routes[i];
            routes[i] = routes[j];
            routes[j] = swap;
        }
        return routes;
    }

    private static int total() {
        return Arrays.stream(COUNTS).flatMapToInt(Arrays::stream).sum() + OTHERS.length;
    }

    /** One of class A, B or C, which begin with the bits 0, 10 and 110. */
    private static long route(int kind, int bits, int depth) {
        int head = kind == 0 ? 0 : kind == 1 ? 1 << 31 : 3 << 30;
        return (long) (head | bits << 32 - depth) << 32 | depth;
    }

    /**
     * Measures every row.
     *
     * @return cycles, by row
     */
    static Map<String, Sample> rows() {
        Map<String, Double> rows = new LinkedHashMap<>();
        long[] routes = routes();
        String workload = routes.length + " routes";
        Lpm lpm = new Lpm(2_000_000, 1 << 16);
        for (int round = 0; round < 2; round++) {
            long start = System.nanoTime();
            for (long route : routes) {
                lpm.add((int) (route >>> 32), (int) route, 0xaa);
            }
            put(rows, "add", System.nanoTime() - start, routes.length);
            if (round == 1) {
                workload += lookups(lpm, rows);
            }
            start = System.nanoTime();
            for (long route : routes) {
                lpm.delete((int) (route >>> 32), (int) route);
            }
            put(rows, "delete", System.nanoTime() - start, routes.length);
        }
        return Sample.all(rows, workload);
    }

    /** Says how many addresses had no route, of each kind of look-up. */
    private static String lookups(Lpm lpm, Map<String, Double> rows) {
        SplittableRandom random = new SplittableRandom(2);
        int[][] bursts = new int[BATCH / BURST][BURST];
        int[] hops = new int[BURST];
        long single = 0;
        long bulk = 0;
        double singleFails = 0;
        double bulkFails = 0;
        for (int i = -ROUNDS; i < ROUNDS; i++) {
            fill(bursts, random);
            long start = System.nanoTime();
            singleFails += singles(lpm, bursts);
            single += i < 0 ? 0 : System.nanoTime() - start;
            fill(bursts, random);
            start = System.nanoTime();
            bulkFails += bulks(lpm, bursts, hops);
            bulk += i < 0 ? 0 : System.nanoTime() - start;
        }
        put(rows, "lookup", single, ROUNDS * BATCH);
        put(rows, "lookup bulk", bulk, ROUNDS * BATCH);
        return ", " + DpdkTest.eighths(singleFails / 2 / ROUNDS / BATCH) + ", " + DpdkTest.eighths(bulkFails / 2 / ROUNDS / BATCH);
    }

    private static void fill(int[][] bursts, SplittableRandom random) {
        for (int[] burst : bursts) {
            for (int i = 0; i < BURST; i++) {
                burst[i] = random.nextInt();
            }
        }
    }

    private static int singles(Lpm lpm, int[][] bursts) {
        int fails = 0;
        for (int[] burst : bursts) {
            for (int ip : burst) {
                fails += lpm.lookup(ip) >>> 31;
            }
        }
        return fails;
    }

    private static int bulks(Lpm lpm, int[][] bursts, int[] hops) {
        int fails = 0;
        for (int[] burst : bursts) {
            lpm.lookupBulk(burst, hops, BURST);
            for (int hop : hops) {
                fails += hop >>> 31;
            }
        }
        return fails;
    }

    private static void put(Map<String, Double> rows, String name, long ns, int operations) {
        rows.put(name, ns * (Clock.hz() / 1e9) / operations);
    }
}
