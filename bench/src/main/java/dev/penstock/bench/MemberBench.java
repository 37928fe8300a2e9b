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
 * one in a thousand. Cycles of one operation. Each operation has a loop of its own, as there: one loop that calls what it is given
 * costs some seven cycles for each call.
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

    /** Does something with all keys; how many are in a set. */
    @FunctionalInterface
    private interface Work {
        int run();
    }

    /** @return the names of the rows for keys of those lengths */
    static List<String> names(int... lengths) {
        List<String> rows = new ArrayList<>();
        for (int length : lengths) {
            for (String what : List.of("HT add", "HT lookup", "HT lookup bulk", "HT lookup multi", "HT delete", "cache add", "cache lookup",
                    "cache lookup bulk", "cache lookup multi", "cache delete", "vBF add", "vBF lookup", "vBF lookup bulk", "vBF lookup multi",
                    "sketch add", "sketch lookup")) {
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
                table("HT", false, keys, length, rows);
                table("cache", true, keys, length, rows);
                filters(keys, length, rows);
                sketch(keys, length, rows);
            }
        }
        return rows;
    }

    /** Numbers of sets, one a key. */
    private static short[] sets(int length, int bound) {
        SplittableRandom random = new SplittableRandom(~length);
        short[] sets = new short[KEYS];
        for (int i = 0; i < KEYS; i++) {
            sets[i] = (short) random.nextInt(1, bound);
        }
        return sets;
    }

    private static void table(String type, boolean cache, byte[] keys, int length, Map<String, Double> rows) {
        short[] sets = sets(length, 1 << 15);
        MemberHt table = new MemberHt(ENTRIES, length, cache, 0);
        int[] found = new int[BURST];
        String key = ", key of " + length;
        rows.put(type + " add" + key, cycles(1, () -> add(table, keys, sets)));
        rows.put(type + " lookup" + key, cycles(ROUNDS, () -> lookup(table, keys)));
        rows.put(type + " lookup bulk" + key, cycles(ROUNDS, () -> lookupBulk(table, keys, found)));
        rows.put(type + " lookup multi" + key, cycles(ROUNDS, () -> lookupMulti(table, keys, found)));
        rows.put(type + " delete" + key, cycles(1, () -> delete(table, keys, sets)));
    }

    private static int add(MemberHt table, byte[] keys, short[] sets) {
        int added = 0;
        for (int i = 0; i < KEYS; i++) {
            added += table.add(keys, i * STRIDE, sets[i]) ? 1 : 0;
        }
        return added;
    }

    private static int lookup(MemberHt table, byte[] keys) {
        int hits = 0;
        for (int i = 0; i < KEYS; i++) {
            hits += table.lookup(keys, i * STRIDE) != MemberHt.NO_MATCH ? 1 : 0;
        }
        return hits;
    }

    private static int lookupBulk(MemberHt table, byte[] keys, int[] found) {
        int hits = 0;
        for (int i = 0; i < KEYS; i += BURST) {
            hits += table.lookupBulk(keys, i * STRIDE, STRIDE, found, BURST);
        }
        return hits;
    }

    private static int lookupMulti(MemberHt table, byte[] keys, int[] found) {
        int hits = 0;
        for (int i = 0; i < KEYS; i++) {
            hits += table.lookupMulti(keys, i * STRIDE, found) > 0 ? 1 : 0;
        }
        return hits;
    }

    private static int delete(MemberHt table, byte[] keys, short[] sets) {
        int deleted = 0;
        for (int i = 0; i < KEYS; i++) {
            deleted += table.delete(keys, i * STRIDE, sets[i]) ? 1 : 0;
        }
        return deleted;
    }

    private static void filters(byte[] keys, int length, Map<String, Double> rows) {
        short[] sets = sets(length, SETS + 1);
        MemberVbf filters = new MemberVbf(SETS, KEYS, length, FALSE_RATE, 0);
        int[] found = new int[BURST];
        String key = ", key of " + length;
        rows.put("vBF add" + key, cycles(1, () -> add(filters, keys, sets)));
        rows.put("vBF lookup" + key, cycles(ROUNDS, () -> lookup(filters, keys)));
        rows.put("vBF lookup bulk" + key, cycles(ROUNDS, () -> lookupBulk(filters, keys, found)));
        rows.put("vBF lookup multi" + key, cycles(ROUNDS, () -> lookupMulti(filters, keys, found)));
    }

    private static int add(MemberVbf filters, byte[] keys, short[] sets) {
        for (int i = 0; i < KEYS; i++) {
            filters.add(keys, i * STRIDE, sets[i]);
        }
        return KEYS;
    }

    private static int lookup(MemberVbf filters, byte[] keys) {
        int hits = 0;
        for (int i = 0; i < KEYS; i++) {
            hits += filters.lookup(keys, i * STRIDE) != 0 ? 1 : 0;
        }
        return hits;
    }

    private static int lookupBulk(MemberVbf filters, byte[] keys, int[] found) {
        int hits = 0;
        for (int i = 0; i < KEYS; i += BURST) {
            hits += filters.lookupBulk(keys, i * STRIDE, STRIDE, found, BURST);
        }
        return hits;
    }

    private static int lookupMulti(MemberVbf filters, byte[] keys, int[] found) {
        int hits = 0;
        for (int i = 0; i < KEYS; i++) {
            hits += filters.lookupMulti(keys, i * STRIDE, found) > 0 ? 1 : 0;
        }
        return hits;
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
        rows.put("sketch add" + key, cycles(ROUNDS, () -> add(sketch, keys, drawn)));
        rows.put("sketch lookup" + key, cycles(ROUNDS, () -> count(sketch, keys, drawn)));
    }

    private static int add(HeavyHitters sketch, byte[] keys, int[] drawn) {
        for (int at : drawn) {
            sketch.add(keys, at, 1);
        }
        return KEYS;
    }

    private static int count(HeavyHitters sketch, byte[] keys, int[] drawn) {
        int counted = 0;
        for (int at : drawn) {
            counted += sketch.count(keys, at) >= 0 ? 1 : 0;
        }
        return counted;
    }

    private static double cycles(int rounds, Work work) {
        long start = System.nanoTime();
        long hits = 0;
        for (int round = 0; round < rounds; round++) {
            hits += work.run();
        }
        long ns = System.nanoTime() - start;
        if (hits < (long) rounds * KEYS * 9 / 10) {
            throw new IllegalStateException(hits + " of " + (long) rounds * KEYS + " keys were found");
        }
        return ns * (Clock.hz() / 1e9) / ((double) rounds * KEYS);
    }
}
