package dev.penstock.trie;

import dev.penstock.jit.Vectors;

/** Halves a burst of entries, which makes next hops and groups' numbers of them, and says which were odd. */
final class Halves {
    private static final boolean VECTOR = Vectors.readBy(Halves.class.getModule()::addReads) && HalvesVector.isWide();

    private Halves() {}

    /** Up to 64 of them, as unsigned numbers. */
    static long longs(long[] entries, int from, int to) {
        return VECTOR ? HalvesVector.longs(entries, from, to) : scalarLongs(entries, from, from, to);
    }

    /** Up to 64 of them, as signed numbers. */
    static long ints(int[] entries, int from, int to) {
        return VECTOR ? HalvesVector.ints(entries, from, to) : scalarInts(entries, from, from, to);
    }

    /** Those from {@code at} on; bit 0 of the answer is that of {@code from}. */
    static long scalarLongs(long[] entries, int from, int at, int to) {
        long odd = 0;
        for (int i = at; i < to; i++) {
            long entry = entries[i];
            odd |= (entry & 1) << i - from;
            entries[i] = entry >>> 1;
        }
        return odd;
    }

    static long scalarInts(int[] entries, int from, int at, int to) {
        long odd = 0;
        for (int i = at; i < to; i++) {
            int entry = entries[i];
            odd |= (long) (entry & 1) << i - from;
            entries[i] = entry >> 1;
        }
        return odd;
    }
}
