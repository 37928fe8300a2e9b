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
    /** No slot has more bytes: what the JIT knows to be small it need not compare with a bound when it is added to an address. */
    private static final long MAX_SLOT = 0x7ff;
    /** Whether a burst's keys are compared by vectors. */
    private static final boolean VECTOR = hasVectors();
    /** Bytes of the least of them. */
    private static final int SHORT = 16;
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
        // of a key of eight bytes a vector reads as many more, behind the last slot too
        super(FIRST + entries * bytes + SHORT - Long.BYTES);
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

    /** As {@link #at}, for loops: where they begin and the bytes of each come from {@link #first} and {@link #bytes}. */
    private static long at(long first, long bytes, int position) {
        return first + (position & 0xffff_ffffL) * bytes;
    }

    private long first() {
        return start() + FIRST;
    }

    private long bytes() {
        return slotBytes & MAX_SLOT;
    }

    /**
     * Reads the slots of a burst, so that they are in the cache when they are compared.
     *
     * @param positions of the slots, none of which is -1
     * @param from where the first one is
     * @param n how many
     * @return a sum, so that the JIT keeps the loads
     */
    long touchAll(int[] positions, int from, int n) {
        long first = first();
        long bytes = bytes();
        long touched = 0;
        for (int i = from; i < from + n; i++) {
            touched += getLong(at(first, bytes, positions[i]));
        }
        if (isWide()) {
            for (int i = from; i < from + n; i++) {
                touched += getLong(at(first, bytes, positions[i]) + bytes - 8);
            }
        }
        return touched;
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

    /** 0 when the key of that position is this one. */
    long difference(int position, byte[] key, int offset) {
        long at = at(position) + KEY;
        int length = keyLength;
        if (length < 8) {
            return getLong(at) ^ Words.few(key, offset, length);
        }
        if (length == 8) {
            // below it would be read and compared twice
            return word(at, key, offset, 0);
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

    /**
     * Compares the keys of a burst, each with that of its position, and takes the data of those that are the same, up to the first one that
     * is another. There is a loop for each length of keys, without what the others need: a wait overlaps with few instructions.
     *
     * @param keys array that holds them
     * @param offset of the first one's first byte
     * @param stride bytes from one to the next
     * @param positions of them, none of which is -1
     * @param data gets their data, or null
     * @param from where the first one's position is
     * @param to behind the last one's, which is not before it
     * @return where the first one is that is another, or {@code to}
     */
    int compareAll(byte[] keys, int offset, int stride, int[] positions, long[] data, int from, int to) {
        if (keyLength < Long.BYTES) {
            return compareFew(keys, offset, stride, positions, data, from, to);
        }
        if (keyLength > 4 * SHORT) {
            return compareAny(keys, offset, stride, positions, data, from, to);
        }
        if (keyLength > SHORT) {
            return keyLength > 2 * SHORT ? compareLong(keys, offset, stride, positions, data, from, to)
                    : compareMiddle(keys, offset, stride, positions, data, from, to);
        }
        int fit = fitting(keys.length, offset, stride, from, to);
        int same = compareShort(keys, offset, stride, positions, data, from, fit);
        return same < fit || fit == to ? same : compareAny(keys, offset + (fit - from) * stride, stride, positions, data, fit, to);
    }

    /** Behind the last key for which a vector's bytes are in the array: of keys of 8 bytes and more, when they do not overlap, all or all but one. */
    private static int fitting(int length, int offset, int stride, int from, int to) {
        return !VECTOR || offset + (to - from - 1) * stride <= length - SHORT ? to : stride < Long.BYTES ? from : to - 1;
    }

    /** Of any length, by words. */
    private int compareAny(byte[] keys, int offset, int stride, int[] positions, long[] data, int from, int to) {
        int i = from;
        for (int key = offset; i < to && matches(positions[i], keys, key); i++, key += stride) {
            if (data != null) {
                data[i] = data(positions[i]);
            }
        }
        return i;
    }

    /** Of less than 8 bytes. */
    private int compareFew(byte[] keys, int offset, int stride, int[] positions, long[] data, int from, int to) {
        long first = first();
        long bytes = bytes();
        int length = keyLength;
        int i = from;
        for (int key = offset; i < to; i++, key += stride) {
            long at = at(first, bytes, positions[i]);
            if (getLong(at + KEY) != Words.few(keys, key, length)) {
                break;
            }
            if (data != null) {
                data[i] = getLong(at);
            }
        }
        return i;
    }

    /** Of 8 to 16 bytes. */
    private int compareShort(byte[] keys, int offset, int stride, int[] positions, long[] data, int from, int to) {
        long first = first();
        long bytes = bytes();
        int length = keyLength;
        int last = end(Long.BYTES);
        int i = from;
        for (int key = offset; i < to; i++, key += stride) {
            long at = at(first, bytes, positions[i]);
            if (VECTOR ? !equalBytes(at + KEY, keys, key, length) : two(at + KEY, keys, key, last) != 0) {
                break;
            }
            if (data != null) {
                data[i] = getLong(at);
            }
        }
        return i;
    }

    /** Of 17 to 32 bytes. */
    private int compareMiddle(byte[] keys, int offset, int stride, int[] positions, long[] data, int from, int to) {
        long first = first();
        long bytes = bytes();
        int last = end(SHORT);
        int i = from;
        for (int key = offset; i < to; i++, key += stride) {
            long at = at(first, bytes, positions[i]);
            if (VECTOR ? !equal32(at + KEY, keys, key, last) : four(at + KEY, keys, key, last) != 0) {
                break;
            }
            if (data != null) {
                data[i] = getLong(at);
            }
        }
        return i;
    }

    /** Of 33 to 64 bytes. */
    private int compareLong(byte[] keys, int offset, int stride, int[] positions, long[] data, int from, int to) {
        long first = first();
        long bytes = bytes();
        int last = end(2 * SHORT);
        int i = from;
        for (int key = offset; i < to; i++, key += stride) {
            long at = at(first, bytes, positions[i]);
            if (VECTOR ? !equal64(at + KEY, keys, key, last) : eight(at + KEY, keys, key, last) != 0) {
                break;
            }
            if (data != null) {
                data[i] = getLong(at);
            }
        }
        return i;
    }

    /** 0 when a word and the last one, which begins at {@code last}, are those of the key. */
    private static long two(long at, byte[] key, int offset, int last) {
        return word(at, key, offset, 0) | word(at, key, offset, last);
    }

    /** As {@link #two}, of two words each. */
    private static long four(long at, byte[] key, int offset, int last) {
        return two(at, key, offset, last) | two(at + Long.BYTES, key, offset + Long.BYTES, last);
    }

    /** As {@link #two}, of four words each. */
    private static long eight(long at, byte[] key, int offset, int last) {
        return four(at, key, offset, last) | four(at + 2 * Long.BYTES, key, offset + 2 * Long.BYTES, last);
    }

    /** Where a key's last bytes begin; what the JIT knows to be small it need not compare with a bound. */
    private int end(int bytes) {
        return keyLength - bytes & MAX_KEY - 1;
    }

    private static long word(long at, byte[] key, int offset, int i) {
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
