package dev.penstock.acl;

import java.util.Arrays;

/**
 * Rules that all fix the same first bits of some fields, in buckets by a hash of these bits, as in the tuple space search of
 * Srinivasan, Suri and Varghese: a packet meets those of one bucket, mostly none or one. Buckets lie one behind the other;
 * the sign bit marks the last rule of one, and an empty bucket begins at 0, where a rule stands that is none.
 */
final class Buckets {
    /** Marks the last rule of a bucket. */
    static final int LAST = 1 << 31;

    private static final long[] FACTORS = {0x9e37_79b9_7f4a_7c15L, 0xc2b2_ae3d_27d4_eb4fL, 0x1656_67b1_9e37_79f9L, 0xd6e8_feb8_6659_fd93L};
    private static final int LEAST_BITS = 4;
    /** Bits of a start that are of the hash, so that hardly a packet without its bits asks for a rule. */
    static final int TAG_BITS = 10;
    private static final int TAG = (1 << TAG_BITS) - 1;
    /** The tag of a bucket that has rules of several, and that of an empty one. */
    private static final int ANY = 0;
    private static final int EMPTY = TAG;

    /** By word of the {@link Packing}, the bits that are hashed. */
    final long[] masks;
    /** The hash has so many bits. */
    final int bits;
    /** By hash, where its rules begin, above their tag. */
    final int[] starts;
    /** The rules' ranks, ascending within a bucket, with {@link #LAST}. */
    final int[] ranks;
    /** The least rank. */
    final int best;

    /**
     * Puts rules into buckets.
     *
     * @param words what the rules say of the packed words, those of one rule one behind the other
     * @param masks the bits that all of them fix
     * @param rules their ranks, ascending, one or more
     */
    Buckets(long[] words, long[] masks, int[] rules) {
        this.masks = masks;
        best = rules[0];
        bits = Math.max(LEAST_BITS, 33 - Integer.numberOfLeadingZeros(rules.length));
        int[] hashes = new int[rules.length];
        int[] counts = new int[1 << bits];
        int[] tags = new int[1 << bits];
        Arrays.fill(tags, EMPTY);
        for (int i = 0; i < rules.length; i++) {
            int tagged = tagged(words, rules[i] * masks.length);
            int hash = tagged >>> TAG_BITS;
            hashes[i] = hash;
            counts[hash]++;
            tags[hash] = tags[hash] == EMPTY || tags[hash] == tag(tagged) ? tag(tagged) : ANY;
        }
        starts = new int[1 << bits];
        int[] next = new int[1 << bits];
        int at = 1;
        for (int h = 0; h < counts.length; h++) {
            starts[h] = (counts[h] == 0 ? 0 : at << TAG_BITS) | tags[h];
            next[h] = at;
            at += counts[h];
        }
        ranks = new int[at];
        ranks[0] = Classifier.NONE | LAST;
        for (int i = 0; i < rules.length; i++) {
            boolean last = --counts[hashes[i]] == 0;
            ranks[next[hashes[i]]++] = last ? rules[i] | LAST : rules[i];
        }
    }

    static long factor(int word) {
        return FACTORS[word % FACTORS.length] + 2L * (word / FACTORS.length);
    }

    static long mixed(long[] masks, long[] words, int at) {
        long sum = 0;
        for (int w = 0; w < masks.length; w++) {
            sum += (words[at + w] & masks[w]) * factor(w);
        }
        return sum;
    }

    private static int tag(int tagged) {
        return Math.min(Math.max(tagged & TAG, ANY + 1), EMPTY - 1);
    }

    /** Whether a start may have rules for a hash with its tag, 1 or 0, without a branch. */
    static int mayHave(int start, int tagged) {
        int tag = start & TAG;
        return (tag - 1 | (tag ^ tag(tagged)) - 1) >>> 31;
    }

    /** By how much {@link #mixed} is to be shifted for a hash with its tag. */
    int shift() {
        return Long.SIZE - bits - TAG_BITS;
    }

    private int tagged(long[] words, int at) {
        return (int) (mixed(masks, words, at) >>> shift());
    }

    /** Where the rules for packed words begin; 0 when there are none. */
    int start(long[] words, int at) {
        int tagged = tagged(words, at);
        int start = starts[tagged >>> TAG_BITS];
        return (start >>> TAG_BITS) & -mayHave(start, tagged);
    }

    /** Bytes that so many rules take. */
    static long bytes(int rules) {
        return Integer.BYTES * (rules + (long) (1 << Math.max(LEAST_BITS, 33 - Integer.numberOfLeadingZeros(rules))));
    }

    long bytes() {
        return Integer.BYTES * ((long) starts.length + ranks.length);
    }

    @Override
    public String toString() {
        return ranks.length - 1 + " rules by " + Arrays.stream(masks).mapToObj(Long::toHexString).toList();
    }
}
