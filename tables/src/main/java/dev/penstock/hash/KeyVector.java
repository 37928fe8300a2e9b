package dev.penstock.hash;

import java.lang.foreign.MemorySegment;
import java.nio.ByteOrder;
import jdk.incubator.vector.ByteVector;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorSpecies;

/** The SIMD twin of comparing a key's first four words: {@link Slots#matches}. Loaded only where the module of the Vector API is. */
final class KeyVector {
    /** Bytes compared at once. */
    static final int BYTES = 32;
    private static final VectorSpecies<Byte> SPECIES = ByteVector.SPECIES_256;
    private static final ByteOrder ORDER = ByteOrder.nativeOrder();

    private KeyVector() {}

    /** Whether the bytes are the same; words in memory are in the processor's order, which is little-endian where vectors are this wide. */
    static boolean same(MemorySegment memory, long at, byte[] key, int offset) {
        return !ByteVector.fromMemorySegment(SPECIES, memory, at, ORDER)
                .compare(VectorOperators.NE, ByteVector.fromArray(SPECIES, key, offset)).anyTrue();
    }
}
