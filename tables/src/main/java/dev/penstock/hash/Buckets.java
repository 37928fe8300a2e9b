package dev.penstock.hash;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;

/**
 * The buckets: eight entries each, an entry being a tag (8 bits of the hash, never 0) and the position of a key. A
 * bucket is six longs: four words of two positions with the tags as one word in their middle, so that a position lies
 * mostly in the tags' cache line, and the number of the bucket that extends it. One thread changes them at a time. A
 * reader sees an entry only when its position is written; an entry that moves is in both places for a moment and
 * counted in {@code moves}, so a reader that missed it looks again.
 */
final class Buckets {
    static final int ENTRIES = 8;
    private static final int STRIDE = 6;
    private static final int TAGS = 2;
    private static final int NEXT = 5;
    private static final int SEARCHED = 1000;
    private static final long LOW_BITS = 0x0101_0101_0101_0101L;
    private static final long SEVENS = 0x7f7f_7f7f_7f7f_7f7fL;
    private static final VarHandle WORD = MethodHandles.arrayElementVarHandle(long[].class);
    private static final VarHandle MOVES;

    static {
        try {
            MOVES = MethodHandles.lookup().findVarHandle(Buckets.class, "moves", int.class);
        } catch (ReflectiveOperationException e) {
            throw new ExceptionInInitializerError(e);
        }
    }

    private final long[] words;
    private final int mask;
    /** Free buckets for extension; 0 says there is none, since bucket 0 is never one. */
    private final int[] spare;
    private int spareCount;
    private int moves;
    private final int[] queue = new int[SEARCHED];
    private final int[] from = new int[SEARCHED];

    Buckets(int entries, boolean extendable) {
        int count = Integer.highestOneBit(Math.max(1, (entries - 1) / ENTRIES)) * (entries > ENTRIES ? 2 : 1);
        mask = count - 1;
        spare = new int[extendable ? count : 0];
        spareCount = spare.length;
        for (int i = 0; i < spareCount; i++) {
            spare[i] = 2 * count - 1 - i;
        }
        words = new long[(count + spare.length) * STRIDE];
    }

    static int tag(int hash) {
        int tag = hash >>> 24;
        return tag == 0 ? 1 : tag;
    }

    int first(int hash) {
        return hash & mask;
    }

    int other(int bucket, int tag) {
        return (bucket ^ tag * 0x5bd1_e995) & mask;
    }

    /** Reads a bucket's tags, so that they are in the cache when they are searched. */
    long touch(int bucket) {
        return words[bucket * STRIDE + TAGS];
    }

    /** The entries of a bucket that have this tag: the highest bit of each one's byte. */
    long matches(int bucket, int tag) {
        return zeroBytes((long) WORD.getAcquire(words, bucket * STRIDE + TAGS) ^ tag * LOW_BITS);
    }

    private static long zeroBytes(long x) {
        return ~((x & SEVENS) + SEVENS | x | SEVENS);
    }

    /** The position in the entry that the lowest bit of a match stands for. */
    int position(int bucket, long match) {
        return positionAt(bucket, Long.numberOfTrailingZeros(match) >>> 3);
    }

    /** The word of an entry's position: 0, 1, 3 or 4. */
    private static int pair(int slot) {
        return (slot >>> 1) + (slot >>> 2);
    }

    int positionAt(int bucket, int slot) {
        return (int) (words[bucket * STRIDE + pair(slot)] >>> (slot << 5));
    }

    /** The bucket that extends this one, or 0. */
    int next(int bucket) {
        return (int) (long) WORD.getAcquire(words, bucket * STRIDE + NEXT);
    }

    int moves() {
        return (int) MOVES.getAcquire(this);
    }

    private void moved() {
        MOVES.setRelease(this, moves + 1);
        VarHandle.fullFence();
    }

    /** Puts an entry in, moving others if need be. */
    boolean add(int hash, int position) {
        int tag = tag(hash);
        int first = first(hash);
        int second = other(first, tag);
        if (put(first, tag, position) || put(second, tag, position)) {
            return true;
        }
        for (int b = next(second); b != 0; b = next(b)) {
            if (put(b, tag, position)) {
                return true;
            }
        }
        return makeRoom(first, second) && put(queue[0], tag, position) || extend(second, tag, position);
    }

    private boolean put(int bucket, int tag, int position) {
        long free = matches(bucket, 0);
        if (free == 0) {
            return false;
        }
        set(bucket, Long.numberOfTrailingZeros(free) >>> 3, tag, position);
        return true;
    }

    private void set(int bucket, int slot, int tag, int position) {
        int at = bucket * STRIDE + TAGS;
        int pair = bucket * STRIDE + pair(slot);
        int shift = (slot & 1) << 5;
        WORD.setOpaque(words, pair, words[pair] & ~(0xffff_ffffL << shift) | (long) position << shift);
        WORD.setRelease(words, at, words[at] & ~(0xffL << 8 * slot) | (long) tag << 8 * slot);
    }

    private void clear(int bucket, int slot) {
        int at = bucket * STRIDE + TAGS;
        WORD.setRelease(words, at, words[at] & ~(0xffL << 8 * slot));
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
            long tags = words[bucket * STRIDE + TAGS];
            for (int slot = 0; slot < ENTRIES; slot++) {
                int other = other(bucket, (int) (tags >>> 8 * slot) & 0xff);
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
            int tag = (int) (words[bucket * STRIDE + TAGS] >>> 8 * slot) & 0xff;
            if (tag == 0 || other(bucket, tag) != target || !put(target, tag, positionAt(bucket, slot))) {
                return false;
            }
            moved();
            clear(bucket, slot);
            if (from[at] < 0) {
                queue[0] = bucket;
                return true;
            }
            target = bucket;
            slot = from[at] & 7;
            at = from[at] >>> 3;
        }
    }

    private boolean extend(int bucket, int tag, int position) {
        if (spareCount == 0) {
            return false;
        }
        int last = bucket;
        while (next(last) != 0) {
            last = next(last);
        }
        int added = spare[--spareCount];
        WORD.setRelease(words, added * STRIDE + NEXT, 0L);
        set(added, 0, tag, position);
        WORD.setRelease(words, last * STRIDE + NEXT, (long) added);
        return true;
    }

    /** Takes out the entry of a position. */
    void remove(int hash, int position) {
        int tag = tag(hash);
        int first = first(hash);
        int second = other(first, tag);
        if (removeFrom(first, tag, position) || removeFrom(second, tag, position)) {
            return;
        }
        int above = second;
        for (int b = next(second); b != 0; b = next(b)) {
            if (removeFrom(b, tag, position)) {
                if (words[b * STRIDE + TAGS] == 0) {
                    WORD.setRelease(words, above * STRIDE + NEXT, (long) next(b));
                    moved();
                    spare[spareCount++] = b;
                }
                return;
            }
            above = b;
        }
        throw new IllegalStateException("position " + position + " has no entry");
    }

    private boolean removeFrom(int bucket, int tag, int position) {
        for (long m = matches(bucket, tag); m != 0; m &= m - 1) {
            if (position(bucket, m) == position) {
                clear(bucket, Long.numberOfTrailingZeros(m) >>> 3);
                return true;
            }
        }
        return false;
    }
}
