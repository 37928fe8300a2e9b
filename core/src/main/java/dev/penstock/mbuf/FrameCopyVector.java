package dev.penstock.mbuf;

import dev.penstock.raw.RawMemory;
import java.lang.foreign.MemorySegment;
import java.nio.ByteOrder;
import jdk.incubator.vector.ByteVector;
import jdk.incubator.vector.VectorSpecies;

/** The SIMD twin of {@link FrameStore}'s copy; loaded only where the module of the Vector API is. */
final class FrameCopyVector {
    private static final MemorySegment ALL = RawMemory.ALL;
    private static final ByteOrder ORDER = ByteOrder.nativeOrder();
    private static final VectorSpecies<Byte> SPECIES = ByteVector.SPECIES_256;

    private FrameCopyVector() {}

    /** Copies 32 bytes of checked memory. */
    static void copy32(long from, long to) {
        ByteVector.fromMemorySegment(SPECIES, ALL, from, ORDER).intoMemorySegment(ALL, to, ORDER);
    }
}
