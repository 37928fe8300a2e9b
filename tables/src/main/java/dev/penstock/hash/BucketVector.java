package dev.penstock.hash;

import java.lang.foreign.MemorySegment;
import java.nio.ByteOrder;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorSpecies;

/** The SIMD twin of {@link Buckets#matches}: a bucket's entries at once. Loaded only where the module of the Vector API is. */
final class BucketVector {
    private static final VectorSpecies<Integer> SPECIES = IntVector.SPECIES_256;
    private static final ByteOrder ORDER = ByteOrder.nativeOrder();

    private BucketVector() {}

    /** Whether this processor's vectors hold a bucket. */
    static boolean isWide() {
        return IntVector.SPECIES_PREFERRED.length() >= Buckets.ENTRIES;
    }

    static int matches(MemorySegment memory, long at, int mask, int wanted) {
        return (int) IntVector.fromMemorySegment(SPECIES, memory, at, ORDER).and(mask).compare(VectorOperators.EQ, wanted).toLong();
    }
}
