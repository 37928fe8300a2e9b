package dev.penstock.acl;

import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.LongVector;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorSpecies;

/**
 * Compares one field of a packet with what {@link Blocks#SIZE} rules say of it; the SIMD twin of {@link Classifier}'s
 * rangeApart and maskedApart. Loaded only where the module of the Vector API is.
 */
final class AclVector {
    private static final VectorSpecies<Integer> INTS = IntVector.SPECIES_PREFERRED;
    private static final VectorSpecies<Long> LONGS = LongVector.SPECIES_PREFERRED;
    private static final VectorSpecies<Long> ROW = LongVector.SPECIES_256;

    private AclVector() {}

    /** Whether this processor's vectors hold at least eight rules' words, and no more than a block. */
    static boolean isWide() {
        return INTS.length() >= 8 && INTS.length() <= Blocks.SIZE;
    }

    /** Bits of the rules whose range a value is in; the ranges' beginnings lie at {@code at}, how long they are behind them. */
    static int within(int[] words, int at, int value) {
        int bits = 0;
        for (int i = 0; i < Blocks.SIZE; i += INTS.length()) {
            IntVector above = IntVector.broadcast(INTS, value).sub(IntVector.fromArray(INTS, words, at + i));
            bits |= (int) above.compare(VectorOperators.ULE, IntVector.fromArray(INTS, words, at + Blocks.SIZE + i)).toLong() << i;
        }
        return bits;
    }

    /** Bits of the rules that a value agrees with in the bits of their masks; these lie behind the wanted values. */
    static int masked(int[] words, int at, int value) {
        int bits = 0;
        for (int i = 0; i < Blocks.SIZE; i += INTS.length()) {
            IntVector masked = IntVector.fromArray(INTS, words, at + Blocks.SIZE + i).and(value);
            bits |= (int) masked.compare(VectorOperators.EQ, IntVector.fromArray(INTS, words, at + i)).toLong() << i;
        }
        return bits;
    }

    /** The same where how long a range is stands in the upper half of its word. */
    static int withinSmall(int[] words, int at, int value) {
        int bits = 0;
        for (int i = 0; i < Blocks.SIZE; i += INTS.length()) {
            IntVector both = IntVector.fromArray(INTS, words, at + i);
            IntVector above = IntVector.broadcast(INTS, value).sub(both.and(0xffff));
            bits |= (int) above.compare(VectorOperators.ULE, both.lanewise(VectorOperators.LSHR, Short.SIZE)).toLong() << i;
        }
        return bits;
    }

    /** The same where a mask stands in the upper half of its wanted value. */
    static int maskedSmall(int[] words, int at, int value) {
        int bits = 0;
        for (int i = 0; i < Blocks.SIZE; i += INTS.length()) {
            IntVector both = IntVector.fromArray(INTS, words, at + i);
            IntVector masked = both.lanewise(VectorOperators.LSHR, Short.SIZE).and(value);
            bits |= (int) masked.compare(VectorOperators.EQ, both.and(0xffff)).toLong() << i;
        }
        return bits;
    }

    static int within(long[] words, int at, long value) {
        int bits = 0;
        for (int i = 0; i < Blocks.SIZE; i += LONGS.length()) {
            LongVector above = LongVector.broadcast(LONGS, value).sub(LongVector.fromArray(LONGS, words, at + i));
            bits |= (int) above.compare(VectorOperators.ULE, LongVector.fromArray(LONGS, words, at + Blocks.SIZE + i)).toLong() << i;
        }
        return bits;
    }

    static int masked(long[] words, int at, long value) {
        int bits = 0;
        for (int i = 0; i < Blocks.SIZE; i += LONGS.length()) {
            LongVector masked = LongVector.fromArray(LONGS, words, at + Blocks.SIZE + i).and(value);
            bits |= (int) masked.compare(VectorOperators.EQ, LongVector.fromArray(LONGS, words, at + i)).toLong() << i;
        }
        return bits;
    }

    /** Four times the same word. */
    static LongVector all(long word) {
        return LongVector.broadcast(ROW, word);
    }

    /** What is set in four words of a row of {@link Bitmaps} too. */
    static LongVector and(LongVector words, long[] rows, int at) {
        return words.and(LongVector.fromArray(ROW, rows, at));
    }

    /** Bits of those words that are not 0. */
    static int some(LongVector words) {
        return (int) words.compare(VectorOperators.NE, 0).toLong();
    }
}
