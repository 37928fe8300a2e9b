package dev.penstock.lines;

import java.lang.foreign.MemorySegment;
import java.nio.ByteOrder;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorSpecies;

/** What a {@link Block} does by vectors. Loaded only where the module of the Vector API is. */
final class BlockVector {
    private static final ByteOrder ORDER = ByteOrder.nativeOrder();
    private static final VectorSpecies<Integer> SPECIES = IntVector.SPECIES_256;

    private BlockVector() {}

    /** Whether this processor's vectors hold eight ints. */
    static boolean isWide() {
        return IntVector.SPECIES_PREFERRED.vectorByteSize() >= SPECIES.vectorByteSize();
    }

    static int equal(MemorySegment all, long address, int mask, int wanted) {
        return (int) IntVector.fromMemorySegment(SPECIES, all, address, ORDER).and(mask).compare(VectorOperators.EQ, wanted).toLong();
    }
}
