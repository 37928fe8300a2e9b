package dev.penstock.mbuf;

import dev.penstock.raw.RawMemory;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import jdk.incubator.vector.ByteVector;
import jdk.incubator.vector.VectorSpecies;

/** The SIMD twin of {@link FrameStore}'s copy; loaded only where the module of the Vector API is. */
final class FrameCopyVector {
    private static final MemorySegment ALL = RawMemory.ALL;
    private static final ByteOrder ORDER = ByteOrder.nativeOrder();
    private static final VectorSpecies<Byte> SPECIES = ByteVector.SPECIES_256;

    private FrameCopyVector() {}

    /**
     * Copies 32 bytes of checked memory.
     *
     * <p>The memory may be a peer's, who cuts its file meanwhile. The JVM makes an error of that fault in compiled code of which it knows
     * that it touches foreign memory, and ends the process in all other. A vector does not tell it so, and nothing else may be
     * left in the same code: hence the single read, which the JIT sees, notes and drops.
     */
    static void copy32(long from, long to) {
        ALL.get(ValueLayout.JAVA_BYTE, from);
        ByteVector.fromMemorySegment(SPECIES, ALL, from, ORDER).intoMemorySegment(ALL, to, ORDER);
    }
}
