package dev.penstock.member;

import dev.penstock.hash.HashFunction;

/**
 * Set membership by signatures in a cuckoo hash (DPDK: rte_member, type HT): each key has 16 bits of signature and the
 * number of its set. A key that is there is found; another is taken for one that is there with a chance of about 32 /
 * 65536. In a cache an addition to full buckets pushes another key out, where it else is refused. For one thread, or
 * many that only look up.
 */
public final class MemberHt {
    /** The key is in no set. */
    public static final int NO_MATCH = 0;

    private static final int ENTRIES = 16;
    private static final int KICKS = 500;

    private final int keyLength;
    private final boolean cache;
    private final int mask;
    private final int seed;
    /** Entries: set in the upper half, 0 when free, signature in the lower. */
    private final int[] table;
    private int turn;
    private int size;

    /**
     * Makes an empty summary.
     *
     * @param keys how many it is for, 16 to 2^26; all of them find a place but for rare cases
     * @param keyLength bytes of a key, 1 or more
     * @param cache whether additions push others out
     * @param seed different for independent summaries
     * @throws IllegalArgumentException when a number is out of range
     */
    public MemberHt(int keys, int keyLength, boolean cache, int seed) {
        if (keys < ENTRIES || keys > 1 << 26 || keyLength < 1) {
            throw new IllegalArgumentException("summary of " + keys + " keys of " + keyLength
                    + " bytes; give 16 to 2^26 keys of 1 byte or more");
        }
        this.keyLength = keyLength;
        this.cache = cache;
        this.seed = seed;
        int buckets = Integer.highestOneBit((keys - 1) / ENTRIES * 10 / 9 + 1) * 2;
        mask = buckets - 1;
        table = new int[buckets * ENTRIES];
    }

    /** @return keys in it */
    public int size() {
        return size;
    }

    private int hash(byte[] key, int offset) {
        return HashFunction.MULTIPLY.hash(key, offset, keyLength, seed);
    }

    private int other(int bucket, int signature) {
        return (bucket ^ signature * 0x5bd1_e995) & mask;
    }

    /**
     * Adds a key to a set; in a table that is no cache, to one more set when it is in another.
     *
     * @param key array that holds it
     * @param offset of its first byte
     * @param set the set's number, 1 to 32767
     * @return false when there is no room for it
     * @throws IllegalArgumentException when the set is out of range
     */
    public boolean add(byte[] key, int offset, int set) {
        if (set < 1 || set > 0x7fff) {
            throw new IllegalArgumentException("set " + set + "; give 1 to 32767");
        }
        int hash = hash(key, offset);
        int signature = hash >>> 16;
        int first = hash & mask;
        int second = other(first, signature);
        int entry = set << 16 | signature;
        if (replace(first, signature, entry) || replace(second, signature, entry)) {
            return true;
        }
        if (put(first, entry) || put(second, entry)) {
            size++;
            return true;
        }
        if (cache) {
            table[first * ENTRIES + (turn++ & ENTRIES - 1)] = entry;
            return true;
        }
        return kick(first, entry);
    }

    /** The key is there already: in a cache it changes its set, else only the same set is the same entry. */
    private boolean replace(int bucket, int signature, int entry) {
        for (int i = bucket * ENTRIES; i < (bucket + 1) * ENTRIES; i++) {
            if (table[i] == entry || cache && table[i] >>> 16 != 0 && (table[i] & 0xffff) == signature) {
                table[i] = entry;
                return true;
            }
        }
        return false;
    }

    private boolean put(int bucket, int entry) {
        for (int i = bucket * ENTRIES; i < (bucket + 1) * ENTRIES; i++) {
            if (table[i] == 0) {
                table[i] = entry;
                return true;
            }
        }
        return false;
    }

    /** Moves entries to their other buckets; undone when that finds no end. */
    private boolean kick(int bucket, int entry) {
        int[] path = new int[KICKS];
        int homeless = entry;
        int at = bucket;
        for (int n = 0; n < KICKS; n++) {
            int slot = at * ENTRIES + (turn++ & ENTRIES - 1);
            path[n] = slot;
            int pushed = table[slot];
            table[slot] = homeless;
            homeless = pushed;
            at = other(at, homeless & 0xffff);
            if (put(at, homeless)) {
                size++;
                return true;
            }
        }
        for (int n = KICKS - 1; n >= 0; n--) {
            int pushed = table[path[n]];
            table[path[n]] = homeless;
            homeless = pushed;
        }
        return false;
    }

    /**
     * Finds a set that a key is in.
     *
     * @param key array that holds it
     * @param offset of its first byte
     * @return the set's number, or {@link #NO_MATCH}
     */
    public int lookup(byte[] key, int offset) {
        int hash = hash(key, offset);
        int signature = hash >>> 16;
        int first = hash & mask;
        int found = find(first, signature);
        return found >= 0 || (found = find(other(first, signature), signature)) >= 0 ? table[found] >>> 16 : NO_MATCH;
    }

    /**
     * Finds the sets of keys that lie one behind the other.
     *
     * @param keys array that holds them
     * @param offset of the first one's first byte
     * @param sets gets each one's set, {@link #NO_MATCH} where there is none
     * @param n how many
     * @return how many are in a set
     */
    public int lookupBulk(byte[] keys, int offset, int[] sets, int n) {
        int hits = 0;
        for (int i = 0; i < n; i++) {
            sets[i] = lookup(keys, offset + i * keyLength);
            hits += sets[i] != NO_MATCH ? 1 : 0;
        }
        return hits;
    }

    /**
     * Finds all sets that a key is in.
     *
     * @param key array that holds it
     * @param offset of its first byte
     * @param sets gets their numbers, as many as it holds
     * @return how many
     */
    public int lookupMulti(byte[] key, int offset, int[] sets) {
        int hash = hash(key, offset);
        int signature = hash >>> 16;
        int first = hash & mask;
        int second = other(first, signature);
        int n = collect(first, signature, sets, 0);
        return second == first ? n : collect(second, signature, sets, n);
    }

    private int collect(int bucket, int signature, int[] sets, int found) {
        int n = found;
        for (int i = bucket * ENTRIES; i < (bucket + 1) * ENTRIES && n < sets.length; i++) {
            if (table[i] != 0 && (table[i] & 0xffff) == signature) {
                sets[n++] = table[i] >>> 16;
            }
        }
        return n;
    }

    /**
     * Takes a key out of a set.
     *
     * @param key array that holds it; one that was added, else another with its signature may go
     * @param offset of its first byte
     * @param set the set's number
     * @return false when it is not in that set
     */
    public boolean delete(byte[] key, int offset, int set) {
        int hash = hash(key, offset);
        int entry = set << 16 | hash >>> 16;
        int first = hash & mask;
        for (int bucket : new int[] {first, other(first, hash >>> 16)}) {
            for (int i = bucket * ENTRIES; i < (bucket + 1) * ENTRIES; i++) {
                if (table[i] == entry) {
                    table[i] = 0;
                    size--;
                    return true;
                }
            }
        }
        return false;
    }

    private int find(int bucket, int signature) {
        for (int i = bucket * ENTRIES; i < (bucket + 1) * ENTRIES; i++) {
            if ((table[i] & 0xffff) == signature && table[i] != 0) {
                return i;
            }
        }
        return -1;
    }
}
