package dev.penstock.verify.tables;

import dev.penstock.hash.Hash;
import dev.penstock.hash.HashConfig;

/** A hash of 16 entries with 15 keys in it: one more makes keys move between its two buckets, mostly. */
final class FullHash {
    private static final int KEYS = 15;
    private static final byte[][] NAMES = new byte[KEYS + 2][];
    private static final byte[] ALL = new byte[4 * (KEYS + 1)];

    static {
        for (int i = 0; i < NAMES.length; i++) {
            NAMES[i] = new byte[] {(byte) i, (byte) (i * 7), 1, (byte) (i * 31)};
            System.arraycopy(NAMES[i], 0, ALL, 4 * Math.min(i, KEYS), 4);
        }
        System.arraycopy(NAMES[KEYS], 0, ALL, 4 * KEYS, 4);
    }

    final Hash hash;
    private final int[] positions = new int[KEYS + 1];

    FullHash(int keys) {
        this(keys, false);
    }

    FullHash(int keys, boolean oneWriter) {
        hash = new Hash(HashConfig.of(16, 4).oneWriter(oneWriter));
        for (int i = 0; i < keys; i++) {
            add(i);
        }
    }

    boolean add(int key) {
        return hash.add(NAMES[key], ~key) >= 0;
    }

    boolean delete(int key) {
        return hash.delete(NAMES[key]) >= 0;
    }

    /** 1 with its data, 0 when absent, -1 with other data. */
    int found(int key) {
        int position = hash.lookup(NAMES[key]);
        return position < 0 ? 0 : hash.data(position) == ~key ? 1 : -1;
    }

    /** Of the first 15 keys those that are not there. */
    int missing() {
        int missing = 0;
        for (int i = 0; i < KEYS; i++) {
            missing += found(i) == 1 ? 0 : 1;
        }
        return missing;
    }

    /** The same in a bulk look-up, with 100 more when the 16th key was found. */
    int missingInBulk() {
        hash.lookupBulk(ALL, 0, positions, KEYS + 1);
        int missing = 0;
        for (int i = 0; i <= KEYS; i++) {
            int is = positions[i] < 0 ? 0 : hash.data(positions[i]) == ~i ? 1 : -1;
            missing += i < KEYS ? is == 1 ? 0 : 1 : 100 * is;
        }
        return missing;
    }
}
