package dev.penstock.hash;

import dev.penstock.tables.TableFullException;
import java.util.Arrays;

/**
 * Four-byte keys with two-byte values in buckets of fixed size (DPDK: rte_fbk_hash): one bucket is searched, nothing
 * moves to another. For one thread, or many that only look up.
 */
public final class FbkHash {
    /** The key is not in the table. */
    public static final int ABSENT = -1;

    private static final long USED = 1L << 48;

    private final int perBucket;
    private final int shift;
    private final int init;
    /** A bucket's used entries come first. An entry is the key, its value above, and USED. */
    private final long[] table;
    private int size;

    /**
     * Makes an empty table.
     *
     * @param entries keys it may hold when they spread evenly, a power of two to 2^24
     * @param perBucket entries of a bucket, a power of two from 1 to 256, less than entries
     * @param init different for independent tables
     * @throws IllegalArgumentException when a number is out of range
     */
    public FbkHash(int entries, int perBucket, int init) {
        if (Integer.bitCount(entries) != 1 || entries < 2 || entries > 1 << 24 || Integer.bitCount(perBucket) != 1
                || perBucket < 1 || perBucket > 256 || perBucket >= entries) {
            throw new IllegalArgumentException("FBK hash of " + entries + " entries in buckets of " + perBucket
                    + "; give powers of two, 2 to 2^24 entries, 1 to 256 a bucket and fewer than entries");
        }
        this.perBucket = perBucket;
        this.init = init;
        shift = 32 - Integer.numberOfTrailingZeros(entries / perBucket);
        table = new long[entries];
    }

    /** @return keys in it */
    public int size() {
        return size;
    }

    /**
     * Adds a key, or changes its value.
     *
     * @param key any number
     * @param value 0 to 65535
     * @throws IllegalArgumentException when the value is out of range
     * @throws TableFullException when the key's bucket is full
     */
    public void add(int key, int value) {
        if (value >>> 16 != 0) {
            throw new IllegalArgumentException("value " + value + " of an FBK hash; give 0 to 65535");
        }
        int from = bucket(key);
        for (int i = from; i < from + perBucket; i++) {
            if (table[i] == 0 || (int) table[i] == key) {
                size += table[i] == 0 ? 1 : 0;
                table[i] = USED | (long) value << 32 | key & 0xffff_ffffL;
                return;
            }
        }
        throw new TableFullException("entries in a bucket of the FBK hash", perBucket, "make it with more entries a bucket");
    }

    /**
     * Takes a key out.
     *
     * @param key the key
     * @return false when it is not there
     */
    public boolean delete(int key) {
        int from = bucket(key);
        int at = find(key, from);
        if (at < 0) {
            return false;
        }
        int last = at;
        while (last + 1 < from + perBucket && table[last + 1] != 0) {
            last++;
        }
        table[at] = table[last];
        table[last] = 0;
        size--;
        return true;
    }

    /**
     * Finds a key's value.
     *
     * @param key the key
     * @return its value, or {@link #ABSENT}
     */
    public int lookup(int key) {
        int at = find(key, bucket(key));
        return at < 0 ? ABSENT : (int) (table[at] >>> 32) & 0xffff;
    }

    /** Takes all keys out. */
    public void clear() {
        Arrays.fill(table, 0);
        size = 0;
    }

    private int bucket(int key) {
        int hash = (key ^ init) * 0x9e37_79b1;
        hash = (hash ^ hash >>> 15) * 0x85eb_ca6b;
        return (hash >>> shift) * perBucket;
    }

    private int find(int key, int from) {
        for (int i = from; i < from + perBucket && table[i] != 0; i++) {
            if ((int) table[i] == key) {
                return i;
            }
        }
        return -1;
    }
}
