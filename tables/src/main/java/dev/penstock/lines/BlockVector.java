package dev.penstock.lines;

import java.lang.foreign.MemorySegment;
import java.nio.ByteOrder;
import java.util.Arrays;
import jdk.incubator.vector.ByteVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.ShortVector;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorSpecies;

/** What a {@link Block} does by vectors. Loaded only where the module of the Vector API is. */
final class BlockVector {
    private static final ByteOrder ORDER = ByteOrder.nativeOrder();
    private static final VectorSpecies<Integer> SPECIES = IntVector.SPECIES_256;
    private static final VectorSpecies<Short> SHORTS = ShortVector.SPECIES_256;
    private static final VectorSpecies<Byte> HALF = ByteVector.SPECIES_128;
    private static final VectorSpecies<Byte> WHOLE = ByteVector.SPECIES_256;
    /** From 16 - n on: n bytes of ones, and zeros. */
    private static final byte[] MASKS = Arrays.copyOf(ones(HALF.length()), 2 * HALF.length());

    private BlockVector() {}

    /** Whether this processor's vectors hold eight ints. */
    static boolean isWide() {
        return IntVector.SPECIES_PREFERRED.vectorByteSize() >= SPECIES.vectorByteSize();
    }

    static int equal(MemorySegment all, long address, int mask, int wanted) {
        return (int) IntVector.fromMemorySegment(SPECIES, all, address, ORDER).and(mask).compare(VectorOperators.EQ, wanted).toLong();
    }

    static int equalShorts(MemorySegment all, long address, int wanted) {
        return (int) ShortVector.fromMemorySegment(SHORTS, all, address, ORDER).eq((short) wanted).toLong();
    }

    private static byte[] ones(int n) {
        byte[] ones = new byte[n];
        Arrays.fill(ones, (byte) -1);
        return ones;
    }

    static boolean equal(MemorySegment all, long address, byte[] bytes, int offset, int length) {
        return ByteVector.fromArray(HALF, bytes, offset).lanewise(VectorOperators.XOR, ByteVector.fromMemorySegment(HALF, all, address, ORDER))
                .and(ByteVector.fromArray(HALF, MASKS, HALF.length() - length)).eq((byte) 0).allTrue();
    }

    static boolean equal32(MemorySegment all, long address, byte[] bytes, int offset, int last) {
        return ByteVector.fromArray(HALF, bytes, offset).eq(ByteVector.fromMemorySegment(HALF, all, address, ORDER))
                .and(ByteVector.fromArray(HALF, bytes, offset + last).eq(ByteVector.fromMemorySegment(HALF, all, address + last, ORDER))).allTrue();
    }

    static boolean equal64(MemorySegment all, long address, byte[] bytes, int offset, int last) {
        return ByteVector.fromArray(WHOLE, bytes, offset).eq(ByteVector.fromMemorySegment(WHOLE, all, address, ORDER))
                .and(ByteVector.fromArray(WHOLE, bytes, offset + last).eq(ByteVector.fromMemorySegment(WHOLE, all, address + last, ORDER))).allTrue();
    }
}
