package dev.penstock.member;

import dev.penstock.hash.HashFunction;
import dev.penstock.jit.Vectors;
import dev.penstock.lines.Lines;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.VarHandle;
import java.util.Objects;

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
    /** Of the first entry of a bucket: entries whose first bucket it is may be elsewhere, else none is. */
    private static final int CROWDED = 1 << 31;
    /** All of an entry. */
    private static final int ALL = ~CROWDED;
    private static final int BURST = 64;
    private static final int SPREAD = 0x9e37_79b1;
    private static final VarHandle INT = Lines.INT;
    /** A sum that what was touched can hardly have: it is asked for so that the JIT keeps the loads. */
    private static final int NEVER = 0x5bd1_e995;
    /** Whether the Vector API is there, and this processor's vectors are wide enough. */
    private static final boolean VECTOR = Vectors.readBy(MemberHt.class.getModule()::addReads) && MemberVector.isWide();

    private final int keyLength;
    private final boolean cache;
    private final int buckets;
    private final int seed;
    private final boolean vector;
    /** Entries: set in the upper half, signature, which is never 0, in the lower; 0 when free. A bucket is a cache line. */
    private final MemorySegment memory;
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
        buckets = (int) (((keys - 1) / ENTRIES + 1) * 4L / 3) + 1;
        memory = Lines.of((long) buckets * Lines.LINE);
    }

    /** @return keys in it */
    public int size() {
        return size;
    }

    private int hash(byte[] key, int offset) {
        return HashFunction.MULTIPLY.hash(key, offset, keyLength, seed);
    }

    private static int signature(int hash) {
        return Math.max(1, hash & SIGNATURE);
    }

    private int first(int hash) {
        return (int) ((hash & 0xffff_ffffL) * buckets >>> 32);
    }

    /** The other bucket of a signature: those two have the same sum. */
    private int other(int bucket, int signature) {
        int other = first(signature * SPREAD) - bucket;
        return other + (other >> 31 & buckets);
    }

    /** Bits of a bucket's entries that are wanted in the bits of a mask. */
    private int bits(int bucket, int mask, int wanted) {
        long at = (long) bucket * Lines.LINE;
        if (vector) {
            return MemberVector.bits(memory, at, mask, wanted);
        }
        int bits = 0;
        for (int i = 0; i < ENTRIES; i++) {
            bits |= ((int) INT.get(memory, at + 4 * i) & mask) == wanted ? 1 << i : 0;
        }
        return bits;
    }

    private int entry(int bucket, int slot) {
        return (int) INT.get(memory, (long) bucket * Lines.LINE + 4 * slot);
    }

    /** The entry of the lowest bit; any when there is none. */
    private int lowest(int bucket, int bits) {
        return entry(bucket, Integer.numberOfTrailingZeros(bits) & ENTRIES - 1) & ALL;
    }

    private void set(int bucket, int slot, int entry) {
        INT.set(memory, (long) bucket * Lines.LINE + 4 * slot, entry(bucket, slot) & CROWDED | entry);
    }

    private void setLowest(int bucket, int bits, int entry) {
        set(bucket, Integer.numberOfTrailingZeros(bits), entry);
    }

    private boolean isCrowded(int bucket) {
        return entry(bucket, 0) < 0;
    }

    private void crowd(int bucket) {
        INT.set(memory, (long) bucket * Lines.LINE, entry(bucket, 0) | CROWDED);
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
        int first = first(hash);
        int entry = set << 16 | signature;
        // In a cache the key changes its set, else only the same set is the same entry.
        int mask = cache ? SIGNATURE : ALL;
        int same = bits(first, mask, entry & mask);
        if (same != 0) {
            setLowest(first, same, entry);
            return true;
        }
        int second = other(first, signature);
        if (isCrowded(first)) {
            same = bits(second, mask, entry & mask);
            if (same != 0) {
                setLowest(second, same, entry);
                return true;
            }
        }
        return insert(first, entry) || insertElsewhere(first, second, entry);
    }

    private boolean insert(int bucket, int entry) {
        int free = bits(bucket, ALL, 0);
        if (free == 0) {
            return false;
        }
        setLowest(bucket, free, entry);
        size++;
        return true;
    }

    private boolean insertElsewhere(int first, int second, int entry) {
        if (cache && bits(second, ALL, 0) == 0) {
            set(first, turn++ & ENTRIES - 1, entry);
            return true;
        }
        crowd(first);
        return insert(second, entry) || kick(first, entry);
    }

    /** Moves entries to their other buckets; undone when that finds no end. */
    private boolean kick(int bucket, int entry) {
        int[] path = new int[KICKS];
        int homeless = entry;
        int at = bucket;
        for (int n = 0; n < KICKS; n++) {
            int slot = turn++ & ENTRIES - 1;
            path[n] = at * ENTRIES + slot;
            int pushed = entry(at, slot) & ALL;
            crowd(at);
            set(at, slot, homeless);
            homeless = pushed;
            at = other(at, homeless & SIGNATURE);
            if (insert(at, homeless)) {
                return true;
            }
        }
        for (int n = KICKS - 1; n >= 0; n--) {
            int pushed = entry(path[n] / ENTRIES, path[n] % ENTRIES) & ALL;
            set(path[n] / ENTRIES, path[n] % ENTRIES, homeless);
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
        int first = first(hash);
        int bits = bits(first, SIGNATURE, signature(hash));
        return bits != 0 ? lowest(first, bits) >>> 16 : isCrowded(first) ? lookElsewhere(hash) : NO_MATCH;
    }

    private int lookElsewhere(int hash) {
        int signature = signature(hash);
        int second = other(first(hash), signature);
        int bits = bits(second, SIGNATURE, signature);
        return bits == 0 ? NO_MATCH : lowest(second, bits) >>> 16;
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
        Objects.checkFromIndexSize(0, n, sets.length);
        for (int i = 0; i < n; i++) {
            sets[i] = hash(keys, offset + i * keyLength);
        }
        int hits = 0;
        for (int done = 0; done < n; done += BURST) {
            hits += burst(sets, done, Math.min(n, done + BURST));
        }
        return hits;
    }

    /** Makes sets of hashes. Passes so short that the processor has all of one's loads under way before the first ends. */
    private int burst(int[] sets, int from, int to) {
        int touched = 0;
        for (int i = from; i < to; i++) {
            touched += entry(first(sets[i]), 0);
        }
        int hits = 0;
        long elsewhere = 0;
        for (int i = from; i < to; i++) {
            int hash = sets[i];
            int first = first(hash);
            int bits = bits(first, SIGNATURE, signature(hash));
            // All ones when it has the signature: a branch here would often be foretold wrongly.
            int in = -bits >> 31;
            int gone = ~in & entry(first, 0) >> 31;
            hits -= in;
            elsewhere |= (gone & 1L) << i - from;
            sets[i] = lowest(first, bits) >>> 16 & in | hash & gone;
        }
        for (long left = elsewhere; left != 0; left &= left - 1) {
            int i = from + Long.numberOfTrailingZeros(left);
            sets[i] = lookElsewhere(sets[i]);
            hits += sets[i] != NO_MATCH ? 1 : 0;
        }
        if (touched == NEVER) {
            Thread.onSpinWait();
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
        int first = first(hash);
        int second = other(first, signature);
        int n = 0;
        for (int bits = bits(first, SIGNATURE, signature); bits != 0 && n < sets.length; bits &= bits - 1) {
            sets[n++] = lowest(first, bits) >>> 16;
        }
        int more = second != first && isCrowded(first) ? bits(second, SIGNATURE, signature) : 0;
        for (; more != 0 && n < sets.length; more &= more - 1) {
            sets[n++] = lowest(second, more) >>> 16;
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
        int first = first(hash);
        int entry = set << 16 | signature;
        return remove(first, entry) || isCrowded(first) && remove(other(first, signature), entry);
    }

    private boolean remove(int bucket, int entry) {
        int bits = bits(bucket, ALL, entry);
        if (bits == 0) {
            return false;
        }
        setLowest(bucket, bits, 0);
        size--;
        return true;
    }
}
