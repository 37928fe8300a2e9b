package dev.penstock.acl;

import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import java.util.PriorityQueue;

/**
 * Makes a {@link Tree}, as HiCuts of Gupta and McKeown does: a node cuts one field into 2^k equal parts, and each rule
 * goes to every part it reaches into. The largest node is cut first, until all are small, cuts no longer help, or the
 * words are used up; what is left then is leaves to be searched one rule after the other. So memory is bounded by
 * what is given, and time by memory.
 *
 * <p>First bits of a field that are the same in all rules of a node are not looked at: a packet that differs in them
 * comes to some leaf, and matches none of its rules.
 */
final class TreeBuilder {
    private static final int MAX_BITS = 12;
    /** A cut may make so many words of children and copies for each rule of its node. */
    private static final int GROWTH = 4;
    /** A cut is worth it when packets then meet at most this share of the node's rules. */
    private static final double GAIN = 0.8;

    private final RuleSet set;
    private final long maxWords;
    /** Rules that a leaf may have without being cut. */
    private final int leaf;
    private final PriorityQueue<Node> open = new PriorityQueue<>((a, b) -> Integer.compare(b.rules.length, a.rules.length));
    private final Map<Leaf, Long> seen = new HashMap<>();
    private long[] nodes = new long[64];
    private int nodeCount;
    private int[] leaves = new int[64];
    private int leafCount;
    /** Rules in open nodes, which will be words of leaves. */
    private long openCount;
    private long root;

    /** What is not in the tree yet: rules, the packets that come here, and the slot that is to lead here. */
    private record Node(int slot, int[] rules, long[] from, int[] bits) {}

    private record Cut(int field, int shift, int bits, long from, double cost) {}

    private record Leaf(int[] rules) {
        @Override
        public boolean equals(Object other) {
            return other instanceof Leaf that && Arrays.equals(rules, that.rules);
        }

        @Override
        public int hashCode() {
            return Arrays.hashCode(rules);
        }
    }

    private TreeBuilder(RuleSet set, long maxWords, int leaf) {
        this.leaf = leaf;
        this.set = set;
        this.maxWords = maxWords;
    }

    /**
     * Makes one.
     *
     * @param set where the rules are
     * @param ranks those that are to be in the tree, ascending
     * @param maxWords how many words nodes and leaves may take; more when there are more rules than that
     * @param leaf rules that a leaf may have without being cut
     * @return the tree
     */
    static Tree build(RuleSet set, int[] ranks, long maxWords, int leaf) {
        TreeBuilder builder = new TreeBuilder(set, maxWords, leaf);
        int[] bits = new int[set.fields.length];
        Arrays.setAll(bits, f -> set.fields[f].bits());
        builder.open(new Node(-1, ranks, new long[bits.length], bits));
        while (!builder.open.isEmpty()) {
            Node node = builder.open.poll();
            builder.openCount -= node.rules.length;
            builder.place(node);
        }
        return new Tree(builder.root, Arrays.copyOf(builder.nodes, builder.nodeCount),
                Arrays.copyOf(builder.leaves, builder.leafCount));
    }

    private void open(Node node) {
        open.add(node);
        openCount += node.rules.length;
    }

    private void place(Node node) {
        Cut cut = node.rules.length <= leaf ? null : best(node);
        if (cut == null) {
            enter(node.slot, leaf(node.rules));
            return;
        }
        int children = nodeCount;
        nodeCount += 1 << cut.bits;
        if (nodeCount > nodes.length) {
            nodes = Arrays.copyOf(nodes, Math.max(nodeCount, nodes.length * 2));
        }
        enter(node.slot, Tree.node(children, cut.field, cut.shift, cut.bits));
        int[][] parts = distribute(node, cut);
        for (int i = 0; i < parts.length; i++) {
            long[] from = node.from.clone();
            int[] bits = node.bits.clone();
            from[cut.field] = cut.from + ((long) i << cut.shift);
            bits[cut.field] = cut.shift;
            int[] rules = withoutHidden(parts[i], from, bits);
            if (rules.length <= leaf) {
                nodes[children + i] = leaf(rules);
            } else {
                open(new Node(children + i, rules, from, bits));
            }
        }
    }

    private void enter(int slot, long entry) {
        if (slot < 0) {
            root = entry;
        } else {
            nodes[slot] = entry;
        }
    }

    private long leaf(int[] rules) {
        return seen.computeIfAbsent(new Leaf(rules), this::append);
    }

    private long append(Leaf leaf) {
        int from = leafCount;
        leafCount += leaf.rules.length;
        if (leafCount > leaves.length) {
            leaves = Arrays.copyOf(leaves, Math.max(leafCount, leaves.length * 2));
        }
        System.arraycopy(leaf.rules, 0, leaves, from, leaf.rules.length);
        return Tree.leaf(from, leaf.rules.length);
    }

    private static long last(long from, int bits) {
        return bits == 0 ? from : from | -1L >>> 64 - bits;
    }

    /** Finds the cut after which packets meet the fewest rules; null when none helps. */
    private Cut best(Node node) {
        Cut best = null;
        long room = maxWords - nodeCount - leafCount - openCount;
        for (int f = 0; f < set.fields.length; f++) {
            Cut cut = cut(node, f, room);
            if (cut != null && (best == null || cut.cost < best.cost)) {
                best = cut;
            }
        }
        return best != null && best.cost < node.rules.length * GAIN ? best : null;
    }

    /** The best cut of one field. */
    private Cut cut(Node node, int field, long room) {
        long from = node.from[field];
        long to = last(from, node.bits[field]);
        int n = node.rules.length;
        long differ = 0;
        long low = clip(set.lo[node.rules[0] * set.fields.length + field], from, to);
        for (int rank : node.rules) {
            int at = rank * set.fields.length + field;
            differ |= clip(set.lo[at], from, to) ^ low | clip(set.hi[at], from, to) ^ low;
        }
        int open = 64 - Long.numberOfLeadingZeros(differ);
        if (open == 0) {
            return null;
        }
        long base = open == 64 ? 0 : low >>> open << open;
        int most = Math.min(Math.min(open, MAX_BITS), 34 - Integer.numberOfLeadingZeros(n));
        int[] ends = new int[(1 << most) + 1];
        Cut best = null;
        for (int bits = most; bits > 0; bits--) {
            Arrays.fill(ends, 0);
            double cost = cost(node, field, base, last(base, open), open - bits, ends, bits, room);
            if (best == null || cost < best.cost * 0.8) {
                best = cost < n ? new Cut(field, open - bits, bits, base, cost) : best;
            }
        }
        return best;
    }

    /** How many rules a packet meets that matches one of them; more than any when the cut would take too many words. */
    private double cost(Node node, int field, long from, long to, int shift, int[] ends, int bits, long room) {
        int n = node.rules.length;
        for (int rank : node.rules) {
            int at = rank * set.fields.length + field;
            ends[(int) (clip(set.lo[at], from, to) - from >>> shift)]++;
            ends[(int) (clip(set.hi[at], from, to) - from >>> shift) + 1]--;
        }
        long words = 0;
        double squares = 0;
        int here = 0;
        for (int i = 0; i < 1 << bits; i++) {
            here += ends[i];
            words += here;
            squares += (double) here * here;
        }
        long all = words + (1 << bits);
        return all > (long) GROWTH * n + 8 || all > room ? Double.MAX_VALUE : squares / words;
    }

    private int[][] distribute(Node node, Cut cut) {
        int[] counts = new int[1 << cut.bits];
        long to = cut.from + ((long) (1 << cut.bits) << cut.shift) - 1;
        for (int rank : node.rules) {
            int end = part(set.hi[rank * set.fields.length + cut.field], cut, to);
            for (int i = part(set.lo[rank * set.fields.length + cut.field], cut, to); i <= end; i++) {
                counts[i]++;
            }
        }
        int[][] parts = new int[counts.length][];
        for (int i = 0; i < parts.length; i++) {
            parts[i] = new int[counts[i]];
            counts[i] = 0;
        }
        for (int rank : node.rules) {
            int end = part(set.hi[rank * set.fields.length + cut.field], cut, to);
            for (int i = part(set.lo[rank * set.fields.length + cut.field], cut, to); i <= end; i++) {
                parts[i][counts[i]++] = rank;
            }
        }
        return parts;
    }

    private static int part(long value, Cut cut, long to) {
        return (int) (clip(value, cut.from, to) - cut.from >>> cut.shift);
    }

    private static long clip(long value, long from, long to) {
        return Long.compareUnsigned(value, from) < 0 ? from : Long.compareUnsigned(value, to) > 0 ? to : value;
    }

    /** Leaves out what comes behind a rule that matches every packet that comes here, in all categories. */
    private int[] withoutHidden(int[] rules, long[] from, int[] bits) {
        for (int i = 0; i + 1 < rules.length; i++) {
            if (set.exact[rules[i]] && set.categories[rules[i]] == AclRule.ALL_CATEGORIES && covers(rules[i], from, bits)) {
                return Arrays.copyOf(rules, i + 1);
            }
        }
        return rules;
    }

    private boolean covers(int rank, long[] from, int[] bits) {
        for (int f = 0; f < bits.length; f++) {
            if (!set.covers(rank, f, from[f], last(from[f], bits[f]))) {
                return false;
            }
        }
        return true;
    }
}
