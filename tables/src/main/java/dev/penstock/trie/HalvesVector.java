package dev.penstock.trie;

import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.LongVector;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorSpecies;

/** The SIMD twin of {@link Halves}. Loaded only where the module of the Vector API is. */
final class HalvesVector {
    private static final VectorSpecies<Long> LONGS = LongVector.SPECIES_PREFERRED;
    private static final VectorSpecies<Integer> INTS = IntVector.SPECIES_PREFERRED;

    private HalvesVector() {}

    /** Whether vectors are wide enough to gain anything. */
    static boolean isWide() {
        return LONGS.length() >= 4;
    }

    static long longs(long[] entries, int from, int to) {
        long odd = 0;
        int i = from;
        for (; i <= to - LONGS.length(); i += LONGS.length()) {
            LongVector entry = LongVector.fromArray(LONGS, entries, i);
            odd |= entry.and(1).compare(VectorOperators.NE, 0).toLong() << i - from;
            entry.lanewise(VectorOperators.LSHR, 1).intoArray(entries, i);
        }
        return i < to ? odd | Halves.scalarLongs(entries, from, i, to) : odd;
    }

    static long ints(int[] entries, int from, int to) {
        long odd = 0;
        int i = from;
        for (; i <= to - INTS.length(); i += INTS.length()) {
            IntVector entry = IntVector.fromArray(INTS, entries, i);
            odd |= entry.and(1).compare(VectorOperators.NE, 0).toLong() << i - from;
            entry.lanewise(VectorOperators.ASHR, 1).intoArray(entries, i);
        }
        return i < to ? odd | Halves.scalarInts(entries, from, i, to) : odd;
    }
}
