package dev.penstock.hash;

import dev.penstock.hash.HashFunction.Words;

/**
 * The keys and their data: position p has its data at {@code words[p * stride]} and its key behind that, as
 * little-endian words. A key that is no multiple of 8 has its last 8 bytes in the last word; one shorter than 8 its
 * first 4 and last 4.
 */
final class Slots {
    final long[] words;
    final int stride;
    private final int keyLength;
    private final int whole;
    private final boolean rest;
    private final int[] free;
    private final long[] used;
    private int freeCount;

    Slots(int entries, int keyLength) {
        this.keyLength = keyLength;
        whole = keyLength >>> 3;
        rest = (keyLength & 7) != 0;
        stride = 1 + whole + (rest ? 1 : 0);
        if ((long) entries * stride > Integer.MAX_VALUE - 16) {
            throw new IllegalArgumentException(entries + " keys of " + keyLength + " bytes are more than one array holds; "
                    + "give at most " + (Integer.MAX_VALUE - 16) / stride + " entries");
        }
        words = new long[entries * stride];
        free = new int[entries];
        used = new long[(entries + 63) >>> 6];
        for (int i = 0; i < entries; i++) {
            free[i] = entries - 1 - i;
        }
        freeCount = entries;
    }

    int entries() {
        return free.length;
    }

    /** A position for a new key, or -1. */
    int take() {
        return freeCount == 0 ? -1 : free[--freeCount];
    }

    void fill(int position, byte[] key, int offset, long data) {
        int at = position * stride;
        words[at] = data;
        for (int i = 0; i < whole; i++) {
            words[at + 1 + i] = Words.longAt(key, offset + 8 * i);
        }
        if (rest) {
            words[at + 1 + whole] = last(key, offset);
        }
        used[position >>> 6] |= 1L << position;
    }

    /** From now on the position is no key's; it is not yet free. */
    void drop(int position) {
        used[position >>> 6] &= ~(1L << position);
    }

    void free(int position) {
        free[freeCount++] = position;
    }

    boolean isUsed(int position) {
        return (used[position >>> 6] >>> position & 1) != 0;
    }

    /** The first used position from this one on, or -1. */
    int nextUsed(int from) {
        int word = from >>> 6;
        if (from < 0 || word >= used.length) {
            return -1;
        }
        long bits = used[word] & -1L << from;
        while (bits == 0) {
            if (++word == used.length) {
                return -1;
            }
            bits = used[word];
        }
        return word << 6 | Long.numberOfTrailingZeros(bits);
    }

    /** Reads both ends of a slot, so that it is in the cache when it is compared. */
    long touch(int position) {
        int at = position * stride;
        return words[at] + words[at + stride - 1];
    }

    boolean matches(int position, byte[] key, int offset) {
        int at = position * stride + 1;
        for (int i = 0; i < whole; i++) {
            if (words[at + i] != Words.longAt(key, offset + 8 * i)) {
                return false;
            }
        }
        return !rest || words[at + whole] == last(key, offset);
    }

    private long last(byte[] key, int offset) {
        if (keyLength > 8) {
            return Words.longAt(key, offset + keyLength - 8);
        }
        if (keyLength >= 4) {
            return Words.intAt(key, offset) & 0xffff_ffffL | (long) Words.intAt(key, offset + keyLength - 4) << 32;
        }
        return Words.tail(key, offset, keyLength);
    }

    void copyKey(int position, byte[] key, int offset) {
        int at = position * stride + 1;
        for (int i = 0; i < whole; i++) {
            Words.LONG.set(key, offset + 8 * i, words[at + i]);
        }
        if (rest) {
            long word = words[at + whole];
            if (keyLength > 8) {
                Words.LONG.set(key, offset + keyLength - 8, word);
            } else if (keyLength >= 4) {
                Words.INT.set(key, offset, (int) word);
                Words.INT.set(key, offset + keyLength - 4, (int) (word >>> 32));
            } else {
                for (int i = 0; i < keyLength; i++) {
                    key[offset + i] = (byte) (word >>> 8 * i);
                }
            }
        }
    }
}
