package dev.penstock.member;

import java.lang.foreign.MemorySegment;
import java.nio.ByteOrder;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorSpecies;

/** The SIMD twin of {@link MemberHt#bits}: a bucket's entries at once. Loaded only where the module of the Vector API is. */
final class MemberVector {
    private static final VectorSpecies<Integer> SPECIES = IntVector.SPECIES_PREFERRED;

    private static final ByteOrder ORDER = ByteOrder.nativeOrder();

    private MemberVector() {}

    /** Whether this processor's vectors hold at least eight entries, and no more than a bucket. */
    static boolean isWide() {
        return SPECIES.length() >= 8 && SPECIES.length() <= MemberHt.ENTRIES;
    }

    static int bits(MemorySegment memory, long at, int mask, int wanted) {
        int bits = 0;
        for (int i = 0; i < MemberHt.ENTRIES; i += SPECIES.length()) {
            bits |= (int) IntVector.fromMemorySegment(SPECIES, memory, at + 4 * i, ORDER).and(mask)
                    .compare(VectorOperators.EQ, wanted).toLong() << i;
        }
        return bits;
    }
}
