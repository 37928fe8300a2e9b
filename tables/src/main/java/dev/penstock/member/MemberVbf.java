package dev.penstock.member;

import java.util.Arrays;
import java.util.Objects;

/**
 * A vector of Bloom filters, one a set (DPDK: rte_member, type vBF): the sets' bits of one position share a word, so that
 * one look-up asks all sets at once. A key can't be taken out. For one thread, or many that only look up.
 */
public final class MemberVbf {
    private final int keyLength;
    private final int sets;
    private final int seed;
    private final int hashes;
    /** Each position has a bit of each set, 1, 2, 4, 8, 16 or 32 of them; this is the logarithm. */
    private final int setBits;
    private final int setMask;
    /** A power of two of them: with more bits than are needed fewer hashes do, and a mask makes a position of a hash. */
    private final int[] words;

    /**
     * Makes empty filters.
     *
     * @param sets how many, 1 to 32
     * @param keys in all sets together, 1 to 2^26, as many in each; a set with more has more false positives
     * @param keyLength bytes of a key, 1 or more
     * @param falsePositives how often a key that is in no set may seem to be in one, more than 0, less than 1
     * @param seed different for independent summaries
     * @throws IllegalArgumentException when a number is out of range
     */
    public MemberVbf(int sets, int keys, int keyLength, double falsePositives, int seed) {
        if (sets < 1 || sets > 32 || keys < 1 || keys > 1 << 26 || keyLength < 1
                || !(falsePositives > 0 && falsePositives < 1)) {
            throw new IllegalArgumentException("vector of " + sets + " Bloom filters for " + keys + " keys of " + keyLength
                    + " bytes, false positives " + falsePositives
                    + "; give 1 to 32 sets, 1 to 2^26 keys, 1 byte or more, a rate between 0 and 1");
        }
        this.sets = sets;
        this.keyLength = keyLength;
        this.seed = seed;
        int inOne = (keys + sets - 1) / sets;
        // A false positive in any set is one.
        double perSet = 1 - Math.pow(1 - falsePositives, 1.0 / sets);
        double bits = -inOne * Math.log(perSet) / (Math.log(2) * Math.log(2));
        if (bits > 1 << 30) {
            throw new IllegalArgumentException(keys + " keys with false positives of " + falsePositives + " need "
                    + (long) bits + " bits; there may be 2^30");
        }
        setBits = Integer.SIZE - Integer.numberOfLeadingZeros(sets - 1);
        setMask = (int) ((1L << (1 << setBits)) - 1);
        int positions = Integer.highestOneBit(Math.max(64, (int) Math.ceil(bits)) * 2 - 1);
        words = new int[positions >>> 5 - setBits];
        hashes = hashes((double) inOne / positions, perSet);
    }

    /** The least number of hashes by which a key that is not there seems so no more often than that, else the best number. */
    private static int hashes(double keysPerPosition, double falsePositives) {
        long best = Math.round(Math.log(2) / keysPerPosition);
        int hashes = 1;
        while (hashes < best && Math.pow(1 - Math.exp(-hashes * keysPerPosition), hashes) > falsePositives) {
            hashes++;
        }
        return hashes;
    }

    private long hash(byte[] key, int offset) {
        return KeyHash.of(key, offset, keyLength, seed);
    }

    /** Where a walk begins: the bit of its first position's first set. What exceeds the filters is masked away. */
    private long start(long hash) {
        return (hash & 0xffff_ffffL) << setBits;
    }

    /** The steps of a walk, in bits (Kirsch and Mitzenmacher, "Less hashing, same performance"). */
    private long step(long hash) {
        return (hash >>> Integer.SIZE | 1) << setBits;
    }

    private static int word(int[] of, long at) {
        return (int) (at >>> 5) & of.length - 1;
    }

    /** The sets' bits of a position, in the lower bits. */
    private static int bits(int[] of, long at) {
        return of[word(of, at)] >>> (int) at;
    }

    /**
     * Adds a key to a set.
     *
     * @param key array that holds it
     * @param offset of its first byte
     * @param set the set's number, 1 to the number of sets
     * @throws IllegalArgumentException when there is no such set
     */
    public void add(byte[] key, int offset, int set) {
        if (set < 1 || set > sets) {
            throw new IllegalArgumentException("set " + set + "; give 1 to " + sets);
        }
        long hash = hash(key, offset);
        long step = step(hash);
        long at = start(hash) + set - 1;
        int[] of = words;
        int left = hashes;
        for (; left >= 4; left -= 4, at += 4 * step) {
            mark(of, at);
            mark(of, at + step);
            mark(of, at + 2 * step);
            mark(of, at + 3 * step);
        }
        for (; left > 0; left--, at += step) {
            mark(of, at);
        }
    }

    private static void mark(int[] of, long at) {
        of[word(of, at)] |= 1 << (int) at;
    }

    /**
     * Finds the sets that a key may be in.
     *
     * @param key array that holds it
     * @param offset of its first byte
     * @return bit i is set for set i + 1; 0 when it is in none for sure
     */
    public int lookup(byte[] key, int offset) {
        long hash = hash(key, offset);
        return walk(words, start(hash), step(hash));
    }

    /** Four loads under way at once, and no question in between: a wrong guess costs more than they do. */
    private int walk(int[] of, long from, long step) {
        int n = hashes;
        if (n < 4) {
            return setMask & rest(of, from, step, n);
        }
        int in = bits(of, from) & bits(of, from + step) & bits(of, from + 2 * step) & bits(of, from + 3 * step);
        return setMask & (n == 4 ? in : in & rest(of, from + 4 * step, step, n - 4));
    }

    private static int rest(int[] of, long from, long step, int n) {
        int in = -1;
        long at = from;
        for (int left = n; left > 0; left--, at += step) {
            in &= bits(of, at);
        }
        return in;
    }

    /**
     * Finds the sets of many keys.
     *
     * @param keys array that holds them
     * @param offset of the first one's first byte
     * @param stride bytes from one to the next
     * @param found gets each one's sets, as {@link #lookup} gives them
     * @param n how many
     * @return how many are in a set
     * @throws IndexOutOfBoundsException when an array is shorter than that
     */
    public int lookupBulk(byte[] keys, int offset, int stride, int[] found, int n) {
        Objects.checkFromIndexSize(0, n, found.length);
        int hits = 0;
        for (int i = 0; i < n; i++) {
            int in = lookup(keys, offset + i * stride);
            found[i] = in;
            hits -= (in | -in) >> 31;
        }
        return hits;
    }

    /**
     * Gives the numbers of the sets that a key may be in.
     *
     * @param key array that holds it
     * @param offset of its first byte
     * @param sets gets their numbers, from 1 on, as many as it holds
     * @return how many
     */
    public int lookupMulti(byte[] key, int offset, int[] sets) {
        int n = 0;
        for (int in = lookup(key, offset); in != 0 && n < sets.length; in &= in - 1) {
            sets[n++] = Integer.numberOfTrailingZeros(in) + 1;
        }
        return n;
    }

    /** Empties all sets. */
    public void reset() {
        Arrays.fill(words, 0);
    }
}
