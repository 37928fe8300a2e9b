package dev.penstock.member;

import static dev.penstock.member.Signatures.ENTRIES;
import static dev.penstock.member.Signatures.SIGNATURE;
import static dev.penstock.member.Signatures.signature;
import static dev.penstock.member.Signatures.slot;

import java.lang.ref.Reference;
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

    private static final int KICKS = 500;
    private static final int BURST = 64;
    private static final int SPREAD = 0x9e37_79b1;
    /** A sum that what was touched can hardly have: it is asked for so that the JIT keeps the loads. */
    private static final int NEVER = 0x5bd1_e995;

    private final int keyLength;
    private final boolean cache;
    private final int seed;
    private final Signatures buckets;
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
        // A cache has more room, since it never moves a key to make some.
        long least = (keys - 1) / ENTRIES + 1;
        buckets = new Signatures((int) (cache ? least * 4 / 3 : least * 8 / 7) + 1);
    }

    /** @return keys in it */
    public int size() {
        return size;
    }

    private int hash(byte[] key, int offset) {
        long hash = KeyHash.of(key, offset, keyLength, seed);
        return (int) (hash ^ hash >>> Integer.SIZE);
    }

    private long other(long bucket, int signature) {
        return buckets.other(bucket, signature * SPREAD);
    }

    /** The slot of an entry, or -1. */
    private int find(long bucket, int entry) {
        for (long marks = buckets.marks(bucket, entry & SIGNATURE); marks != 0; marks &= marks - 1) {
            int slot = slot(marks);
            if (buckets.entry(bucket, slot) == entry) {
                return slot;
            }
        }
        return -1;
    }

    /** Whether an addition has nothing more to do: the entry is there, or in a cache the key is, and changes its set. */
    private boolean has(long bucket, int entry) {
        long marks = buckets.marks(bucket, entry & SIGNATURE);
        if (marks == 0 || !cache) {
            return marks != 0 && find(bucket, entry) >= 0;
        }
        buckets.put(bucket, slot(marks), entry);
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
        long first = buckets.of(hash);
        int entry = set << 16 | signature;
        long free = buckets.free(first);
        boolean added = true;
        if (free == 0 || buckets.marks(first, signature) != 0 || buckets.isCrowded(first)) {
            added = addElsewhere(first, entry);
        } else {
            buckets.put(first, slot(free), entry);
            size++;
        }
        Reference.reachabilityFence(this);
        return added;
    }

    private boolean addElsewhere(long first, int entry) {
        if (has(first, entry)) {
            return true;
        }
        long second = other(first, entry & SIGNATURE);
        if (buckets.isCrowded(first) && has(second, entry)) {
            return true;
        }
        if (insert(first, entry)) {
            return true;
        }
        if (cache && buckets.free(second) == 0) {
            buckets.put(first, turn++ & ENTRIES - 1, entry);
            return true;
        }
        buckets.crowd(first);
        return insert(second, entry) || kick(first, entry);
    }

    private boolean insert(long bucket, int entry) {
        long free = buckets.free(bucket);
        if (free == 0) {
            return false;
        }
        buckets.put(bucket, slot(free), entry);
        size++;
        return true;
    }

    /** Moves entries to their other buckets; undone when that finds no end. */
    private boolean kick(long bucket, int entry) {
        long[] path = new long[KICKS];
        int homeless = entry;
        long at = bucket;
        for (int n = 0; n < KICKS; n++) {
            int slot = turn++ & ENTRIES - 1;
            path[n] = at | slot;
            int pushed = buckets.entry(at, slot);
            buckets.crowd(at);
            buckets.put(at, slot, homeless);
            homeless = pushed;
            at = other(at, homeless & SIGNATURE);
            if (insert(at, homeless)) {
                return true;
            }
        }
        for (int n = KICKS - 1; n >= 0; n--) {
            long back = path[n] & -ENTRIES;
            int slot = (int) path[n] & ENTRIES - 1;
            int pushed = buckets.entry(back, slot);
            buckets.put(back, slot, homeless);
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
        long first = buckets.of(hash);
        long marks = buckets.marks(first, signature(hash));
        int set = marks != 0 ? buckets.set(first, slot(marks)) : buckets.isCrowded(first) ? lookElsewhere(hash) : NO_MATCH;
        Reference.reachabilityFence(this);
        return set;
    }

    private int lookElsewhere(int hash) {
        int signature = signature(hash);
        long second = other(buckets.of(hash), signature);
        long marks = buckets.marks(second, signature);
        return marks == 0 ? NO_MATCH : buckets.set(second, slot(marks));
    }

    /**
     * Finds the sets of many keys.
     *
     * @param keys array that holds them
     * @param offset of the first one's first byte
     * @param stride bytes from one to the next
     * @param sets gets each one's set, {@link #NO_MATCH} where there is none; of several it may be another than {@link #lookup} finds
     * @param n how many
     * @return how many are in a set
     * @throws IndexOutOfBoundsException when an array is shorter than that
     */
    public int lookupBulk(byte[] keys, int offset, int stride, int[] sets, int n) {
        Objects.checkFromIndexSize(0, n, sets.length);
        int hits = 0;
        for (int done = 0; done < n; done += BURST) {
            int to = Math.min(n, done + BURST);
            touchAll(keys, offset + done * stride, stride, sets, done, to);
            hits += burst(sets, done, to);
        }
        Reference.reachabilityFence(this);
        return hits;
    }

    /** Hashes keys and reads their buckets; leaves the hashes where the answers will be. */
    private void touchAll(byte[] keys, int offset, int stride, int[] hashes, int from, int to) {
        hashAll(keys, offset, stride, hashes, from, to);
        if (buckets.touchAll(hashes, from, to) == NEVER) {
            Thread.onSpinWait();
        }
    }

    private void hashAll(byte[] keys, int offset, int stride, int[] hashes, int from, int to) {
        for (int i = from, at = offset; i < to; i++, at += stride) {
            hashes[i] = hash(keys, at);
        }
    }

    /** Makes sets of hashes whose buckets were touched. */
    private int burst(int[] sets, int from, int to) {
        long none = buckets.findAll(sets, from, to);
        return to - from - Long.bitCount(none) + (none == 0 ? 0 : lookElsewhere(sets, from, none));
    }

    /** Looks in their second buckets for those keys that may be there; how many are. Which may be is found without a branch. */
    private int lookElsewhere(int[] sets, int from, long none) {
        long elsewhere = 0;
        for (long left = none; left != 0; left &= left - 1) {
            int i = Long.numberOfTrailingZeros(left);
            int hash = sets[from + i];
            int crowded = buckets.crowded(buckets.of(hash));
            sets[from + i] = hash & crowded;
            elsewhere |= (crowded & 1L) << i;
        }
        int hits = 0;
        for (long left = elsewhere; left != 0; left &= left - 1) {
            int i = from + Long.numberOfTrailingZeros(left);
            sets[i] = lookElsewhere(sets[i]);
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
        int n = gather(hash(key, offset), sets, 0, sets.length);
        Reference.reachabilityFence(this);
        return n;
    }

    /**
     * Finds all sets that each of many keys is in (DPDK: rte_member_lookup_multi_bulk).
     *
     * @param keys array that holds them
     * @param offset of the first one's first byte
     * @param stride bytes from one to the next
     * @param sets gets their numbers, those of key i from index {@code i * most} on; what lies behind them is left as it was
     * @param most sets of a key at most, 1 or more
     * @param counts gets of each key how many there are
     * @param n how many keys
     * @return how many are in a set
     * @throws IndexOutOfBoundsException when an array is shorter than that
     */
    public int lookupMultiBulk(byte[] keys, int offset, int stride, int[] sets, int most, int[] counts, int n) {
        Objects.checkFromIndexSize(0, n, counts.length);
        Objects.checkFromIndexSize(0, Math.multiplyExact(n, most), sets.length);
        int hits = 0;
        for (int done = 0; done < n; done += BURST) {
            int to = Math.min(n, done + BURST);
            touchAll(keys, offset + done * stride, stride, counts, done, to);
            for (int i = done; i < to; i++) {
                counts[i] = gather(counts[i], sets, i * most, (i + 1) * most) - i * most;
                hits += counts[i] != 0 ? 1 : 0;
            }
        }
        Reference.reachabilityFence(this);
        return hits;
    }

    /** Gives the sets of a hash, from an index on and up to another one; behind the last. */
    private int gather(int hash, int[] sets, int from, int to) {
        int signature = signature(hash);
        long first = buckets.of(hash);
        long second = other(first, signature);
        int n = gather(first, signature, sets, from, to);
        return second != first && buckets.isCrowded(first) ? gather(second, signature, sets, n, to) : n;
    }

    /** Adds the sets of a bucket's entries with a signature to those there are. */
    private int gather(long bucket, int signature, int[] sets, int from, int to) {
        int n = from;
        for (long marks = buckets.marks(bucket, signature); marks != 0 && n < to; marks &= marks - 1) {
            int entry = buckets.entry(bucket, slot(marks));
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
        long first = buckets.of(hash);
        int entry = set << 16 | signature;
        boolean removed = set >>> 15 == 0 && (remove(first, entry) || buckets.isCrowded(first) && remove(other(first, signature), entry));
        Reference.reachabilityFence(this);
        return removed;
    }

    private boolean remove(long bucket, int entry) {
        int slot = find(bucket, entry);
        if (slot < 0) {
            return false;
        }
        buckets.put(bucket, slot, 0);
        size--;
        return true;
    }

    /** Takes all keys out (rte_member_reset). */
    public void reset() {
        buckets.clear();
        size = 0;
        Reference.reachabilityFence(this);
    }
}
