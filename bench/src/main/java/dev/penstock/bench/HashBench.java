package dev.penstock.bench;

import dev.penstock.eal.Clock;
import dev.penstock.hash.Hash;
import dev.penstock.hash.HashConfig;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;

/**
 * The hash, measured as DPDK 22.11's hash_perf_autotest does: 2^19 entries, three quarters of them used by keys that count from
 * 0, each in a row of 64 bytes; look-ups five times over in another order, deleted in that order; cycles of one operation, with
 * 8-byte data that is checked and without hashes made before. One writer without locks, as in DPDK's rows.
 */
final class HashBench {
    private static final int ENTRIES = 1 << 19;
    private static final int KEYS = ENTRIES / 4 * 3;
    private static final int BURST = 16;
    private static final int ROUNDS = 5;
    /** Tables made one after the other at least; the JIT is done after half of them. */
    private static final int TABLES = 6;
    /** Bytes from one key to the next. */
    private static final int ROW = 64;

    private HashBench() {}

    /**
     * Prints all rows.
     *
     * @param args key lengths; those of DPDK when none is given
     */
    public static void main(String[] args) {
        int[] lengths = args.length == 0 ? new int[] {4, 8, 16, 32, 48, 64, 9, 13, 37, 40}
                : Arrays.stream(args).mapToInt(Integer::parseInt).toArray();
        rows(lengths).forEach((name, cycles) -> System.out.printf("%-28s %8.1f%n", name, cycles));
    }

    /** @return the names of the rows for keys of those lengths */
    static List<String> names(int... lengths) {
        List<String> rows = new ArrayList<>();
        for (int length : lengths) {
            for (String what : List.of("add", "lookup", "lookup bulk", "delete")) {
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
        for (int round = Math.max(2, TABLES / lengths.length); round > 0; round--) {
            for (int length : lengths) {
                measure(length, rows);
            }
        }
        return rows;
    }

    private static void measure(int length, Map<String, Double> rows) {
        SplittableRandom random = new SplittableRandom(length);
        Hash hash = new Hash(HashConfig.of(ENTRIES, length).extendable(false).oneWriter(true));
        byte[] keys = counted(length);
        int[] hashes = new int[KEYS];
        for (int i = 0; i < KEYS; i++) {
            hashes[i] = hash.hash(keys, i * ROW);
        }
        // DPDK's test fills a table before, to find keys that have a place, so that its memory was used.
        adds(hash, keys, hashes);
        hash.clear();
        put(rows, length, "add", 1, () -> adds(hash, keys, hashes));
        shuffle(keys, hashes, random);
        put(rows, length, "lookup", ROUNDS, () -> singles(hash, keys, hashes));
        put(rows, length, "lookup bulk", ROUNDS, () -> bulks(hash, keys, hashes));
        put(rows, length, "delete", 1, () -> deletes(hash, keys));
    }

    private static void put(Map<String, Double> rows, int length, String what, int times, Runnable work) {
        long start = System.nanoTime();
        for (int i = 0; i < times; i++) {
            work.run();
        }
        rows.put(what + ", key of " + length, (System.nanoTime() - start) * (Clock.hz() / 1e9) / times / KEYS);
    }

    // Each a method of its own, so that the JIT compiles it once for all rounds.

    private static void adds(Hash hash, byte[] keys, int[] hashes) {
        for (int i = 0; i < KEYS; i++) {
            if (hash.add(keys, i * ROW, hash.hash(keys, i * ROW), hashes[i]) < 0) {
                throw new IllegalStateException("key " + i + " found no place");
            }
        }
    }

    private static void deletes(Hash hash, byte[] keys) {
        for (int i = 0; i < KEYS; i++) {
            if (hash.delete(keys, i * ROW, hash.hash(keys, i * ROW)) < 0) {
                throw new IllegalStateException("key " + i + " was not there to be deleted");
            }
        }
    }

    /** Keys that count from 0, the lowest byte first, each at the beginning of a row. */
    private static byte[] counted(int length) {
        byte[] keys = new byte[KEYS * ROW];
        for (int i = 0; i < KEYS; i++) {
            for (int j = 0; j < Math.min(length, 4); j++) {
                keys[i * ROW + j] = (byte) (i >>> 8 * j);
            }
        }
        return keys;
    }

    private static void singles(Hash hash, byte[] keys, int[] hashes) {
        for (int i = 0; i < KEYS; i++) {
            int position = hash.lookup(keys, i * ROW, hash.hash(keys, i * ROW));
            if (position < 0 || hash.data(position) != hashes[i]) {
                throw new IllegalStateException("key " + i + " was not found, or with other data");
            }
        }
    }

    private static void bulks(Hash hash, byte[] keys, int[] hashes) {
        int[] positions = new int[BURST];
        long[] data = new long[BURST];
        for (int i = 0; i < KEYS; i += BURST) {
            if (hash.lookupBulkData(keys, i * ROW, ROW, positions, data, BURST) != (1 << BURST) - 1) {
                throw new IllegalStateException("a key of " + i + " on was not found");
            }
            for (int j = 0; j < BURST; j++) {
                if (data[j] != hashes[i + j]) {
                    throw new IllegalStateException("key " + (i + j) + " has other data");
                }
            }
        }
    }

    private static void shuffle(byte[] keys, int[] hashes, SplittableRandom random) {
        byte[] swap = new byte[ROW];
        for (int i = KEYS - 1; i > 0; i--) {
            int j = random.nextInt(i + 1);
            System.arraycopy(keys, i * ROW, swap, 0, ROW);
            System.arraycopy(keys, j * ROW, keys, i * ROW, ROW);
            System.arraycopy(swap, 0, keys, j * ROW, ROW);
            int hash = hashes[i];
            hashes[i] = hashes[j];
            hashes[j] = hash;
        }
    }
}
