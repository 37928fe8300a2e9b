package dev.penstock.acl;

import dev.penstock.jit.Vectors;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;

/**
 * The leaves of a {@link Forest} as blocks of {@link #SIZE} rules, to be compared with a packet all at once. A block has,
 * field by field, the rules' first words and then their second words (see {@link RuleMatch}), of fields of one or two bytes
 * both in one word, the second in its upper half. The last rule fills a block up, since of rules that match it is the first
 * that counts.
 */
final class Blocks {
    /** Rules of a block. */
    static final int SIZE = 16;
    /** Ranks of a block: those of its rules, then {@link Classifier#NONE} for a packet that matches none. */
    static final int RANKS = SIZE + 1;
    /** Whether the Vector API is there, and this processor's vectors are wide enough. */
    static final boolean VECTOR = Vectors.readBy(Blocks.class.getModule()::addReads) && AclVector.isWide();

    /** Trees whose leaves say which blocks instead of which rules. */
    final Tree[] trees;
    /** A field's place within a block, in the array of its width. */
    final int[] places;
    final int narrowStride;
    final int wideStride;
    final int[] narrow;
    final long[] wide;
    final int[] ranks;
    /** Bits of a block's rules that count in the first category. */
    final int[] firstCategory;
    private final RuleSet set;
    private final Map<Integer, Long> known = new HashMap<>();
    private int count;

    Blocks(Forest forest) {
        set = forest.set;
        int dims = set.fields.length;
        places = new int[dims];
        int narrows = 0;
        int wides = 0;
        for (int f = 0; f < dims; f++) {
            int size = set.fields[f].size();
            places[f] = SIZE * (size == Long.BYTES ? wides : narrows);
            wides += size == Long.BYTES ? 2 : 0;
            narrows += size == Long.BYTES ? 0 : isSmall(size) ? 1 : 2;
        }
        narrowStride = SIZE * narrows;
        wideStride = SIZE * wides;
        int most = most(forest);
        narrow = new int[Math.multiplyExact(most, narrowStride)];
        wide = new long[Math.multiplyExact(most, wideStride)];
        ranks = new int[most * RANKS];
        firstCategory = new int[most];
        trees = new Tree[forest.trees.length];
        for (int t = 0; t < trees.length; t++) {
            Tree tree = forest.trees[t];
            known.clear();
            long[] nodes = tree.nodes.clone();
            Arrays.setAll(nodes, i -> entry(tree, nodes[i]));
            trees[t] = new Tree(entry(tree, tree.root), nodes, tree.leaves);
        }
    }

    /** Whether what a rule says of a field of so many bytes is one word. */
    static boolean isSmall(int size) {
        return size < Integer.BYTES;
    }

    /** How many blocks there will be. */
    private static int most(Forest forest) {
        int blocks = 0;
        Map<Integer, Boolean> seen = new HashMap<>();
        for (Tree tree : forest.trees) {
            seen.clear();
            for (int i = -1; i < tree.nodes.length; i++) {
                long entry = i < 0 ? tree.root : tree.nodes[i];
                if (entry < 0 && seen.put(key(entry), true) == null) {
                    blocks = Math.addExact(blocks, blocks(entry));
                }
            }
        }
        return blocks;
    }

    private static int key(long leaf) {
        return Tree.leafCount(leaf) == 0 ? -1 : (int) leaf;
    }

    static int blocks(long leaf) {
        return Math.max(1, (Tree.leafCount(leaf) + SIZE - 1) / SIZE);
    }

    private long entry(Tree tree, long entry) {
        return entry >= 0 ? entry : known.computeIfAbsent(key(entry), _ -> add(tree, entry));
    }

    private long add(Tree tree, long leaf) {
        int from = count;
        int rules = Tree.leafCount(leaf);
        count += blocks(leaf);
        for (int block = from; block < count; block++) {
            ranks[block * RANKS + SIZE] = Classifier.NONE;
            for (int i = 0; i < SIZE; i++) {
                int place = Math.min((block - from) * SIZE + i, rules - 1);
                put(block, i, place < 0 ? -1 : tree.leaves[(int) leaf + place]);
            }
        }
        return Tree.leaf(from, count - from);
    }

    private void put(int block, int lane, int rank) {
        ranks[block * RANKS + lane] = rank < 0 ? Classifier.NONE : rank;
        if (rank < 0) {
            return;
        }
        firstCategory[block] |= (set.categories[rank] & 1) << lane;
        for (int f = 0; f < places.length; f++) {
            long first = set.first[rank * places.length + f];
            long second = set.second[rank * places.length + f];
            if (set.fields[f].size() == Long.BYTES) {
                wide[block * wideStride + places[f] + lane] = first;
                wide[block * wideStride + places[f] + SIZE + lane] = second;
            } else if (isSmall(set.fields[f].size())) {
                narrow[block * narrowStride + places[f] + lane] = (int) (first | second << Short.SIZE);
            } else {
                narrow[block * narrowStride + places[f] + lane] = (int) first;
                narrow[block * narrowStride + places[f] + SIZE + lane] = (int) second;
            }
        }
    }

    /** Bytes that a block of such rules takes. */
    static int bytes(AclField[] fields) {
        int bytes = RANKS * Integer.BYTES;
        for (AclField field : fields) {
            bytes += SIZE * (isSmall(field.size()) ? Integer.BYTES : 2 * field.size());
        }
        return bytes;
    }
}
