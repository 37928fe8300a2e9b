package dev.penstock.efd;

import dev.penstock.jit.Vectors;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;

/**
 * What look-ups read. A chunk has 256 bins and 64 groups; of each bin which of its four groups it is in, and of each group
 * for each bit of the value one word: the number of the hash function in the upper half, its 16 answers in the lower.
 */
final class EfdOnline {
    static final int BITS = 8;
    static final int BINS = 256;
    static final int GROUPS = 64;
    /** Keys a group is for, on average, when the table is full. */
    private static final int TARGET = 21;
    /** For each quarter of a chunk's bins, what makes the other groups of the one that its low bits name. */
    private static final int[] CHOICES = {0, 13, 38, 59, 0, 21, 44, 55, 0, 26, 35, 61, 0, 11, 50, 37};
    private static final boolean VECTOR = Vectors.readBy(EfdOnline.class.getModule()::addReads) && EfdVector.isWide();
    private static final VarHandle WORD = MethodHandles.arrayElementVarHandle(int[].class);
    private static final VarHandle CHOICE = MethodHandles.arrayElementVarHandle(byte[].class);

    final int chunks;
    private final int mask;
    private final byte[] choice;
    private final int[] words;

    EfdOnline(int maxKeys) {
        int wanted = (maxKeys + GROUPS * TARGET - 1) / (GROUPS * TARGET);
        chunks = wanted == 1 ? 1 : Integer.highestOneBit(wanted - 1) * 2;
        mask = chunks * BINS - 1;
        choice = new byte[chunks * BINS];
        words = new int[chunks * GROUPS * BITS];
    }

    long bytes() {
        return choice.length + 4L * words.length;
    }

    /** The bin of a key, counted through all chunks. */
    int bin(int first) {
        return first & mask;
    }

    /** One of the four groups of a bin, counted through all chunks. */
    static int group(int bin, int choice) {
        return bin >>> 8 << 6 | bin & 63 ^ CHOICES[bin >>> 4 & 12 | choice];
    }

    int choice(int bin) {
        return (byte) CHOICE.getAcquire(choice, bin);
    }

    void choose(int bin, int which) {
        CHOICE.setRelease(choice, bin, (byte) which);
    }

    int word(int group, int bit) {
        return words[group * BITS + bit];
    }

    void word(int group, int bit, int word) {
        WORD.setRelease(words, group * BITS + bit, word);
    }

    /** Which of a word's 16 answers is a key's. */
    static int slot(int function, int first, int second) {
        return (first >>> 16 ^ first << 16) + function * second >>> 28;
    }

    int lookup(int first, int second) {
        int bin = bin(first);
        int at = group(bin, choice(bin)) * BITS;
        return VECTOR ? EfdVector.value(words, at, first, second) : value(words, at, first, second);
    }

    static int value(int[] words, int at, int first, int second) {
        int value = 0;
        for (int bit = BITS - 1; bit >= 0; bit--) {
            int word = words[at + bit];
            value = value << 1 | word >>> slot(word >>> 16, first, second) & 1;
        }
        return value;
    }
}
