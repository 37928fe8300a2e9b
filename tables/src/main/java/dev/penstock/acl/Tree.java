package dev.penstock.acl;

/**
 * A decision tree over some of the rules. Each entry is one word that says what to do next. For a node: where its
 * children begin, which field to take, and which of its bits number the child. For a leaf (the sign bit): where the
 * ranks of its rules begin, and how many there are.
 */
final class Tree {
    static final int FIELD_SHIFT = 32;
    static final int SHIFT_SHIFT = 40;
    static final int MASK_SHIFT = 48;
    static final int COUNT_SHIFT = 32;

    final long root;
    final long[] nodes;
    /** Ranks of rules, ascending within a leaf. */
    final int[] leaves;

    Tree(long root, long[] nodes, int[] leaves) {
        this.root = root;
        this.nodes = nodes;
        this.leaves = leaves;
    }

    static long node(int children, int field, int shift, int bits) {
        return (long) (1 << bits) - 1 << MASK_SHIFT | (long) shift << SHIFT_SHIFT | (long) field << FIELD_SHIFT | children;
    }

    static long leaf(int from, int count) {
        return 1L << 63 | (long) count << COUNT_SHIFT | from;
    }

    static int leafCount(long leaf) {
        return (int) (leaf >>> COUNT_SHIFT) & Integer.MAX_VALUE;
    }

    static int field(long node) {
        return (int) (node >>> FIELD_SHIFT) & 0xff;
    }

    static int shift(long node) {
        return (int) (node >>> SHIFT_SHIFT) & 0xff;
    }

    /** The bits of the shifted value that number the child. */
    static int mask(long node) {
        return (int) (node >>> MASK_SHIFT);
    }

    /** Where the entry of a node's child is that a packet with this value goes to. */
    static int child(long node, long value) {
        return (int) node + ((int) (value >>> shift(node)) & mask(node));
    }

    /** Bytes it takes. */
    long bytes() {
        return nodes.length * 8L + leaves.length * 4L;
    }
}
