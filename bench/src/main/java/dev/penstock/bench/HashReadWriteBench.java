package dev.penstock.bench;

import dev.penstock.bench.Bench.Sample;
import dev.penstock.eal.Clock;
import dev.penstock.hash.Hash;
import dev.penstock.hash.HashConfig;
import dev.penstock.linux.Affinity;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The hash while another processor adds keys, measured as DPDK 22.11's hash_readwrite_lf_perf_autotest does with one reader:
 * 2^22 entries, not extendable, the Fibonacci numbers modulo 2^32 as keys, looked up singly. A key whose first bucket had
 * room when it came shifts none of the others; the rest may. Keys in a bucket that one of the rest met are on the shift path.
 */
final class HashReadWriteBench {
    private static final int ENTRIES = 1 << 22;
    private static final int PER_BUCKET = 8;
    private static final int BUCKETS = ENTRIES / PER_BUCKET;
    /** The last one counts. */
    private static final int ROUNDS = 2;

    private final int writer;
    private final int reader;
    private final Keys settled = new Keys();
    private final Keys shifting = new Keys();
    private final Keys absent = new Keys();
    private final Keys onPath = new Keys();
    private final Keys offPath = new Keys();
    private volatile boolean done;

    /** Keys of four bytes, one behind the other. */
    private static final class Keys {
        private byte[] bytes = new byte[1 << 20];
        private int count;

        void add(int key) {
            if (4 * count == bytes.length) {
                bytes = Arrays.copyOf(bytes, 2 * bytes.length);
            }
            for (int i = 0; i < 4; i++) {
                bytes[4 * count + i] = (byte) (key >>> 8 * i);
            }
            count++;
        }
    }

    /** The rows. */
    static final List<String> NAMES = List.of("hit, no key added", "miss, keys added", "hit, keys shifted", "hit on the shift path", "miss, keys shifted");

    /**
     * Makes the keys.
     *
     * @param writer the processor that adds
     * @param reader the processor that looks up
     */
    HashReadWriteBench(int writer, int reader) {
        this.writer = writer;
        this.reader = reader;
        Hash known = new Hash(HashConfig.of(2 * ENTRIES, 4));
        int[] buckets = new int[ENTRIES];
        int[] held = new int[BUCKETS];
        boolean[] met = new boolean[BUCKETS];
        boolean[] small = new boolean[ENTRIES];
        Keys one = new Keys();
        for (int i = 0, key = 0, next = 1; i < ENTRIES; i++, next += key, key = next - key) {
            one.count = 0;
            one.add(key);
            if (known.lookup(one.bytes, 0, known.hash(one.bytes, 0)) >= 0) {
                continue;
            }
            int hash = known.hash(one.bytes, 0);
            known.add(one.bytes, 0, hash, 0);
            int bucket = hash & BUCKETS - 1;
            if (held[bucket] < PER_BUCKET) {
                buckets[bucket * PER_BUCKET + held[bucket]++] = key;
                settled.add(key);
            } else {
                met[bucket] = true;
                shifting.add(key);
            }
            if (key >= 0 && key < ENTRIES) {
                small[key] = true;
            }
        }
        for (int bucket = 0; bucket < BUCKETS; bucket++) {
            for (int i = 0; i < held[bucket]; i++) {
                (met[bucket] ? onPath : offPath).add(buckets[bucket * PER_BUCKET + i]);
            }
        }
        for (int key = 0; key < ENTRIES; key++) {
            if (!small[key]) {
                absent.add(key);
            }
        }
    }

    /**
     * Measures every row.
     *
     * @return cycles a look-up, by row, and of how many keys
     * @throws InterruptedException when ended from outside
     */
    Map<String, Sample> rows() throws InterruptedException {
        Map<String, Double> rows = new LinkedHashMap<>();
        for (int round = 0; round < ROUNDS; round++) {
            rows.put(NAMES.get(0), cycles(settled, null, settled, true));
            rows.put(NAMES.get(1), cycles(null, settled, absent, false));
            rows.put(NAMES.get(2), cycles(settled, shifting, offPath, true));
            rows.put(NAMES.get(3), cycles(settled, shifting, onPath, true));
            rows.put(NAMES.get(4), cycles(settled, shifting, absent, false));
        }
        return Sample.all(rows, workload(settled.count, shifting.count, absent.count, onPath.count, offPath.count));
    }

    /**
     * Says how many keys there were, as far as two hash functions agree on it.
     *
     * @param counts of keys that shift none, that may shift others, that are never there, on the shift path and off it
     * @return the text
     */
    static String workload(int... counts) {
        return String.format("keys: %.1f M settled, %.1f M shift, %.1f M absent, %.1f M on the path, %.1f M off it",
                Arrays.stream(counts).mapToObj(n -> n / 1e6).toArray());
    }

    /** Cycles of one look-up of these keys, once and then again until all others are added. */
    private double cycles(Keys before, Keys added, Keys wanted, boolean hit) throws InterruptedException {
        // DPDK's functions of hashes differ, too: each side has the one that it takes when none is named.
        Hash hash = new Hash(HashConfig.of(ENTRIES, 4).extendable(false));
        if (before != null) {
            addAll(hash, before);
        }
        done = added == null;
        double[] result = new double[1];
        Throwable[] failed = new Throwable[1];
        Thread reading = new Thread(() -> {
            Affinity.pin(reader);
            try {
                result[0] = read(hash, wanted, hit);
            } catch (RuntimeException e) {
                failed[0] = e;
            }
        }, "bench-reader");
        reading.start();
        if (added != null) {
            Thread writing = new Thread(() -> {
                Affinity.pin(writer);
                addAll(hash, added);
                done = true;
            }, "bench-writer");
            writing.start();
            writing.join();
        }
        reading.join();
        if (failed[0] != null) {
            throw new IllegalStateException("a look-up beside the writer went wrong", failed[0]);
        }
        return result[0];
    }

    private static void addAll(Hash hash, Keys keys) {
        for (int i = 0; i < 4 * keys.count; i += 4) {
            hash.add(keys.bytes, i, hash.hash(keys.bytes, i), i);
        }
    }

    private double read(Hash hash, Keys keys, boolean hit) {
        long looks = 0;
        long start = System.nanoTime();
        do {
            look(hash, keys, hit);
            looks += keys.count;
        } while (!done);
        return (System.nanoTime() - start) * (Clock.hz() / 1e9) / looks;
    }

    private static void look(Hash hash, Keys keys, boolean hit) {
        byte[] bytes = keys.bytes;
        for (int i = 0; i < 4 * keys.count; i += 4) {
            if (hash.lookup(bytes, i, hash.hash(bytes, i)) >= 0 != hit) {
                throw new IllegalStateException("key " + i / 4 + (hit ? " is there and was not found" : " is not there and was found"));
            }
        }
    }
}
