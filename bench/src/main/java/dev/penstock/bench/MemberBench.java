package dev.penstock.bench;

import dev.penstock.eal.Clock;
import dev.penstock.member.HeavyHitters;
import dev.penstock.member.MemberHt;
import dev.penstock.member.MemberVbf;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;

/**
 * Set membership, measured as DPDK 22.11's member_perf_autotest does: 2^19 entries, three quarters of them used by random
 * keys, 16 sets for the Bloom filters with 3 % of false positives, a sketch of the 100 greatest of Zipf's keys that counts
 * one in a thousand. Cycles of one operation.
 */
final class MemberBench {
    private static final int ENTRIES = 1 << 19;
    private static final int KEYS = ENTRIES / 4 * 3;
    private static final int BURST = 64;
    private static final int ROUNDS = 5;
    private static final int SETS = 16;
    private static final double FALSE_RATE = 0.03;
    private static final int GREATEST = 1 << 15;
    /** Bytes from one key to the next, whatever its length, as there. */
    private static final int STRIDE = 64;

    private MemberBench() {}

    /** What a summary does with the keys from an offset on; how many are in a set. */
    @FunctionalInterface
    private interface Work {
        int run(int from);
    }

    /** @return the names of the rows for keys of those lengths */
    static List<String> names(int... lengths) {
        List<String> rows = new ArrayList<>();
        for (int length : lengths) {
            for (String what : List.of("HT add", "HT lookup", "HT lookup bulk", "HT delete", "cache add", "cache lookup", "cache lookup bulk",
                    "cache delete", "vBF add", "vBF lookup", "vBF lookup bulk", "sketch add", "sketch lookup")) {
                rows.add(what + ", key of " + length);
            }
        }
        return rows;
    }

    /**
     * Measures every row; the last round counts.
     *
     * @param lengths of keys, in bytes
     * @return cycles, by row
     */
    static Map<String, Double> rows(int... lengths) {
        Map<String, Double> rows = new LinkedHashMap<>();
        for (int round = 0; round < 3; round++) {
            for (int length : lengths) {
                byte[] keys = new byte[KEYS * STRIDE];
                new SplittableRandom(length).nextBytes(keys);
                table("HT", new MemberHt(ENTRIES, length, false, 0), keys, length, rows);
                table("cache", new MemberHt(ENTRIES, length, true, 0), keys, length, rows);
                filters(keys, length, rows);
                sketch(keys, length, rows);
            }
        }
        return rows;
    }

    private static void table(String type, MemberHt table, byte[] keys, int length, Map<String, Double> rows) {
        int[] sets = new int[BURST];
        String key = ", key of " + length;
        rows.put(type + " add" + key, cycles(1, 1, from -> table.add(keys, from * STRIDE, 1 + from % 0x7fff) ? 1 : 0));
        rows.put(type + " lookup" + key, cycles(ROUNDS, 1, from -> table.lookup(keys, from * STRIDE) != 0 ? 1 : 0));
        rows.put(type + " lookup bulk" + key, cycles(ROUNDS, BURST, from -> table.lookupBulk(keys, from * STRIDE, STRIDE, sets, BURST)));
        rows.put(type + " delete" + key, cycles(1, 1, from -> table.delete(keys, from * STRIDE, 1 + from % 0x7fff) ? 1 : 0));
    }

    private static void filters(byte[] keys, int length, Map<String, Double> rows) {
        MemberVbf filters = new MemberVbf(SETS, KEYS, length, FALSE_RATE, 0);
        int[] sets = new int[BURST];
        String key = ", key of " + length;
        rows.put("vBF add" + key, cycles(1, 1, from -> {
            filters.add(keys, from * STRIDE, 1 + from % SETS);
            return 1;
        }));
        rows.put("vBF lookup" + key, cycles(ROUNDS, 1, from -> filters.lookup(keys, from * STRIDE) != 0 ? 1 : 0));
        rows.put("vBF lookup bulk" + key, cycles(ROUNDS, BURST, from -> filters.lookupBulk(keys, from * STRIDE, STRIDE, sets, BURST)));
    }

    private static void sketch(byte[] keys, int length, Map<String, Double> rows) {
        HeavyHitters sketch = new HeavyHitters(100, length, 0.05, 0.001, 1);
        int[] drawn = new int[KEYS];
        int distinct = 0;
        for (int i = 0, left = GREATEST; i < KEYS; i++, left--) {
            if (left == 0) {
                distinct++;
                left = (int) Math.ceil((double) GREATEST / (distinct + 1));
            }
            drawn[i] = distinct * STRIDE;
        }
        SplittableRandom random = new SplittableRandom(3);
        for (int i = KEYS - 1; i > 0; i--) {
            int j = random.nextInt(i);
            int swap = drawn[i];
            drawn[i] = drawn[j];
            drawn[j] = swap;
        }
        String key = ", key of " + length;
        rows.put("sketch add" + key, cycles(ROUNDS, 1, from -> {
            sketch.add(keys, drawn[from], 1);
            return 1;
        }));
        rows.put("sketch lookup" + key, cycles(ROUNDS, 1, from -> sketch.count(keys, drawn[from]) >= 0 ? 1 : 0));
    }

    private static double cycles(int rounds, int step, Work work) {
        long start = System.nanoTime();
        long hits = 0;
        for (int round = 0; round < rounds; round++) {
            for (int from = 0; from < KEYS; from += step) {
                hits += work.run(from);
            }
        }
        long ns = System.nanoTime() - start;
        if (hits < (long) rounds * KEYS * 9 / 10) {
            throw new IllegalStateException(hits + " of " + (long) rounds * KEYS + " keys were found");
        }
        return ns * (Clock.hz() / 1e9) / ((double) rounds * KEYS);
    }
}
