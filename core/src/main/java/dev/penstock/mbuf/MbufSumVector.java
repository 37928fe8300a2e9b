package dev.penstock.mbuf;

import dev.penstock.raw.RawMemory;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import jdk.incubator.vector.LongVector;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorSpecies;

/** The SIMD twin of {@link MbufSum}'s loop; loaded only where the module of the Vector API is. */
final class MbufSumVector {
    private static final MemorySegment ALL = RawMemory.ALL;
    private static final ByteOrder ORDER = ByteOrder.nativeOrder();
    private static final VectorSpecies<Long> SPECIES = LongVector.SPECIES_PREFERRED;
    private static final int WIDTH = SPECIES.vectorByteSize();
    /** Sums are taken in steps of this many bytes. */
    static final int STEP = 2 * WIDTH;

    private MbufSumVector() {}

    /** Whether this processor's vectors are wide enough to gain anything. */
    static boolean isWide() {
        return WIDTH >= 32;
    }

    /** Sums checked memory whose length is a multiple of {@link #STEP}. */
    static long sum(long address, int length) {
        // dropped by the JIT, which then knows that this touches foreign memory: see FrameCopyVector
        ALL.get(ValueLayout.JAVA_BYTE, address);
        LongVector even = LongVector.zero(SPECIES);
        LongVector odd = LongVector.zero(SPECIES);
        for (int i = 0; i < length; i += STEP) {
            LongVector a = LongVector.fromMemorySegment(SPECIES, ALL, address + i, ORDER);
            LongVector b = LongVector.fromMemorySegment(SPECIES, ALL, address + i + WIDTH, ORDER);
            even = even.add(a.and(0xffff_ffffL)).add(a.lanewise(VectorOperators.LSHR, 32));
            odd = odd.add(b.and(0xffff_ffffL)).add(b.lanewise(VectorOperators.LSHR, 32));
        }
        return even.add(odd).reduceLanes(VectorOperators.ADD);
    }
}
