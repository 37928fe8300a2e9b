package dev.penstock.bench;

import dev.penstock.eal.Clock;
import dev.penstock.hash.Hash;
import dev.penstock.hash.HashConfig;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;

/**
 * The hash, measured as DPDK 22.11's hash_perf_autotest does: 2^19 entries, three quarters of them used, random keys
 * in another order at each round; cycles of one operation, with 8-byte data and without hashes made before. One writer without
 * locks, as in DPDK's rows.
 */
final class HashBench {
    private static final int ENTRIES = 1 << 19;
    private static final int KEYS = ENTRIES / 4 * 3;
    private static final int BURST = 16;
    private static final int ROUNDS = 8;

    private HashBench() {}

    /**
     * Prints all rows.
     *
     * @param args key lengths; those of DPDK when none is given
     */
    public static void main(String[] args) {
        int[] lengths = args.length == 0 ? new int[] {4, 8, 16, 32, 48, 64, 9, 13, 37, 40}
                : java.util.Arrays.stream(args).mapToInt(Integer::parseInt).toArray();
        rows(lengths).forEach((name, cycles) -> System.out.printf("%-28s %8.1f%n", name, cycles));
    }

    /** @return the names of the rows for keys of those lengths */
    static List<String> names(int... lengths) {
        List<String> rows = new ArrayList<>();
        for (int length : lengths) {
            for (String what : List.of("add", "lookup", "lookup bulk", "known hash lookup bulk", "delete")) {
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
                measure(length, rows);
            }
        }
        return rows;
    }

    private static void measure(int length, Map<String, Double> rows) {
        SplittableRandom random = new SplittableRandom(length);
        Hash hash = new Hash(HashConfig.of(ENTRIES, length).extendable(false).oneWriter(true));
        byte[] keys = new byte[KEYS * length];
        random.nextBytes(keys);
        long start = System.nanoTime();
        for (int i = 0; i < KEYS; i++) {
            hash.add(keys, i * length, hash.hash(keys, i * length), i);
        }
        put(rows, length, "add", System.nanoTime() - start, KEYS);
        shuffle(keys, length, random);
        long ns = Long.MAX_VALUE;
        long bulkNs = Long.MAX_VALUE;
        long preNs = Long.MAX_VALUE;
        int[] hashes = new int[KEYS];
        for (int i = 0; i < KEYS; i++) {
            hashes[i] = hash.hash(keys, i * length);
        }
        long found = 0;
        for (int i = 0; i < ROUNDS; i++) {
            start = System.nanoTime();
            found += singles(hash, keys, length);
            ns = Math.min(ns, System.nanoTime() - start);
            start = System.nanoTime();
            found += bulks(hash, keys, length);
            bulkNs = Math.min(bulkNs, System.nanoTime() - start);
            start = System.nanoTime();
            found += knownBulks(hash, keys, hashes, length);
            preNs = Math.min(preNs, System.nanoTime() - start);
        }
        put(rows, length, "lookup", ns, KEYS);
        put(rows, length, "lookup bulk", bulkNs, KEYS);
        put(rows, length, "known hash lookup bulk", preNs, KEYS);
        if (found != 3L * ROUNDS * KEYS) {
            throw new IllegalStateException("found " + found + " of " + 3L * ROUNDS * KEYS);
        }
        shuffle(keys, length, random);
        start = System.nanoTime();
        for (int i = 0; i < KEYS; i++) {
            hash.delete(keys, i * length, hash.hash(keys, i * length));
        }
        put(rows, length, "delete", System.nanoTime() - start, KEYS);
    }

    private static long singles(Hash hash, byte[] keys, int length) {
        long found = 0;
        for (int i = 0; i < KEYS; i++) {
            int position = hash.lookup(keys, i * length, hash.hash(keys, i * length));
            if (position >= 0 && hash.data(position) >= 0) {
                found++;
            }
        }
        return found;
    }

    private static long bulks(Hash hash, byte[] keys, int length) {
        long found = 0;
        int[] positions = new int[BURST];
        long[] data = new long[BURST];
        for (int i = 0; i < KEYS; i += BURST) {
            found += Long.bitCount(hash.lookupBulkData(keys, i * length, positions, data, BURST));
        }
        return found;
    }

    private static long knownBulks(Hash hash, byte[] keys, int[] hashes, int length) {
        long found = 0;
        int[] positions = new int[BURST];
        int[] burst = new int[BURST];
        for (int i = 0; i < KEYS; i += BURST) {
            System.arraycopy(hashes, i, burst, 0, BURST);
            hash.lookupBulk(keys, i * length, burst, positions, BURST);
            for (int j = 0; j < BURST; j++) {
                found += positions[j] >= 0 ? 1 : 0;
            }
        }
        return found;
    }

    private static void shuffle(byte[] keys, int length, SplittableRandom random) {
        byte[] swap = new byte[length];
        for (int i = KEYS - 1; i > 0; i--) {
            int j = random.nextInt(i + 1);
            System.arraycopy(keys, i * length, swap, 0, length);
            System.arraycopy(keys, j * length, keys, i * length, length);
            System.arraycopy(swap, 0, keys, j * length, length);
        }
    }

    private static void put(Map<String, Double> rows, int length, String what, long ns, int operations) {
        rows.put(what + ", key of " + length, ns * (Clock.hz() / 1e9) / operations);
    }
}
