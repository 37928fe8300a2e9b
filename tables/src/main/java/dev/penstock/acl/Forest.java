package dev.penstock.acl;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashMap;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.stream.IntStream;

/**
 * All rules: most of them in {@link Buckets}, the others, or all where that costs less, in up to six trees. Rules that say
 * much of the same fields go to one tree, as in EffiCuts of Vamanan, Voskuilen and Vijaykumar: a rule that matches any
 * source would else be copied to each part of every cut of the source. More trees take more steps, so what is kept is the
 * number that costs least for packets that match.
 */
final class Forest {
    private static final int MAX_TREES = 6;
    private static final int SAMPLES = 2000;
    /** Words of a tree for each rule beyond which more cuts cost more misses of the cache than they save rules. */
    private static final int WORDS_PER_RULE = 64;
    private static final int LEAST_WORDS = 4096;
    private static final int MAX_DEPTH = 31;
    /** With more rules than that, so many say into how many trees all go. */
    private static final int SAMPLED_RULES = 1 << 13;
    /** Fewer rules are not worth a hash. */
    private static final int FEW_RULES = 64;
    /** Costs in cycles, as measured: a hash, a tree's start, a rule that is looked at, and a block of rules. */
    private static final int HASH = 10;
    /** What it costs to go through tables at all, and a tree that is walked behind them, packet by packet. */
    private static final int TABLES = 32;
    private static final int BEHIND = 20;
    private static final int TREE = 10;
    private static final int RULE = 10;
    /** A bucket's second rule, that it is asked for being foretold wrongly often, and each rule behind the first. */
    private static final int SECOND = 20;
    private static final int FURTHER = 8;
    private static final int BLOCK = 14;
    /** Rules that a leaf may have without being cut, when it is looked at rule by rule. */
    private static final int LEAF = 4;

    final RuleSet set;
    /** The one with the best rule first. */
    final Buckets[] buckets;
    final Tree[] trees;
    /** The least rank in each tree, ascending: a packet with a better rule needs no further tree. */
    final int[] bestRank;
    /** By tree, how many steps nine in ten packets take at most. */
    final int[] depth;
    /** Whether leaves are for {@link Blocks}. */
    private final boolean blocks;

    private Forest(RuleSet set, Buckets[] buckets, List<int[]> groups, long maxWords, boolean blocks) {
        this.set = set;
        this.buckets = buckets;
        this.blocks = blocks;
        depth = new int[groups.size()];
        trees = new Tree[groups.size()];
        bestRank = new int[groups.size()];
        groups.sort(Comparator.comparingInt(group -> group[0]));
        for (int i = 0; i < trees.length; i++) {
            int rules = groups.get(i).length;
            trees[i] = TreeBuilder.build(set, groups.get(i), Math.max(rules, maxWords * rules / set.size), blocks ? Blocks.SIZE : LEAF);
            bestRank[i] = groups.get(i)[0];
        }
    }

    /**
     * Makes the best one.
     *
     * @param set the rules, one or more
     * @param maxBytes what its trees may take
     * @param blocks whether its leaves are for {@link Blocks}
     * @throws AclBuildException when that is too little for so many rules
     */
    static Forest build(RuleSet set, long maxBytes, boolean blocks) {
        long maxWords = Math.min(maxBytes / Long.BYTES, LEAST_WORDS + (long) WORDS_PER_RULE * set.size);
        if (maxWords < set.size) {
            throw new AclBuildException("ACL of " + set.size + " rules in " + maxBytes + " bytes; give maxBytes of "
                    + set.size * (long) Long.BYTES + " or more, better 10 times that");
        }
        int[] all = IntStream.range(0, set.size).toArray();
        if (set.size < FEW_RULES) {
            return build(set, new Buckets[0], all, maxWords, blocks);
        }
        BucketChooser chooser = new BucketChooser(set);
        Buckets[] buckets = chooser.choose(maxWords * Long.BYTES / 2);
        Forest hashed = build(set, buckets, chooser.left(), maxWords, blocks);
        if (set.size > 2 * SAMPLED_RULES && chooser.left().length < set.size / 2) {
            return hashed;
        }
        Forest plain = build(set, new Buckets[0], all, maxWords, blocks);
        return hashed.cost() < plain.cost() ? hashed : plain;
    }

    private static Forest build(RuleSet set, Buckets[] buckets, int[] rules, long maxWords, boolean blocks) {
        if (rules.length == 0) {
            return new Forest(set, buckets, new ArrayList<>(), maxWords, blocks);
        }
        List<List<Integer>> groups = bySaid(set, rules);
        if (rules.length <= SAMPLED_RULES) {
            return best(set, buckets, groups, maxWords, blocks);
        }
        // Each number of trees is tried, which takes seconds with so many rules; a part of them says as well which is best.
        int step = rules.length / SAMPLED_RULES + 1;
        List<List<Integer>> part = groups.stream().map(group -> IntStream.range(0, group.size()).filter(i -> i % step == 0)
                .mapToObj(group::get).toList()).toList();
        int count = best(set, buckets, part, maxWords, blocks).trees.length;
        Forest forest = new Forest(set, buckets, merged(set, groups, count), maxWords, blocks);
        forest.cost();
        return forest;
    }

    private static Forest best(RuleSet set, Buckets[] buckets, List<List<Integer>> groups, long maxWords, boolean blocks) {
        Forest best = null;
        double least = Double.MAX_VALUE;
        for (int trees = Math.min(MAX_TREES, groups.size()); trees > 0; trees--) {
            Forest forest = new Forest(set, buckets, merged(set, groups, trees), maxWords, blocks);
            double cost = forest.cost();
            if (cost < least) {
                least = cost;
                best = forest;
            }
        }
        return best;
    }

    /** The rules by the fields in which they are narrow. */
    private static List<List<Integer>> bySaid(RuleSet set, int[] rules) {
        Map<Long, List<Integer>> groups = new HashMap<>();
        for (int rank : rules) {
            groups.computeIfAbsent(said(set, rank), _ -> new ArrayList<>()).add(rank);
        }
        return new ArrayList<>(groups.values());
    }

    private static long said(RuleSet set, int rank) {
        long said = 0;
        for (int f = 0; f < set.fields.length; f++) {
            // Fields of a byte cut little; what they say would only make more groups.
            said |= set.fields[f].size() > 1 && set.narrow(rank, f) ? 1L << f : 0;
        }
        return said;
    }

    /** Joins the smallest group with the one that it has most bits of narrow fields in common with, until few are left. */
    private static List<int[]> merged(RuleSet set, List<List<Integer>> groups, int count) {
        List<List<Integer>> left = new ArrayList<>(groups);
        Map<List<Integer>, Long> common = new IdentityHashMap<>();
        left.forEach(group -> common.put(group, said(set, group.getFirst())));
        while (left.size() > count) {
            left.sort(Comparator.comparingInt(List::size));
            List<Integer> small = left.removeFirst();
            List<Integer> host = left.stream()
                    .max(Comparator.comparingInt(group -> bits(set, common.get(group) & common.get(small)))).orElseThrow();
            left.remove(host);
            List<Integer> both = new ArrayList<>(small);
            both.addAll(host);
            common.put(both, common.get(small) & common.get(host));
            left.add(both);
        }
        List<int[]> ranks = new ArrayList<>();
        left.forEach(group -> ranks.add(group.stream().mapToInt(Integer::intValue).sorted().toArray()));
        return ranks;
    }

    private static int bits(RuleSet set, long said) {
        return IntStream.range(0, set.fields.length).filter(f -> (said >>> f & 1) != 0).map(f -> set.fields[f].bits()).sum();
    }

    /** Bytes its buckets and trees take. */
    long bytes() {
        long bytes = Arrays.stream(buckets).mapToLong(Buckets::bytes).sum();
        for (Tree tree : trees) {
            bytes += tree.bytes();
        }
        return bytes;
    }

    /** What a look-up costs, on average over packets that match a rule each. */
    private double cost() {
        SplittableRandom random = new SplittableRandom(1);
        int dims = set.fields.length;
        long[] values = new long[dims];
        Packing packing = new Packing(set.fields);
        long[] words = new long[packing.words()];
        long cost = 0;
        int[][] steps = new int[trees.length][MAX_DEPTH + 1];
        int behind = TREE + (buckets.length > 0 ? BEHIND : 0);
        for (int i = 0; i < SAMPLES; i++) {
            cost += buckets.length > 0 ? TABLES : 0;
            int rank = random.nextInt(set.size);
            for (int f = 0; f < dims; f++) {
                long spread = set.hi[rank * dims + f] - set.lo[rank * dims + f];
                values[f] = set.lo[rank * dims + f] + (spread + 1 > 0 ? random.nextLong(spread + 1)
                        : spread == -1 ? random.nextLong() : random.nextLong() >>> 1);
            }
            packing.pack(values, 0, words, 0);
            for (int b = 0; b < buckets.length && buckets[b].best <= rank; b++) {
                cost += HASH + cost(buckets[b], words, rank);
            }
            for (int t = 0; t < trees.length && bestRank[t] <= rank; t++) {
                cost += behind + cost(trees[t], values, rank, steps[t]);
            }
        }
        for (int t = 0; t < trees.length; t++) {
            int left = Arrays.stream(steps[t]).sum() / 10;
            depth[t] = MAX_DEPTH;
            while (depth[t] > 0 && (left -= steps[t][depth[t]]) >= 0) {
                depth[t]--;
            }
        }
        return (double) cost / SAMPLES;
    }

    /** Cycles that the rules of a packet's bucket take. */
    private static int cost(Buckets buckets, long[] words, int rank) {
        int first = buckets.start(words, 0);
        int at = first;
        while (buckets.ranks[at] >= 0 && buckets.ranks[at] < rank) {
            at++;
        }
        return first == 0 ? 0 : RULE + (at == first ? 0 : SECOND + (at - first) * FURTHER);
    }

    /** Cycles that a node takes: those of a load from the cache that a tree of its size is in. */
    private static int nodeCost(Tree tree) {
        long bytes = tree.bytes();
        return bytes < 1 << 15 ? 6 : bytes < 1 << 20 ? 12 : bytes < 1 << 24 ? 30 : 80;
    }

    /** Cycles that a block takes: its comparisons, and what of its load from a cache other packets do not hide. */
    private int blockCost(Tree tree) {
        long bytes = tree.leaves.length / Blocks.SIZE * (long) Blocks.bytes(set.fields);
        return BLOCK + (bytes < 1 << 19 ? 0 : bytes < 1 << 24 ? 20 : 60);
    }

    private int cost(Tree tree, long[] values, int rank, int[] steps) {
        int cost = 0;
        int depth = 0;
        int node = nodeCost(tree);
        long entry = tree.root;
        while (entry >= 0) {
            entry = tree.nodes[Tree.child(entry, values[Tree.field(entry)])];
            cost += node;
            depth++;
        }
        steps[Math.min(depth, MAX_DEPTH)]++;
        if (blocks) {
            return cost + Blocks.blocks(entry) * blockCost(tree);
        }
        for (int i = 0; i < Tree.leafCount(entry) && tree.leaves[(int) entry + i] <= rank; i++) {
            cost += RULE;
        }
        return cost;
    }
}
