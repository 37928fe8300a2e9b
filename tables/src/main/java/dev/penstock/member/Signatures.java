package dev.penstock.member;

import dev.penstock.lines.Block;
import dev.penstock.lines.Lines;

/**
 * The buckets of {@link MemberHt}, named by the offset of their first byte; one is a cache line: the signatures of its entries, 16
 * bits each and never 0 but where an entry is free, then their sets, 16 bits each. Signatures are compared all at once by a
 * vector, or four as a word where there is none of that length.
 */
final class Signatures extends Block {
    /** Of a bucket. */
    static final int ENTRIES = 16;
    static final int SIGNATURE = 0xffff;

    private static final int WORDS = 4;
    private static final int SETS = WORDS * Long.BYTES;
    /** By this a signature is four times in a word. */
    private static final long EACH = 0x0001_0001_0001_0001L;
    private static final long TOPS = EACH << 15;
    /** Of the first set of a bucket: entries whose first bucket it is may be elsewhere, else none is. */
    private static final int CROWDED = 1 << 15;
    /** Whether buckets are compared by vectors. */
    static final boolean VECTOR = hasVectors();

    private final int count;

    Signatures(int count) {
        super((long) count * Lines.LINE);
        this.count = count;
        // It is zeroed already, and then moved into huge pages: written once more it is in the caches when the first keys come.
        clear();
    }

    /** The signature of a hash. */
    static int signature(int hash) {
        return Math.max(1, hash & SIGNATURE);
    }

    /** The bucket of a hash. */
    long of(int hash) {
        return ((hash & 0xffff_ffffL) * count >>> 32) * Lines.LINE;
    }

    /** The other bucket of two whose sum is that of a hash. */
    long other(long bucket, int hash) {
        long other = of(hash) - bucket;
        return other + (other >> 63 & (long) count * Lines.LINE);
    }

    /**
     * Marks, for {@link #slot}, a bucket's entries that have a signature. The lowest mark is right; of the others each may be of an
     * entry that differs from the signature by one.
     */
    long marks(long bucket, int signature) {
        return VECTOR ? equalShorts(address(bucket), signature) : marksByWords(bucket, signature);
    }

    /** As {@link #marks}, for {@link #slotByWords}. */
    long marksByWords(long bucket, int signature) {
        return marksByWordsAt(address(bucket), signature);
    }

    private static long marksByWordsAt(long at, int signature) {
        long wanted = signature * EACH;
        return mark(getLong(at) ^ wanted) >>> 3 | mark(getLong(at + 8) ^ wanted) >>> 2 | mark(getLong(at + 16) ^ wanted) >>> 1
                | mark(getLong(at + 24) ^ wanted);
    }

    /** Marks free entries. */
    long free(long bucket) {
        return marks(bucket, 0);
    }

    /** The highest bit of each of the four signatures that do not differ from the wanted ones. */
    private static long mark(long differs) {
        return differs - EACH & ~differs & TOPS;
    }

    /** The place in its bucket of the entry of the lowest mark; any when there is none. */
    static int slot(long marks) {
        return VECTOR ? Long.numberOfTrailingZeros(marks) : slotByWords(marks);
    }

    static int slotByWords(long marks) {
        int bit = Long.numberOfTrailingZeros(marks);
        return (bit & WORDS - 1) << 2 | bit >>> 4 & 3;
    }

    private short flagged(long bucket, int slot) {
        return getShort(address(bucket) + SETS + slot * Short.BYTES);
    }

    private void setFlagged(long bucket, int slot, int set) {
        setShort(address(bucket) + SETS + slot * Short.BYTES, set);
    }

    int set(long bucket, int slot) {
        return flagged(bucket, slot) & ~CROWDED & SIGNATURE;
    }

    /** An entry's set, in the upper half, and signature. */
    int entry(long bucket, int slot) {
        return set(bucket, slot) << 16 | getShort(address(bucket) + slot * Short.BYTES) & SIGNATURE;
    }

    void put(long bucket, int slot, int entry) {
        setShort(address(bucket) + slot * Short.BYTES, entry);
        setFlagged(bucket, slot, flagged(bucket, slot) & CROWDED | entry >>> 16);
    }

    /** All ones for a bucket whose entries may be elsewhere, else 0. */
    int crowded(long bucket) {
        return flagged(bucket, 0) >> 15;
    }

    boolean isCrowded(long bucket) {
        return flagged(bucket, 0) < 0;
    }

    void crowd(long bucket) {
        setFlagged(bucket, 0, flagged(bucket, 0) | CROWDED);
    }

    /** As {@link #of}, its address, for loops, with what {@link #start} and {@link #many} give. */
    private static long at(long start, long count, int hash) {
        return start + ((hash & 0xffff_ffffL) * count >>> 32) * Lines.LINE;
    }

    /** How many buckets, of which the JIT knows that they are no negative number. */
    private long many() {
        return count & Integer.MAX_VALUE;
    }

    /**
     * Reads the buckets of a burst, so that all are under way before the first is there.
     *
     * @param hashes of the keys
     * @param from where the first one is
     * @param to behind the last one
     * @return a sum, so that the JIT keeps the loads
     */
    int touchAll(int[] hashes, int from, int to) {
        long start = start();
        long many = many();
        int touched = 0;
        for (int i = from; i < to; i++) {
            touched += getShort(at(start, many, hashes[i]));
        }
        return touched;
    }

    /**
     * Looks for the keys of a burst in their buckets. Where a signature is found its set takes the place of the hash. Whether it is decides
     * no branch, which would often be foretold wrongly.
     *
     * @param hashes of up to 64 keys
     * @param from where the first one is
     * @param to behind the last one
     * @return bit i is set when the signature of the key at {@code from + i} is not there
     */
    long findAll(int[] hashes, int from, int to) {
        long start = start();
        long many = many();
        long none = 0;
        for (int i = from; i < to; i++) {
            int hash = hashes[i];
            long at = at(start, many, hash);
            int found = findAt(at, signature(hash));
            int set = getShort(at + SETS + (found & ENTRIES - 1L) * Short.BYTES) & ~CROWDED & SIGNATURE;
            none |= (long) none(found) << i - from;
            hashes[i] = set ^ (set ^ hash) & -none(found);
        }
        return none;
    }

    private static int findAt(long at, int signature) {
        return VECTOR ? findByVector(at, signature) : findByWords(at, signature);
    }

    /** The number of the first entry that has a signature, or, when there is none, a number for which {@link #none} is 1. */
    private static int findByVector(long at, int signature) {
        return Integer.numberOfTrailingZeros(equalShorts(at, signature));
    }

    private static int findByWords(long at, int signature) {
        long marks = marksByWordsAt(at, signature);
        return slotByWords(marks) | (int) (~(marks | -marks) >>> 63) << 5;
    }

    /** As {@link #findByVector}, for tests. */
    int find(long bucket, int signature, boolean byVector) {
        return byVector ? findByVector(address(bucket), signature) : findByWords(address(bucket), signature);
    }

    /** 1 when nothing was found, else 0. */
    static int none(int found) {
        return found >>> 5;
    }

    /** Empties all buckets. */
    void clear() {
        for (long at = 0; at < (long) count * Lines.LINE; at += Long.BYTES) {
            setLong(address(at), 0);
        }
    }
}
