package dev.penstock.efd;

import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorSpecies;

/** The SIMD twin of {@link EfdOnline#value}: all eight bits at once. Loaded only where the module of the Vector API is. */
final class EfdVector {
    private static final VectorSpecies<Integer> SPECIES = IntVector.SPECIES_256;

    private EfdVector() {}

    /** Whether this processor's vectors hold the eight words. */
    static boolean isWide() {
        return IntVector.SPECIES_PREFERRED.vectorByteSize() >= SPECIES.vectorByteSize();
    }

    static int value(int[] words, int at, int first, int second) {
        IntVector word = IntVector.fromArray(SPECIES, words, at);
        IntVector slot = word.lanewise(VectorOperators.LSHR, 16).mul(second).add(first >>> 16 ^ first << 16)
                .lanewise(VectorOperators.LSHR, 28);
        return (int) word.lanewise(VectorOperators.LSHR, slot).and(1).compare(VectorOperators.NE, 0).toLong();
    }
}
