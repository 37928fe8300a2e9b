package dev.penstock.hash;

import dev.penstock.hash.HashFunction.Words;
import dev.penstock.lines.Block;
import dev.penstock.lines.Lines;

/**
 * The keys and their data, and which positions are free. A slot is its key's data and behind that the key's bytes. Slots of up to
 * a line have a power of two of bytes, so none lies in two lines. Keys are compared by words that overlap, without a loop up to
 * 64 bytes. Positions are those that {@link #take} gave.
 */
final class Slots extends Block {
    /** Where the key of a slot begins; its data is at its start. */
    private static final int KEY = 8;
    private static final int MAX_KEY = 1024;
    private static final int USED = 0;
    private static final int FREE = 4;
    /** Behind a slot that is nobody's, position -1, which a burst reads for keys that are not there. */
    private static final int FIRST = 9 * Lines.APART;
    private static final long MOST = 1L << 34;

    private final long slotBytes;
    private final int keyLength;
    private final int[] free;
    private final long[] used;

    Slots(int entries, int keyLength) {
        long bytes = slotBytes(keyLength);
        if (entries * bytes > MOST) {
            throw new IllegalArgumentException(entries + " keys of " + keyLength + " bytes are more than 16 GB; give at most "
                    + MOST / bytes + " entries");
        }
        super(FIRST + entries * bytes);
        slotBytes = bytes;
        this.keyLength = keyLength;
        free = new int[entries];
        used = new long[(entries + 63) >>> 6];
        for (int i = 0; i < entries; i++) {
            free[i] = entries - 1 - i;
        }
        setInt(address(FREE), entries);
    }

    private static int slotBytes(int keyLength) {
        int bytes = KEY + (keyLength + 7 & -8);
        return bytes > Lines.LINE ? bytes : Integer.highestOneBit(bytes - 1) << 1;
    }

    private long at(int position) {
        return address(FIRST + position * slotBytes);
    }

    int entries() {
        return free.length;
    }

    /** Keys there are. */
    int size() {
        return getIntAcquire(address(USED));
    }

    /** A position for a new key, or -1. */
    int take() {
        int count = getInt(address(FREE));
        if (count == 0) {
            return -1;
        }
        setInt(address(FREE), count - 1);
        return free[count - 1];
    }

    void fill(int position, byte[] key, int offset, long data) {
        long at = at(position);
        setLong(at, data);
        at += KEY;
        int last = keyLength - 8;
        for (int i = 0; i < last; i += 8) {
            setLong(at + i, Words.longAt(key, offset + i));
        }
        if (last >= 0) {
            setLong(at + last, Words.longAt(key, offset + last));
        } else {
            setLong(at, Words.few(key, offset, keyLength));
        }
    }

    /** From now on the position is a key's. */
    void keep(int position) {
        used[position >>> 6] |= 1L << position;
        setIntRelease(address(USED), getInt(address(USED)) + 1);
    }

    /** From now on the position is no key's; it is not yet free. */
    void drop(int position) {
        used[position >>> 6] &= ~(1L << position);
        setIntRelease(address(USED), getInt(address(USED)) - 1);
    }

    void free(int position) {
        int count = getInt(address(FREE));
        free[count] = position;
        setInt(address(FREE), count + 1);
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

    /** Reads of a slot, so that it is in the cache when it is compared. */
    long touch(int position) {
        return getLong(at(position));
    }

    /** Reads the end of a slot, which may be in a line of its own where {@link #isWide}. */
    long touchEnd(int position) {
        return getLong(at(position) + slotBytes - 8);
    }

    /** Whether there are so many that it pays to touch those of a burst first. */
    boolean areMany() {
        return slotBytes * entries() > Lines.CACHED;
    }

    /** Whether slots are longer than a line. */
    boolean isWide() {
        return slotBytes > Lines.LINE;
    }

    boolean matches(int position, byte[] key, int offset) {
        return difference(position, key, offset) == 0;
    }

    /** 0 when the key of that position is this one. The four methods below are the same for a burst, whose code is of one length each. */
    long difference(int position, byte[] key, int offset) {
        long at = at(position) + KEY;
        int length = keyLength;
        if (length < 8) {
            return getLong(at) ^ Words.few(key, offset, length);
        }
        int last = end(8);
        long difference = word(at, key, offset, 0) | word(at, key, offset, last);
        if (length > 16) {
            int end = end(16);
            difference |= word(at, key, offset, 8) | word(at, key, offset, end);
            if (length > 32) {
                end = end(32);
                difference |= word(at, key, offset, 16) | word(at, key, offset, 24)
                        | word(at, key, offset, end) | word(at, key, offset, end + 8);
                if (length > 64) {
                    difference |= between(at, key, offset);
                }
            }
        }
        return difference;
    }

    /** As {@link #difference}, for keys of less than 8 bytes. */
    long few(int position, byte[] key, int offset) {
        return getLong(at(position) + KEY) ^ Words.few(key, offset, keyLength);
    }

    /** As {@link #difference}, for keys of 8 to 16 bytes. */
    long two(int position, byte[] key, int offset) {
        long at = at(position) + KEY;
        return word(at, key, offset, 0) | word(at, key, offset, end(8));
    }

    /** As {@link #difference}, for keys of 17 to 32 bytes. */
    long four(int position, byte[] key, int offset) {
        long at = at(position) + KEY;
        int end = end(16);
        return word(at, key, offset, 0) | word(at, key, offset, 8) | word(at, key, offset, end) | word(at, key, offset, end + 8);
    }

    /** As {@link #difference}, for keys of 33 to 64 bytes. */
    long eight(int position, byte[] key, int offset) {
        long at = at(position) + KEY;
        int end = end(32);
        return word(at, key, offset, 0) | word(at, key, offset, 8) | word(at, key, offset, 16) | word(at, key, offset, 24)
                | word(at, key, offset, end) | word(at, key, offset, end + 8) | word(at, key, offset, end + 16) | word(at, key, offset, end + 24);
    }

    /** Where a key's last bytes begin; what the JIT knows to be small it need not compare with a bound. */
    private int end(int bytes) {
        return keyLength - bytes & MAX_KEY - 1;
    }

    private long word(long at, byte[] key, int offset, int i) {
        return getLong(at + i) ^ Words.longAt(key, offset + i);
    }

    /** What lies between a long key's first and last 32 bytes. */
    private long between(long at, byte[] key, int offset) {
        long difference = 0;
        for (int i = 32; i < keyLength - 32; i += 8) {
            difference |= word(at, key, offset, i);
        }
        return difference;
    }

    /** The data; an acquire fence has to be behind it. */
    long data(int position) {
        return getLong(at(position));
    }

    void data(int position, long data) {
        setLongRelease(at(position), data);
    }

    void copyKey(int position, byte[] key, int offset) {
        long at = at(position) + KEY;
        int last = keyLength - 8;
        for (int i = 0; i < last; i += 8) {
            Words.LONG.set(key, offset + i, getLong(at + i));
        }
        if (last >= 0) {
            Words.LONG.set(key, offset + last, getLong(at + last));
        } else {
            Words.putFew(key, offset, keyLength, getLong(at));
        }
    }
}
