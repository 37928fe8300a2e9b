package dev.penstock.hash;

import dev.penstock.lines.Block;
import dev.penstock.lines.Lines;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.Arrays;

/**
 * The buckets: eight entries each, half a cache line. An entry is one int: a key's position in its lower bits and a tag, which is the
 * upper bits of the hash and never 0, above; 0 when it is free. So an entry appears and goes at once. The highest bit of
 * a bucket's first entry says that it was crowded once: keys whose first bucket it is may be elsewhere, which else they are
 * not, so that a key that is absent costs one miss of the cache. A bit of each bucket elsewhere, a hint, says the same, so that a
 * burst has the second buckets it may need under way with the first ones. One thread changes buckets at a time; an entry that moves
 * is in both places for a moment and counted in {@code moves}, so a reader that missed it looks again.
 *
 * <p>There are as many as hold all entries, and twice as many in a small table: nearly no key of it is in its second bucket. Where they
 * leave the first cache, more of them cost as much as they save.
 *
 * <p>Buckets are named by their number. What the writer counts lies in lines of its own, away from what readers read.
 */
final class Buckets extends Block {
    static final int ENTRIES = 8;
    static final int ENTRY = 4;
    private static final int BUCKET = ENTRIES * ENTRY;
    private static final int SHIFT = 5;
    private static final int MOVES = 0;
    /** Buckets that extend others now. */
    private static final int EXTENSIONS = 4;
    private static final int FIRST = Lines.APART;
    private static final int SEARCHED = 1000;
    /** Entries of the tables that have twice as many buckets, from and to; those of fewer lie in some lines anyhow. */
    private static final int FEW = 100;
    private static final int MANY = 4096;
    private static final int CROWDED = 1 << 31;
    private static final int SPREAD = 0x5bd1_e995;
    /** Where a tag begins at least, so that it fits into the upper half of an entry but for the highest bit. */
    private static final int HALF = 16;
    private static final long HIGHEST = 0x8000_8000_8000_8000L;
    /** Where the entry lies that a byte of a match stands for. */
    private static final long SLOTS = 0x0c_1c_04_14_08_18_00_10L;
    /** Whether the buckets of a burst are compared by vectors. */
    static final boolean VECTOR = hasVectors();
    /** What {@link #matches} gives when all entries match. */
    private static final long ALL = HIGHEST | HIGHEST >>> 8;
    private static final VarHandle LINK = MethodHandles.arrayElementVarHandle(int[].class);

    private final int mask;
    private final int tagBits;
    private final int tagMask;
    private final long tagMasks;
    private final int positionMask;
    /** The number of the bucket that extends a bucket, or 0. */
    private final int[] links;
    /** A bit of each bucket, set when it is crowded: so few that a burst knows without a miss which second buckets it may need. */
    private final int[] hints;
    /** Free buckets for extension. */
    private final int[] spare;
    private int spareCount;
    private final int[] queue = new int[SEARCHED];
    private final int[] from = new int[SEARCHED];

    Buckets(int entries, boolean extendable) {
        int count = count(entries);
        super((extendable ? 2L : 1L) * count * BUCKET + FIRST);
        mask = count - 1;
        int positionBits = 32 - Integer.numberOfLeadingZeros(entries - 1);
        tagBits = Math.max(HALF, positionBits);
        tagMask = -1 << tagBits & ~CROWDED;
        tagMasks = (long) tagMask << 32 | tagMask;
        positionMask = (1 << positionBits) - 1;
        spare = new int[extendable ? count : 0];
        spareCount = spare.length;
        for (int i = 0; i < spareCount; i++) {
            spare[i] = 2 * count - 1 - i;
        }
        hints = new int[(count + Integer.SIZE - 1) / Integer.SIZE];
        links = new int[extendable ? 2 * count : 0];
    }

    private static int count(int entries) {
        int enough = Integer.highestOneBit(Math.max(1, (entries - 1) / ENTRIES)) * (entries > ENTRIES ? 2 : 1);
        return entries >= FEW && entries <= MANY ? 2 * enough : enough;
    }

    /** The tag of a hash, where an entry has it. */
    int tag(int hash) {
        int tag = hash & tagMask;
        return tag == 0 ? 1 << tagBits : tag;
    }

    int first(int hash) {
        return hash & mask;
    }

    int other(int bucket, int tag) {
        return (bucket ^ (tag >>> tagBits) * SPREAD) & mask;
    }

    int second(int hash) {
        return other(first(hash), tag(hash));
    }

    private long at(int bucket) {
        return address(FIRST + ((long) bucket << SHIFT));
    }

    /** Whether there are so many that it pays to touch those of a burst first. */
    boolean areMany() {
        return mask >= Lines.CACHED / BUCKET;
    }

    /** Reads of a bucket, so that it is in the cache when it is searched; negative when it was crowded once. */
    int touch(int bucket) {
        return getInt(at(bucket));
    }

    /** Whether keys may be elsewhere whose first bucket this is. To be asked behind an acquire fence after what was looked for in it. */
    boolean isCrowded(int bucket) {
        return touch(bucket) < 0;
    }

    /** 1 when the bucket is crowded, else 0, without a look at it; a reader may see it later than that. */
    int hint(int bucket) {
        return hints[bucket >>> 5 & hints.length - 1] >>> bucket & 1;
    }

    /** Before a key goes elsewhere: what leaves this bucket may have it as its first. */
    private void crowd(int bucket) {
        if (isCrowded(bucket)) {
            return;
        }
        setIntRelease(at(bucket), touch(bucket) | CROWDED);
        hints[bucket >>> 5 & hints.length - 1] |= 1 << bucket;
    }

    /** When there are no entries. */
    void uncrowd() {
        for (int bucket = 0; bucket <= mask; bucket++) {
            setIntRelease(at(bucket), 0);
        }
        Arrays.fill(hints, 0);
    }

    /**
     * The entries of a bucket that have this tag, or are free where it is 0: the highest bit of a byte of each, for {@link #place}. The
     * upper halves of the entries of two words are compared as one. What looks for one key goes by this and not by a vector: see
     * docs/decisions/jit-budget.md.
     */
    long matches(int bucket, int tag) {
        return matchesAt(at(bucket), tag);
    }

    private long matchesAt(long at, int tag) {
        long wanted = (long) tag << 32 | tag;
        long low = (getLong(at) ^ wanted) & tagMasks;
        long high = (getLong(at + 16) ^ wanted) & tagMasks;
        low = HIGHEST - (low >>> HALF | (getLong(at + 8) ^ wanted) & tagMasks);
        high = HIGHEST - (high >>> HALF | (getLong(at + 24) ^ wanted) & tagMasks);
        return low & HIGHEST | (high & HIGHEST) >>> 8;
    }

    /**
     * Reads the first buckets of a burst, and the second ones of those keys that hints say may be there. The first ones are all under way
     * before the first of them is there; what the hints say is found out meanwhile.
     *
     * @param hashes of the keys
     * @param from where the first one is
     * @param n how many
     * @return a sum, so that the JIT keeps the loads
     */
    long touchAll(int[] hashes, int from, int n) {
        long start = start() + FIRST;
        long touched = 0;
        long likely = 0;
        for (int i = from; i < from + n; i++) {
            likely |= (long) hint(first(hashes[i])) << i;
        }
        for (int i = from; i < from + n; i++) {
            touched += getInt(start + ((hashes[i] & mask & 0xffff_ffffL) << SHIFT));
        }
        for (likely >>>= from; likely != 0; likely &= likely - 1) {
            touched += touch(second(hashes[from + Long.numberOfTrailingZeros(likely)]));
        }
        return touched;
    }

    /**
     * Looks for the keys of a burst in their first buckets. Where a tag is found its position takes the place of the hash.
     *
     * @param hashes of the keys
     * @param from where the first one is
     * @param n how many
     * @return bit i is set when the tag of the key at {@code from + i} is not there
     */
    long findAll(int[] hashes, int from, int n) {
        long start = start() + FIRST;
        long none = 0;
        for (int i = from; i < from + n; i++) {
            int hash = hashes[i];
            long at = start + ((hash & mask & 0xffff_ffffL) << SHIFT);
            int found = findAt(at, tag(hash));
            int position = getInt(at + (found & ENTRIES - 1L) * ENTRY) & positionMask;
            none |= (long) none(found) << i;
            hashes[i] = position ^ (position ^ hash) & -none(found);
        }
        return none >>> from;
    }

    private int findAt(long at, int tag) {
        return VECTOR ? findByVector(at, tag) : findByWords(at, tag);
    }

    /** The first entry of a bucket that has this tag, which {@link #positionAt} understands. */
    int find(int bucket, int tag) {
        return findAt(at(bucket), tag);
    }

    /** The entry's number, and above that a bit that is set when nothing was found. */
    private int findByVector(long at, int tag) {
        return Integer.numberOfTrailingZeros(equalInts(at, tagMask, tag));
    }

    /** As {@link #findByVector}, for tests. */
    int findByVector(int bucket, int tag) {
        return findByVector(at(bucket), tag);
    }

    private int findByWords(long at, int tag) {
        long match = matchesAt(at, tag);
        return (int) place(match) / ENTRY | (Long.numberOfTrailingZeros(match) & Long.SIZE) >>> 1;
    }

    /** As {@link #findByVector}. */
    int findByWords(int bucket, int tag) {
        return findByWords(at(bucket), tag);
    }

    /** 1 when {@link #find} found nothing, else 0. */
    static int none(int found) {
        return found >>> 5;
    }

    /** The position in the entry that {@link #find} found, or -1. */
    int positionAt(int bucket, int found) {
        return getInt(at(bucket) + (found & ENTRIES - 1) * ENTRY) & positionMask | -none(found);
    }

    /** Where in its bucket the entry lies that the lowest bit of a match stands for; any when there is none. */
    private static long place(long match) {
        return SLOTS >>> (Long.numberOfTrailingZeros(match) & 7 * 8) & BUCKET - ENTRY;
    }

    /** The position in the entry that the lowest bit of a match stands for; any position when there is none. */
    int position(int bucket, long match) {
        return getInt(at(bucket) + place(match)) & positionMask;
    }

    /** Takes out the entry that the lowest bit of a match stands for. */
    void remove(int bucket, long match) {
        set(bucket, place(match), 0);
    }

    private int entry(int bucket, long place) {
        return getInt(at(bucket) + place) & ~CROWDED;
    }

    private void set(int bucket, long place, int entry) {
        long at = at(bucket) + place;
        setIntRelease(at, getInt(at) & CROWDED | entry);
    }

    /** The bucket that extends this one, or 0, which never does. */
    int next(int bucket) {
        return getIntAcquire(address(EXTENSIONS)) == 0 ? 0 : (int) LINK.getAcquire(links, bucket);
    }

    int moves() {
        return getIntAcquire(address(MOVES));
    }

    private void moved() {
        setIntRelease(address(MOVES), getInt(address(MOVES)) + 1);
        VarHandle.fullFence();
    }

    /** Puts an entry in, moving others if need be. */
    boolean add(int hash, int position) {
        int tag = tag(hash);
        int first = first(hash);
        int second = other(first, tag);
        if (put(first, tag | position)) {
            return true;
        }
        crowd(first);
        if (put(second, tag | position)) {
            return true;
        }
        for (int b = next(second); b != 0; b = next(b)) {
            if (put(b, tag | position)) {
                return true;
            }
        }
        return makeRoom(first, second) && put(queue[0], tag | position) || extend(second, tag | position);
    }

    private boolean put(int bucket, int entry) {
        long free = matches(bucket, 0);
        if (free == 0) {
            return false;
        }
        set(bucket, place(free), entry);
        return true;
    }

    /** Searches, breadth first, for entries to move so that one of the two buckets has a free one, then in queue[0]. */
    private boolean makeRoom(int first, int second) {
        queue[0] = first;
        queue[1] = second;
        from[0] = -1;
        from[1] = -1;
        int end = 2;
        for (int head = 0; head < end && end + ENTRIES <= SEARCHED; head++) {
            int bucket = queue[head];
            for (int slot = 0; slot < ENTRIES; slot++) {
                int other = other(bucket, entry(bucket, ENTRY * slot) & tagMask);
                if (matches(other, 0) != 0) {
                    return shift(head, slot, other);
                }
                queue[end] = other;
                from[end++] = head << 3 | slot;
            }
        }
        return false;
    }

    private boolean shift(int last, int lastSlot, int free) {
        int at = last;
        int slot = lastSlot;
        int target = free;
        while (true) {
            int bucket = queue[at];
            int entry = entry(bucket, ENTRY * slot);
            crowd(bucket);
            if (entry == 0 || other(bucket, entry & tagMask) != target || !put(target, entry)) {
                return false;
            }
            moved();
            set(bucket, ENTRY * slot, 0);
            if (from[at] < 0) {
                queue[0] = bucket;
                return true;
            }
            target = bucket;
            slot = from[at] & 7;
            at = from[at] >>> 3;
        }
    }

    private boolean extend(int bucket, int entry) {
        if (spareCount == 0) {
            return false;
        }
        int last = bucket;
        while (next(last) != 0) {
            last = next(last);
        }
        int added = spare[--spareCount];
        LINK.setRelease(links, added, 0);
        set(added, 0, entry);
        LINK.setRelease(links, last, added);
        setIntRelease(address(EXTENSIONS), spare.length - spareCount);
        return true;
    }

    /** Takes out the entry of a position. */
    void removePosition(int hash, int position) {
        int tag = tag(hash);
        int first = first(hash);
        int second = other(first, tag);
        if (removeFrom(first, tag | position) || isCrowded(first) && removeFrom(second, tag | position)) {
            return;
        }
        int above = second;
        for (int b = next(second); b != 0; b = next(b)) {
            if (removeFrom(b, tag | position)) {
                if (matches(b, 0) == ALL) {
                    LINK.setRelease(links, above, next(b));
                    moved();
                    spare[spareCount++] = b;
                    setIntRelease(address(EXTENSIONS), spare.length - spareCount);
                }
                return;
            }
            above = b;
        }
        throw new IllegalStateException("position " + position + " has no entry");
    }

    private boolean removeFrom(int bucket, int entry) {
        for (long m = matches(bucket, entry & tagMask); m != 0; m &= m - 1) {
            if (entry(bucket, place(m)) == entry) {
                remove(bucket, m);
                return true;
            }
        }
        return false;
    }
}
