package dev.penstock.member;

import dev.penstock.hash.HashFunction;
import java.util.Arrays;

/**
 * A vector of Bloom filters, one a set (DPDK: rte_member, type vBF): the sets' bits of one position share a word, so that
 * one look-up asks all sets at once. A key can't be taken out. For one thread, or many that only look up.
 */
public final class MemberVbf {
    private final int keyLength;
    private final int sets;
    private final int seed;
    private final int hashes;
    private final int positions;
    /** Each position has a bit of each set, 1, 2, 4, 8, 16 or 32 of them; this is the logarithm. */
    private final int setBits;
    private final int setMask;
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
        positions = Math.max(64, (int) Math.ceil(bits));
        setBits = 32 - Integer.numberOfLeadingZeros(sets - 1);
        setMask = (int) ((1L << (1 << setBits)) - 1);
        words = new int[(int) (((long) positions << setBits) + 31 >>> 5)];
        hashes = Math.max(1, Math.min(32, (int) Math.round(bits / inOne * Math.log(2))));
    }

    /** The i-th position (Kirsch and Mitzenmacher, "Less hashing, same performance"): a walk of even steps. */
    private int at(int first, int step, int i) {
        return (int) ((first + i * step & 0xffff_ffffL) * positions >>> 32);
    }

    /** The sets' bits of a position, in the lower bits. */
    private int bits(int at) {
        return words[(int) ((long) at << setBits >>> 5)] >>> (at << setBits);
    }

    private int first(byte[] key, int offset) {
        return HashFunction.MULTIPLY.hash(key, offset, keyLength, seed);
    }

    /** The steps of a walk, made of its first position's hash and not of the key once more. */
    private static int step(int first) {
        int step = (first ^ first >>> 16) * 0x85eb_ca6b;
        return (step ^ step >>> 13) * 0xc2b2_ae35 | 1;
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
        int first = first(key, offset);
        int step = step(first);
        for (int i = 0; i < hashes; i++) {
            int at = at(first, step, i);
            words[(int) ((long) at << setBits >>> 5)] |= 1 << (at << setBits) + set - 1;
        }
    }

    /**
     * Finds the sets that a key may be in.
     *
     * @param key array that holds it
     * @param offset of its first byte
     * @return bit i is set for set i + 1; 0 when it is in none for sure
     */
    public int lookup(byte[] key, int offset) {
        int first = first(key, offset);
        int step = step(first);
        int in = setMask;
        int i = 0;
        // Four loads under way at once, then a question.
        for (; i + 4 <= hashes && in != 0; i += 4) {
            in &= bits(at(first, step, i)) & bits(at(first, step, i + 1)) & bits(at(first, step, i + 2)) & bits(at(first, step, i + 3));
        }
        for (; i < hashes && in != 0; i++) {
            in &= bits(at(first, step, i));
        }
        return in;
    }

    /**
     * Finds the sets of keys that lie one behind the other.
     *
     * @param keys array that holds them
     * @param offset of the first one's first byte
     * @param found gets each one's sets, as {@link #lookup} gives them
     * @param n how many
     * @return how many are in a set
     */
    public int lookupBulk(byte[] keys, int offset, int[] found, int n) {
        int hits = 0;
        for (int i = 0; i < n; i++) {
            found[i] = lookup(keys, offset + i * keyLength);
            hits += found[i] != 0 ? 1 : 0;
        }
        return hits;
    }

    /** Empties all sets. */
    public void reset() {
        Arrays.fill(words, 0);
    }
}
