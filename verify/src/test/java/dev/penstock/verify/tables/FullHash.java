package dev.penstock.verify.tables;

import dev.penstock.hash.Hash;
import dev.penstock.hash.HashConfig;

/** A hash of 16 entries with 15 keys in it: one more makes keys move between its two buckets, mostly. */
final class FullHash {
    private static final int KEYS = 15;
    private static final byte[][] NAMES = new byte[KEYS + 2][];

    static {
        for (int i = 0; i < NAMES.length; i++) {
            NAMES[i] = new byte[] {(byte) i, (byte) (i * 7), 1, (byte) (i * 31)};
        }
    }

    final Hash hash;

    FullHash(int keys) {
        hash = new Hash(HashConfig.of(16, 4));
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
}
