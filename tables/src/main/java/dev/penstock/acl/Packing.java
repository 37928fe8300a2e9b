package dev.penstock.acl;

import java.util.Arrays;

/** Which bits of which word each field lies in, when as few words hold all of them; no field lies in two. */
final class Packing {
    private final int[] word;
    private final int[] shift;
    private final int words;

    Packing(AclField[] fields) {
        word = new int[fields.length];
        shift = new int[fields.length];
        int[] used = new int[fields.length];
        int count = 0;
        for (int size = Long.BYTES; size > 0; size /= 2) {
            for (int f = 0; f < fields.length; f++) {
                if (fields[f].size() == size) {
                    int w = 0;
                    while (used[w] + fields[f].bits() > Long.SIZE) {
                        w++;
                    }
                    word[f] = w;
                    shift[f] = used[w];
                    used[w] += fields[f].bits();
                    count = Math.max(count, w + 1);
                }
            }
        }
        words = count;
    }

    int words() {
        return words;
    }

    int word(int field) {
        return word[field];
    }

    int shift(int field) {
        return shift[field];
    }

    /** Puts fields' values, which begin at an index, into words that begin at another; one array may hold both. */
    void pack(long[] values, int from, long[] words, int at) {
        Arrays.fill(words, at, at + this.words, 0);
        for (int f = 0; f < word.length; f++) {
            words[at + word[f]] |= values[from + f] << shift[f];
        }
    }

    /** An entry of a tree that takes its bits from a word instead of a field. */
    long node(long entry) {
        if (entry < 0) {
            return entry;
        }
        int field = Tree.field(entry);
        return Tree.node((int) entry, word[field], Tree.shift(entry) + shift[field],
                Integer.bitCount(Tree.mask(entry)));
    }

    long[] nodes(long[] entries) {
        long[] packed = new long[entries.length];
        for (int i = 0; i < packed.length; i++) {
            packed[i] = node(entries[i]);
        }
        return packed;
    }
}
