package dev.penstock.acl;

import dev.penstock.mbuf.Mbuf;
import java.lang.invoke.MethodHandles;
import java.util.Arrays;

/**
 * What {@link ClassifierWriter} makes the class of a rule set from: it keeps the loops and puts code of its own in place of
 * the methods that throw. So each class has loops that the JIT compiles for it alone.
 *
 * <p>A burst goes through one table of {@link Buckets} after the other, all its packets through each loop: none of their
 * loads waits for another packet's, and no branch has to be foretold but that of a second rule. Then it goes through one tree
 * after the other likewise, all its packets a step at a time, those that have come to a leaf too, up to as many steps as nine in
 * ten need. Packets whose rule is better than all that follow drop out in between.
 */
final class Compiled extends Classifier {
    /** Of the class that is made from this one. */
    private static final MethodHandles.Lookup SELF = MethodHandles.lookup();
    private static final int BURST = 64;
    private static final Buckets[] BUCKETS = data(SELF, Buckets[].class, 0);
    /** What the buckets' rules say of fields of up to four bytes, {@link #STRIDE} words each, the last of them the rank of category 0. */
    private static final int[] RULES = data(SELF, int[].class, 1);
    private static final int STRIDE = data(SELF, Integer.class, 2);
    /** The buckets' rules, with {@link Buckets#LAST}. */
    private static final int[] RANKS = data(SELF, int[].class, 3);
    /** By rank. */
    private static final int[] CATEGORIES = data(SELF, int[].class, 4);
    /** Packets that have a better rule drop out where that may be an eighth of them more. */
    private static final int WORTH_ASKING = CATEGORIES.length / 8;
    private static final int KEY_LENGTH = data(SELF, Integer.class, 5);
    private static final int WORDS = data(SELF, Integer.class, 6);
    /** Fields are taken from packed words; as many nodes as a power of two. */
    private static final Tree[] TREES = data(SELF, Tree[].class, 7);
    /** By tree, its best rank, and after how many steps most packets have come to a leaf. */
    private static final int[] BEST = data(SELF, int[].class, 8);
    private static final int[] STEPS = data(SELF, int[].class, 9);
    /** Whether leaves are {@link Blocks}, which then have these ranks. */
    private static final boolean IN_BLOCKS = data(SELF, Boolean.class, 10);
    private static final int[] BLOCK_RANKS = data(SELF, int[].class, 11);
    /** By block, bits of the rules of category 0; empty when all rules are. */
    private static final int[] BLOCK_FIRSTS = data(SELF, int[].class, 12);
    private static final int[] USERDATA = data(SELF, int[].class, 13);
    private static final ThreadLocal<Burst> BURSTS = ThreadLocal.withInitial(() -> new Burst(BURST, WORDS));

    Compiled() {}

    /** One thread's burst: all lists are of places in it, or of packets of a list that is shorter with each step. */
    private static final class Burst {
        final long[] words;
        final long[] entries;
        final int[] live;
        final int[] hashes;
        final int[] filled;
        final int[] rules;
        final int[] more;
        final int[] best;

        Burst(int size, int words) {
            this.words = new long[size * words];
            entries = new long[size];
            live = new int[size];
            hashes = new int[size];
            filled = new int[size];
            rules = new int[size];
            more = new int[size];
            best = new int[size];
        }
    }

    @Override
    void classify(byte[] keys, int stride, int n, int categories, int[] ranks) {
        Burst burst = BURSTS.get();
        for (int done = 0; done < n; done += BURST) {
            int count = Math.min(BURST, n - done);
            for (int i = 0; i < count; i++) {
                pack(keys, (done + i) * stride, burst.words, i * WORDS);
                burst.live[i] = i;
            }
            find(burst, count, count, categories, ranks, done);
        }
        translate(USERDATA, n * categories, ranks);
    }

    @Override
    void classify(Mbuf[] packets, int at, int n, int categories, int[] ranks) {
        Burst burst = BURSTS.get();
        for (int done = 0; done < n; done += BURST) {
            int count = Math.min(BURST, n - done);
            int live = 0;
            for (int i = 0; i < count; i++) {
                Mbuf packet = packets[done + i];
                if (packet.dataLen() - KEY_LENGTH >= at) {
                    pack(packet, at, burst.words, i * WORDS);
                    burst.live[live++] = i;
                }
            }
            find(burst, count, live, categories, ranks, done);
        }
        translate(USERDATA, n * categories, ranks);
    }

    private static void find(Burst burst, int count, int live, int categories, int[] ranks, int done) {
        if (categories == 1) {
            Arrays.fill(burst.best, 0, count, NONE);
            first(burst, live);
            System.arraycopy(burst.best, 0, ranks, done, count);
            return;
        }
        Arrays.fill(ranks, done * categories, (done + count) * categories, NONE);
        for (int j = 0; j < live; j++) {
            int i = burst.live[j];
            all(burst.words, i * WORDS, (1 << categories) - 1, ranks, (done + i) * categories);
        }
    }

    private static void first(Burst burst, int count) {
        int[] live = burst.live;
        int left = count;
        int base = 0;
        int asked = 0;
        int rest = TREES.length == 0 ? NONE : BEST[0];
        for (Buckets buckets : BUCKETS) {
            int rank = Math.min(buckets.best, rest);
            if (rank - asked >= WORTH_ASKING) {
                left = better(live, left, burst.best, rank);
                asked = rank;
            }
            long[] masks = buckets.masks;
            int shift = buckets.shift();
            int[] hashes = burst.hashes;
            for (int j = 0; j < left; j++) {
                hashes[j] = (int) (mixed(masks, burst.words, live[j] * WORDS) >>> shift);
            }
            compare(burst, filled(burst, buckets.starts, left, base));
            base += buckets.ranks.length;
        }
        for (int t = 0; t < TREES.length; t++) {
            left = better(live, left, burst.best, BEST[t]);
            walk(burst, left, t);
            if (IN_BLOCKS) {
                compareBlocks(burst, left);
            } else {
                compareRules(burst, left, TREES[t].leaves);
            }
        }
    }

    /** From the root to leaves, all packets a step at a time; those that are at one stay there. */
    private static void walk(Burst burst, int count, int tree) {
        long[] nodes = TREES[tree].nodes;
        long[] entries = burst.entries;
        int[] live = burst.live;
        Arrays.fill(entries, 0, count, TREES[tree].root);
        for (int step = STEPS[tree]; step > 0; step--) {
            for (int j = 0; j < count; j++) {
                long entry = entries[j];
                entries[j] = select(child(entry, burst.words, live[j] * WORDS, nodes), entry, entry >>> 63);
            }
        }
        for (int j = 0; j < count; j++) {
            while (entries[j] >= 0) {
                entries[j] = child(entries[j], burst.words, live[j] * WORDS, nodes);
            }
        }
    }

    /** What a node leads to; for a leaf any other entry. */
    private static long child(long entry, long[] words, int at, long[] nodes) {
        long value = words[at + Math.min(Tree.field(entry), WORDS - 1)];
        return nodes[Tree.child(entry, value) & nodes.length - 1];
    }

    /** Compares each packet with its leaf's first block, then the few that need it with the following ones. */
    private static void compareBlocks(Burst burst, int count) {
        int[] live = burst.live;
        long[] entries = burst.entries;
        int[] best = burst.best;
        int[] more = burst.more;
        int again = 0;
        for (int j = 0; j < count; j++) {
            int i = live[j];
            int block = (int) entries[j];
            int bits = firsts(block, burst.words, i * WORDS);
            best[i] = Math.min(best[i], BLOCK_RANKS[block * Blocks.RANKS + Integer.numberOfTrailingZeros(bits | 1 << Blocks.SIZE)]);
            more[again] = j;
            again += bits - 1 >>> 31 & 1 - Tree.leafCount(entries[j]) >>> 31;
        }
        for (int k = 0; k < again; k++) {
            int i = live[more[k]];
            int block = (int) entries[more[k]];
            int end = block + Tree.leafCount(entries[more[k]]);
            int bits = 0;
            while (bits == 0 && ++block < end && BLOCK_RANKS[block * Blocks.RANKS] < best[i]) {
                bits = firsts(block, burst.words, i * WORDS);
                best[i] = Math.min(best[i], BLOCK_RANKS[block * Blocks.RANKS + Integer.numberOfTrailingZeros(bits | 1 << Blocks.SIZE)]);
            }
        }
    }

    private static int firsts(int block, long[] words, int at) {
        int bits = matching(block, words, at);
        return BLOCK_FIRSTS.length == 0 ? bits : bits & BLOCK_FIRSTS[block];
    }

    /** The same where a leaf's rules are compared one after the other. */
    private static void compareRules(Burst burst, int count, int[] leaves) {
        int[] best = burst.best;
        for (int j = 0; j < count; j++) {
            int i = burst.live[j];
            int at = (int) burst.entries[j];
            int end = at + Tree.leafCount(burst.entries[j]);
            for (; at < end && leaves[at] < best[i]; at++) {
                if ((CATEGORIES[leaves[at]] & 1) != 0 && differs(leaves[at], burst.words, i * WORDS) >= 0) {
                    best[i] = leaves[at];
                }
            }
        }
    }

    /** Keeps those for which a rule of this rank would be better than what they have. */
    private static int better(int[] live, int count, int[] best, int rank) {
        int kept = 0;
        for (int j = 0; j < count; j++) {
            int i = live[j];
            live[kept] = i;
            kept += best[i] > rank ? 1 : 0;
        }
        return kept;
    }

    /** Finds the packets whose buckets have a rule, and the first one's place. */
    private static int filled(Burst burst, int[] starts, int count, int base) {
        int[] hashes = burst.hashes;
        int[] rules = burst.rules;
        int[] filled = burst.filled;
        int kept = 0;
        for (int j = 0; j < count; j++) {
            int start = starts[hashes[j] >>> Buckets.TAG_BITS];
            filled[kept] = burst.live[j];
            rules[kept] = (start >>> Buckets.TAG_BITS) + base;
            kept += Buckets.mayHave(start, hashes[j]);
        }
        return kept;
    }

    /** Compares each packet with its bucket's first rule, then the few that need it with the following ones. */
    private static void compare(Burst burst, int count) {
        int[] filled = burst.filled;
        int[] rules = burst.rules;
        int[] best = burst.best;
        int[] more = burst.more;
        int again = 0;
        for (int j = 0; j < count; j++) {
            int i = filled[j];
            int rule = rules[j];
            int rank = RULES[rule * STRIDE + STRIDE - 1];
            int found = rank & NONE | (int) (apart(rule, burst.words, i * WORDS) >> 63) & NONE;
            best[i] = Math.min(best[i], found);
            more[again] = j;
            again += (~rank & ~(found - NONE)) >>> 31;
        }
        for (int k = 0; k < again; k++) {
            int i = filled[more[k]];
            int rule = rules[more[k]];
            int rank;
            do {
                rank = RULES[++rule * STRIDE + STRIDE - 1];
                if (apart(rule, burst.words, i * WORDS) >= 0 && (rank & NONE) != NONE) {
                    best[i] = Math.min(best[i], rank & NONE);
                    break;
                }
            } while (rank >= 0);
        }
    }

    private static int start(Buckets buckets, long[] words, int at) {
        int tagged = (int) (mixed(buckets.masks, words, at) >>> buckets.shift());
        return buckets.starts[tagged >>> Buckets.TAG_BITS] >>> Buckets.TAG_BITS;
    }

    /** Notes all that buckets and trees have, in all categories that are wanted. */
    private static void all(long[] words, int at, int wanted, int[] ranks, int out) {
        int base = 0;
        for (Buckets buckets : BUCKETS) {
            int rule = base + start(buckets, words, at);
            int left = wanted;
            int rank;
            do {
                rank = RANKS[rule];
                int found = (rank & NONE) == NONE ? 0 : CATEGORIES[rank & NONE] & left;
                if (found != 0 && apart(rule, words, at) >= 0) {
                    left &= ~found;
                    note(rank & NONE, found, ranks, out);
                }
                rule++;
            } while (rank >= 0 && left != 0);
            base += buckets.ranks.length;
        }
        trees(words, at, wanted, ranks, out);
    }

    private static void trees(long[] words, int at, int wanted, int[] ranks, int out) {
        for (Tree tree : TREES) {
            long leaf = tree.root;
            while (leaf >= 0) {
                leaf = child(leaf, words, at, tree.nodes);
            }
            int end = (int) leaf + Tree.leafCount(leaf);
            int left = wanted;
            for (int i = (int) leaf; i < end && left != 0; i++) {
                left = IN_BLOCKS ? allOfBlock(i, words, at, left, ranks, out)
                        : differs(tree.leaves[i], words, at) < 0 ? left : noted(tree.leaves[i], left, ranks, out);
            }
        }
    }

    private static int allOfBlock(int block, long[] words, int at, int wanted, int[] ranks, int out) {
        int left = wanted;
        for (int bits = matching(block, words, at); bits != 0 && left != 0; bits &= bits - 1) {
            int rank = BLOCK_RANKS[block * Blocks.RANKS + Integer.numberOfTrailingZeros(bits)];
            // A leaf without rules has a block that anything may match, and no rank.
            left = rank == NONE ? left : noted(rank, left, ranks, out);
        }
        return left;
    }

    /** Notes a rule that matches; the categories that are still wanted. */
    private static int noted(int rank, int wanted, int[] ranks, int out) {
        int found = CATEGORIES[rank] & wanted;
        note(rank, found, ranks, out);
        return wanted & ~found;
    }

    /** Packs a packet's fields. */
    private static void pack(byte[] keys, int at, long[] words, int to) {
        throw new AssertionError();
    }

    private static void pack(Mbuf packet, int at, long[] words, int to) {
        throw new AssertionError();
    }

    /** The hash of {@link Buckets#mixed}. */
    private static long mixed(long[] masks, long[] words, int at) {
        throw new AssertionError();
    }

    /** Negative when a packet is not what the rule in a position says. */
    private static long apart(int position, long[] words, int at) {
        throw new AssertionError();
    }

    /** The same for the rule of a rank, where leaves are no blocks. */
    private static long differs(int rank, long[] words, int at) {
        throw new AssertionError();
    }

    /** Bits of a block's rules that match. */
    private static int matching(int block, long[] words, int at) {
        throw new AssertionError();
    }
}
