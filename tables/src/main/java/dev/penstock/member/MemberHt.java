package dev.penstock.member;

import dev.penstock.lines.Lines;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
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

    private static final int ENTRIES = 16;
    private static final int KICKS = 500;
    /** Where the signatures of a bucket lie, four in a word, then its sets, 16 bits each. */
    private static final int WORDS = 4;
    private static final int SETS = WORDS * Long.BYTES;
    private static final int SIGNATURE = 0xffff;
    /** By this a signature is four times in a word. */
    private static final long EACH = 0x0001_0001_0001_0001L;
    private static final long TOPS = EACH << 15;
    /** Of the first set of a bucket: entries whose first bucket it is may be elsewhere, else none is. */
    private static final int CROWDED = 1 << 15;
    private static final int BURST = 64;
    private static final int SPREAD = 0x9e37_79b1;
    private static final VarHandle LONG = Lines.LONG;
    private static final VarHandle SHORT = ValueLayout.JAVA_SHORT.varHandle();
    /** A sum that what was touched can hardly have: it is asked for so that the JIT keeps the loads. */
    private static final int NEVER = 0x5bd1_e995;

    private final int keyLength;
    private final boolean cache;
    private final int buckets;
    private final int seed;
    /** A bucket is a cache line. Signatures are never 0 but where an entry is free. */
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
        if (keys < ENTRIES || keys > 1 << 26 || keyLength < 1) {
            throw new IllegalArgumentException("summary of " + keys + " keys of " + keyLength
                    + " bytes; give 16 to 2^26 keys of 1 byte or more");
        }
        this.keyLength = keyLength;
        this.cache = cache;
        this.seed = seed;
        buckets = (int) (((keys - 1) / ENTRIES + 1) * 4L / 3) + 1;
        memory = Lines.of((long) buckets * Lines.LINE);
    }

    /** @return keys in it */
    public int size() {
        return size;
    }

    private int hash(byte[] key, int offset) {
        long hash = KeyHash.of(key, offset, keyLength, seed);
        return (int) (hash ^ hash >>> Integer.SIZE);
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

    /**
     * Marks, for {@link #slot}, a bucket's entries that have a signature, 0 for free ones. The lowest mark is right; of the others
     * each may be of an entry that differs from the signature by one.
     */
    private long marks(int bucket, int signature) {
        long at = (long) bucket * Lines.LINE;
        long wanted = signature * EACH;
        return mark(at, wanted) >>> 3 | mark(at + 8, wanted) >>> 2 | mark(at + 16, wanted) >>> 1 | mark(at + 24, wanted);
    }

    /** The highest bit of each of the four signatures that are the wanted ones. */
    private long mark(long at, long wanted) {
        long differs = (long) LONG.get(memory, at) ^ wanted;
        return differs - EACH & ~differs & TOPS;
    }

    /** The entry of the lowest mark; any when there is none. */
    private static int slot(long marks) {
        int bit = Long.numberOfTrailingZeros(marks);
        return (bit & WORDS - 1) << 2 | bit >>> 4 & 3;
    }

    private static long word(int bucket, int slot) {
        return (long) bucket * Lines.LINE + (slot >>> 2) * Long.BYTES;
    }

    private short flagged(int bucket, int slot) {
        return (short) SHORT.get(memory, (long) bucket * Lines.LINE + SETS + slot * Short.BYTES);
    }

    private int set(int bucket, int slot) {
        return flagged(bucket, slot) & ~CROWDED & SIGNATURE;
    }

    /** An entry's set, in the upper half, and signature. */
    private int entry(int bucket, int slot) {
        return set(bucket, slot) << 16 | (int) ((long) LONG.get(memory, word(bucket, slot)) >>> (slot & 3) * 16) & SIGNATURE;
    }

    private void put(int bucket, int slot, int entry) {
        long at = word(bucket, slot);
        int shift = (slot & 3) * 16;
        long others = (long) LONG.get(memory, at) & ~((long) SIGNATURE << shift);
        LONG.set(memory, at, others | (entry & (long) SIGNATURE) << shift);
        putFlagged(bucket, slot, flagged(bucket, slot) & CROWDED | entry >>> 16);
    }

    private void putFlagged(int bucket, int slot, int set) {
        SHORT.set(memory, (long) bucket * Lines.LINE + SETS + slot * Short.BYTES, (short) set);
    }

    private boolean isCrowded(int bucket) {
        return flagged(bucket, 0) < 0;
    }

    private void crowd(int bucket) {
        putFlagged(bucket, 0, flagged(bucket, 0) | CROWDED);
    }

    /** The slot of an entry, or -1. */
    private int find(int bucket, int entry) {
        for (long marks = marks(bucket, entry & SIGNATURE); marks != 0; marks &= marks - 1) {
            int slot = slot(marks);
            if (entry(bucket, slot) == entry) {
                return slot;
            }
        }
        return -1;
    }

    /** Whether an addition has nothing more to do: the entry is there, or in a cache the key is, and changes its set. */
    private boolean has(int bucket, int entry) {
        long marks = marks(bucket, entry & SIGNATURE);
        if (marks == 0 || !cache) {
            return marks != 0 && find(bucket, entry) >= 0;
        }
        put(bucket, slot(marks), entry);
        return true;
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
        if (has(first, entry)) {
            return true;
        }
        int second = other(first, signature);
        if (isCrowded(first) && has(second, entry)) {
            return true;
        }
        return insert(first, entry) || insertElsewhere(first, second, entry);
    }

    private boolean insert(int bucket, int entry) {
        long free = marks(bucket, 0);
        if (free == 0) {
            return false;
        }
        put(bucket, slot(free), entry);
        size++;
        return true;
    }

    private boolean insertElsewhere(int first, int second, int entry) {
        if (cache && marks(second, 0) == 0) {
            put(first, turn++ & ENTRIES - 1, entry);
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
            int pushed = entry(at, slot);
            crowd(at);
            put(at, slot, homeless);
            homeless = pushed;
            at = other(at, homeless & SIGNATURE);
            if (insert(at, homeless)) {
                return true;
            }
        }
        for (int n = KICKS - 1; n >= 0; n--) {
            int pushed = entry(path[n] / ENTRIES, path[n] % ENTRIES);
            put(path[n] / ENTRIES, path[n] % ENTRIES, homeless);
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
        long marks = marks(first, signature(hash));
        return marks != 0 ? set(first, slot(marks)) : isCrowded(first) ? lookElsewhere(hash) : NO_MATCH;
    }

    private int lookElsewhere(int hash) {
        int signature = signature(hash);
        int second = other(first(hash), signature);
        long marks = marks(second, signature);
        return marks == 0 ? NO_MATCH : set(second, slot(marks));
    }

    /**
     * Finds the sets of many keys.
     *
     * @param keys array that holds them
     * @param offset of the first one's first byte
     * @param stride bytes from one to the next
     * @param sets gets each one's set, {@link #NO_MATCH} where there is none
     * @param n how many
     * @return how many are in a set
     * @throws IndexOutOfBoundsException when an array is shorter than that
     */
    public int lookupBulk(byte[] keys, int offset, int stride, int[] sets, int n) {
        Objects.checkFromIndexSize(0, n, sets.length);
        for (int i = 0; i < n; i++) {
            sets[i] = hash(keys, offset + i * stride);
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
            touched += flagged(first(sets[i]), 0);
        }
        int hits = 0;
        long elsewhere = 0;
        for (int i = from; i < to; i++) {
            int hash = sets[i];
            int first = first(hash);
            long marks = marks(first, signature(hash));
            // All ones when it has the signature: a branch here would often be foretold wrongly.
            int in = (int) ((marks | -marks) >> 63);
            int gone = ~in & flagged(first, 0) >> 15;
            hits -= in;
            elsewhere |= (gone & 1L) << i - from;
            sets[i] = set(first, slot(marks)) & in | hash & gone;
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
        int n = gather(first, signature, sets, 0);
        return second != first && isCrowded(first) ? gather(second, signature, sets, n) : n;
    }

    /** Adds the sets of a bucket's entries with a signature to those there are; how many there are then. */
    private int gather(int bucket, int signature, int[] sets, int from) {
        int n = from;
        for (long marks = marks(bucket, signature); marks != 0 && n < sets.length; marks &= marks - 1) {
            int entry = entry(bucket, slot(marks));
            if ((entry & SIGNATURE) == signature) {
                sets[n++] = entry >>> 16;
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
        int signature = signature(hash);
        int first = first(hash);
        int entry = set << 16 | signature;
        return remove(first, entry) || isCrowded(first) && remove(other(first, signature), entry);
    }

    private boolean remove(int bucket, int entry) {
        int slot = find(bucket, entry);
        if (slot < 0) {
            return false;
        }
        put(bucket, slot, 0);
        size--;
        return true;
    }
}
