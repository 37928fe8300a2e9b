package dev.penstock.lines;

import dev.penstock.jit.Vectors;
import dev.penstock.raw.RawMemory;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.VarHandle;

/**
 * A table's memory in whole cache lines, read and written without a check against its bounds. So every offset is made of a masked
 * hash, or of a number that the table itself gave out; what comes from a caller is checked before. The memory goes when nobody can
 * reach the block any more; so a public method of a table ends with a reachability fence for the table.
 */
public abstract class Block {
    private static final MemorySegment ALL = RawMemory.ALL;
    private static final VarHandle INT = Lines.INT;
    private static final VarHandle LONG = Lines.LONG;
    private static final VarHandle ANY_SHORT = ValueLayout.JAVA_SHORT_UNALIGNED.varHandle();
    private static final VarHandle ANY_INT = ValueLayout.JAVA_INT_UNALIGNED.varHandle();
    private static final VarHandle ANY_LONG = ValueLayout.JAVA_LONG_UNALIGNED.varHandle();

    /** No address has more bits. An address that is known to have no more is compared with no bound: the JIT sees that it is in range. */
    private static final long ADDRESS = -1L >>> 8;

    private final MemorySegment memory;
    private final long start;

    /**
     * Takes zeroed memory.
     *
     * @param bytes how much
     */
    protected Block(long bytes) {
        memory = Lines.of(bytes);
        start = memory.address();
    }

    /**
     * Where something is.
     *
     * @param at its offset
     * @return its address, for the other methods, to which constants may be added
     */
    protected final long address(long at) {
        return start + at & ADDRESS;
    }

    /**
     * Where the memory begins, for loops: to it an offset may be added that the JIT knows not to be negative, as an int without its sign,
     * and no mask is needed for each.
     *
     * @return the address
     */
    protected final long start() {
        return start & ADDRESS;
    }

    /** @return the short there */
    protected static short getShort(long address) {
        return (short) ANY_SHORT.get(ALL, address);
    }

    /** Writes a short, anywhere. */
    protected static void setShort(long address, int value) {
        ANY_SHORT.set(ALL, address, (short) value);
    }

    /** @return the int there */
    protected static int getInt(long address) {
        return (int) ANY_INT.get(ALL, address);
    }

    /** Writes an int, anywhere. */
    protected static void setInt(long address, int value) {
        ANY_INT.set(ALL, address, value);
    }

    /** @return the long there */
    protected static long getLong(long address) {
        return (long) ANY_LONG.get(ALL, address);
    }

    /** Writes a long, anywhere. */
    protected static void setLong(long address, long value) {
        ANY_LONG.set(ALL, address, value);
    }

    /** @return whether {@link #equalInts} and what compares bytes may be called; to be asked once, and kept in a constant */
    protected static boolean hasVectors() {
        return Vectors.readBy(Block.class.getModule()::addReads) && BlockVector.isWide();
    }

    /**
     * Compares eight ints, which lie one behind the other, by one vector.
     *
     * @param address of the first one
     * @param mask the bits that are compared
     * @param wanted what they are compared with
     * @return bit i is set when int i is equal
     */
    protected static int equalInts(long address, int mask, int wanted) {
        return BlockVector.equal(ALL, address, mask, wanted);
    }

    /**
     * Compares 16 shorts, which lie one behind the other, by one vector.
     *
     * @param address of the first one
     * @param wanted what they are compared with
     * @return bit i is set when short i is equal
     */
    protected static int equalShorts(long address, int wanted) {
        return BlockVector.equalShorts(ALL, address, wanted);
    }

    /**
     * Compares up to 16 bytes by one vector, for which 16 have to be there on both sides.
     *
     * @param address of the first one
     * @param bytes what they are compared with
     * @param offset of the first one of those
     * @param length how many are compared, 1 to 16
     * @return whether they are equal
     */
    protected static boolean equalBytes(long address, byte[] bytes, int offset, int length) {
        return BlockVector.equal(ALL, address, bytes, offset, length);
    }

    /**
     * Compares 17 to 32 bytes by two vectors, which overlap.
     *
     * @param address of the first one
     * @param bytes what they are compared with
     * @param offset of the first one of those
     * @param last where the last 16 begin, behind the first one
     * @return whether they are equal
     */
    protected static boolean equal32(long address, byte[] bytes, int offset, int last) {
        return BlockVector.equal32(ALL, address, bytes, offset, last);
    }

    /**
     * Compares 33 to 64 bytes by two vectors, which overlap.
     *
     * @param address of the first one
     * @param bytes what they are compared with
     * @param offset of the first one of those
     * @param last where the last 32 begin, behind the first one
     * @return whether they are equal
     */
    protected static boolean equal64(long address, byte[] bytes, int offset, int last) {
        return BlockVector.equal64(ALL, address, bytes, offset, last);
    }

    /** @return the int at a multiple of 4, with acquire semantics */
    protected static int getIntAcquire(long address) {
        return (int) INT.getAcquire(ALL, address);
    }

    /** Writes an int at a multiple of 4, with release semantics. */
    protected static void setIntRelease(long address, int value) {
        INT.setRelease(ALL, address, value);
    }

    /** Writes a long at a multiple of 8, with release semantics. */
    protected static void setLongRelease(long address, long value) {
        LONG.setRelease(ALL, address, value);
    }
}
