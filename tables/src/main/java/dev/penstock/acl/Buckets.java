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

    /** By word of the {@link Packing}, the bits that are hashed. */
    final long[] masks;
    /** The hash has so many bits. */
    final int bits;
    /** By hash, where its rules begin. */
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
        for (int i = 0; i < rules.length; i++) {
            hashes[i] = hash(words, rules[i] * masks.length);
            counts[hashes[i]]++;
        }
        starts = new int[1 << bits];
        int[] next = new int[1 << bits];
        int at = 1;
        for (int h = 0; h < counts.length; h++) {
            starts[h] = counts[h] == 0 ? 0 : at;
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

    /** The bucket of packed words. */
    int hash(long[] words, int at) {
        return (int) (mixed(masks, words, at) >>> Long.SIZE - bits);
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
