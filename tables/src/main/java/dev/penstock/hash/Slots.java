package dev.penstock.hash;

import dev.penstock.hash.HashFunction.Words;
import dev.penstock.lines.Lines;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.VarHandle;

/**
 * The keys and their data, and which positions are free. A slot is its key's data and behind that the key in little-endian words. A key
 * that is no multiple of 8 has its last 8 bytes in the last word; one shorter than 8 its first 4 and last 4. Slots of up to
 * a line have a power of two of bytes, so none lies in two lines.
 */
final class Slots {
    /** Where the key of a slot begins; its data is at its start. */
    private static final int KEY = 8;
    private static final int USED = 0;
    private static final int FREE = 4;
    private static final int FIRST = Lines.APART;
    private static final long MOST = 1L << 34;
    private static final VarHandle INT = Lines.INT;
    private static final VarHandle LONG = Lines.LONG;

    private final MemorySegment memory;
    private final long slotBytes;
    private final int keyLength;
    private final int whole;
    private final boolean rest;
    private final int before;
    private final int[] free;
    private final long[] used;

    Slots(int entries, int keyLength) {
        this.keyLength = keyLength;
        whole = keyLength >>> 3;
        rest = (keyLength & 7) != 0;
        before = (keyLength - 1) >>> 3;
        int bytes = KEY + 8 * (whole + (rest ? 1 : 0));
        slotBytes = bytes > Lines.LINE ? bytes : Integer.highestOneBit(bytes - 1) << 1;
        if (entries * slotBytes > MOST) {
            throw new IllegalArgumentException(entries + " keys of " + keyLength + " bytes are more than 16 GB; give at most "
                    + MOST / slotBytes + " entries");
        }
        memory = Lines.of(FIRST + entries * slotBytes);
        free = new int[entries];
        used = new long[(entries + 63) >>> 6];
        for (int i = 0; i < entries; i++) {
            free[i] = entries - 1 - i;
        }
        INT.set(memory, (long) FREE, entries);
    }

    private long at(int position) {
        return FIRST + position * slotBytes;
    }

    int entries() {
        return free.length;
    }

    /** Keys there are. */
    int size() {
        return (int) INT.getOpaque(memory, (long) USED);
    }

    /** A position for a new key, or -1. */
    int take() {
        int count = (int) INT.get(memory, (long) FREE);
        if (count == 0) {
            return -1;
        }
        INT.set(memory, (long) FREE, count - 1);
        return free[count - 1];
    }

    void fill(int position, byte[] key, int offset, long data) {
        long at = at(position);
        LONG.set(memory, at, data);
        for (int i = 0; i < whole; i++) {
            LONG.set(memory, at + KEY + 8 * i, Words.longAt(key, offset + 8 * i));
        }
        if (rest) {
            LONG.set(memory, at + KEY + 8 * whole, last(key, offset));
        }
    }

    /** From now on the position is a key's. */
    void keep(int position) {
        used[position >>> 6] |= 1L << position;
        INT.setOpaque(memory, (long) USED, size() + 1);
    }

    /** From now on the position is no key's; it is not yet free. */
    void drop(int position) {
        used[position >>> 6] &= ~(1L << position);
        INT.setOpaque(memory, (long) USED, size() - 1);
    }

    void free(int position) {
        int count = (int) INT.get(memory, (long) FREE);
        free[count] = position;
        INT.set(memory, (long) FREE, count + 1);
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
        long at = at(position);
        long start = (long) LONG.get(memory, at);
        return slotBytes <= Lines.LINE ? start : start + (long) LONG.get(memory, at + slotBytes - 8);
    }

    boolean matches(int position, byte[] key, int offset) {
        long at = at(position) + KEY;
        for (int i = 0; i < before; i++) {
            if ((long) LONG.get(memory, at + 8 * i) != Words.longAt(key, offset + 8 * i)) {
                return false;
            }
        }
        return (long) LONG.get(memory, at + 8 * before) == last(key, offset);
    }

    private long last(byte[] key, int offset) {
        if (keyLength >= 8) {
            return Words.longAt(key, offset + keyLength - 8);
        }
        if (keyLength >= 4) {
            return Words.intAt(key, offset) & 0xffff_ffffL | (long) Words.intAt(key, offset + keyLength - 4) << 32;
        }
        return Words.tail(key, offset, keyLength);
    }

    long data(int position) {
        return (long) LONG.getAcquire(memory, at(position));
    }

    void data(int position, long data) {
        LONG.setRelease(memory, at(position), data);
    }

    void copyKey(int position, byte[] key, int offset) {
        long at = at(position) + KEY;
        for (int i = 0; i < whole; i++) {
            Words.LONG.set(key, offset + 8 * i, (long) LONG.get(memory, at + 8 * i));
        }
        if (rest) {
            long word = (long) LONG.get(memory, at + 8 * whole);
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
