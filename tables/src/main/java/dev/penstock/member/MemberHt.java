package dev.penstock.member;

import dev.penstock.hash.HashFunction;
import dev.penstock.jit.Vectors;

/**
 * Set membership by signatures in a cuckoo hash (DPDK: rte_member, type HT): each key has 16 bits of signature and the
 * number of its set. A key that is there is found; another is taken for one that is there with a chance of about 32 /
 * 65536. In a cache an addition to full buckets pushes another key out, where it else is refused. For one thread, or
 * many that only look up.
 */
public final class MemberHt {
    /** The key is in no set. */
    public static final int NO_MATCH = 0;

    static final int ENTRIES = 16;
    private static final int KICKS = 500;
    private static final int SIGNATURE = 0xffff;
    private static final int ALL = -1;
    /** Whether the Vector API is there, and this processor's vectors are wide enough. */
    private static final boolean VECTOR = Vectors.readBy(MemberHt.class.getModule()::addReads) && MemberVector.isWide();

    private final int keyLength;
    private final boolean cache;
    private final int mask;
    private final int seed;
    private final boolean vector;
    /** Entries: set in the upper half, signature, which is never 0, in the lower; 0 when free. */
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
        this(keys, keyLength, cache, seed, VECTOR);
    }

    /** The same with or without the Vector API, so that tests see both. */
    MemberHt(int keys, int keyLength, boolean cache, int seed, boolean vector) {
        if (keys < ENTRIES || keys > 1 << 26 || keyLength < 1) {
            throw new IllegalArgumentException("summary of " + keys + " keys of " + keyLength
                    + " bytes; give 16 to 2^26 keys of 1 byte or more");
        }
        this.keyLength = keyLength;
        this.cache = cache;
        this.seed = seed;
        this.vector = vector && VECTOR;
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

    private static int signature(int hash) {
        return Math.max(1, hash >>> 16);
    }

    /** Bits of the entries that are wanted in the bits of a mask: those of two buckets, the second's in the upper half. */
    private int bits(int first, int second, int mask, int wanted) {
        return bits(first * ENTRIES, mask, wanted) | bits(second * ENTRIES, mask, wanted) << ENTRIES;
    }

    private int bits(int from, int mask, int wanted) {
        if (vector) {
            return MemberVector.bits(table, from, mask, wanted);
        }
        int[] entries = table;
        int bits = 0;
        for (int i = 0; i < ENTRIES; i++) {
            bits |= (entries[from + i] & mask) == wanted ? 1 << i : 0;
        }
        return bits;
    }

    /** Where the first entry is that has a bit; there is one. */
    private static int slot(int first, int second, int bits) {
        int i = Integer.numberOfTrailingZeros(bits);
        return (i < ENTRIES ? first : second) * ENTRIES + (i & ENTRIES - 1);
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
        int signature = signature(hash);
        int first = hash & mask;
        int second = other(first, signature);
        int entry = set << 16 | signature;
        // In a cache the key changes its set, else only the same set is the same entry.
        int same = cache ? bits(first, second, SIGNATURE, signature) : bits(first, second, ALL, entry);
        if (same == 0) {
            same = bits(first, second, ALL, 0);
            if (same == 0) {
                return pushOut(first, entry);
            }
            size++;
        }
        table[slot(first, second, same)] = entry;
        return true;
    }

    private boolean pushOut(int bucket, int entry) {
        if (cache) {
            table[bucket * ENTRIES + (turn++ & ENTRIES - 1)] = entry;
            return true;
        }
        return kick(bucket, entry);
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
            int free = bits(at * ENTRIES, ALL, 0);
            if (free != 0) {
                table[slot(at, at, free)] = homeless;
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
        int signature = signature(hash);
        int first = hash & mask;
        int second = other(first, signature);
        int bits = bits(first, second, SIGNATURE, signature);
        return bits == 0 ? NO_MATCH : table[slot(first, second, bits)] >>> 16;
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
        int signature = signature(hash);
        int first = hash & mask;
        int second = other(first, signature);
        int bits = bits(first, second, SIGNATURE, signature) & (second == first ? SIGNATURE : ALL);
        int n = 0;
        for (; bits != 0 && n < sets.length; bits &= bits - 1) {
            sets[n++] = table[slot(first, second, bits)] >>> 16;
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
        int signature = signature(hash);
        int first = hash & mask;
        int second = other(first, signature);
        int bits = bits(first, second, ALL, set << 16 | signature);
        if (bits == 0) {
            return false;
        }
        table[slot(first, second, bits)] = 0;
        size--;
        return true;
    }
}
