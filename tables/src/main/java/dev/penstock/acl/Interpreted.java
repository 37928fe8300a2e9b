package dev.penstock.acl;

import dev.penstock.mbuf.Mbuf;
import java.util.Arrays;

/** Looks into buckets and trees for whatever fields there are: takes all fields of a burst first, then one packet after the other. */
final class Interpreted extends Classifier {
    private static final int BURST = 32;

    private final Forest forest;
    private final RuleSet set;
    private final int dims;
    private final int keyLength;
    private final boolean[] masked;
    private final Packing packing;
    /** Values of a burst's fields; behind them the words that those of one packet are packed in. */
    private final ThreadLocal<long[]> scratch;

    Interpreted(Forest forest, int keyLength) {
        this.forest = forest;
        this.keyLength = keyLength;
        set = forest.set;
        dims = set.fields.length;
        masked = new boolean[dims];
        for (int f = 0; f < dims; f++) {
            masked[f] = set.fields[f].type() == AclFieldType.BITMASK;
        }
        packing = new Packing(set.fields);
        scratch = ThreadLocal.withInitial(() -> new long[BURST * dims + packing.words()]);
    }

    @Override
    void classify(byte[] keys, int stride, int n, int categories, int[] ranks) {
        long[] values = scratch.get();
        Arrays.fill(ranks, 0, n * categories, NONE);
        for (int done = 0; done < n; done += BURST) {
            int burst = Math.min(BURST, n - done);
            for (int f = 0; f < dims; f++) {
                int at = done * stride + set.fields[f].offset();
                for (int i = 0; i < burst; i++, at += stride) {
                    values[i * dims + f] = value(keys, at, set.fields[f].size());
                }
            }
            for (int i = 0; i < burst; i++) {
                search(values, i * dims, categories, ranks, (done + i) * categories);
            }
        }
        translate(set.userdata, n * categories, ranks);
    }

    @Override
    void classify(Mbuf[] packets, int at, int n, int categories, int[] ranks) {
        long[] values = scratch.get();
        Arrays.fill(ranks, 0, n * categories, NONE);
        for (int i = 0; i < n; i++) {
            Mbuf packet = packets[i];
            if (packet.dataLen() - keyLength >= at) {
                for (int f = 0; f < dims; f++) {
                    values[f] = value(packet, at + set.fields[f].offset(), set.fields[f].size());
                }
                search(values, 0, categories, ranks, i * categories);
            }
        }
        translate(set.userdata, n * categories, ranks);
    }

    private static long value(byte[] keys, int at, int size) {
        return switch (size) {
            case 1 -> field1(keys, at);
            case 2 -> field2(keys, at);
            case 4 -> field4(keys, at) & 0xffff_ffffL;
            default -> field8(keys, at);
        };
    }

    private static long value(Mbuf packet, int at, int size) {
        return switch (size) {
            case 1 -> field1(packet, at);
            case 2 -> field2(packet, at);
            case 4 -> field4(packet, at) & 0xffff_ffffL;
            default -> field8(packet, at);
        };
    }

    private void search(long[] values, int base, int categories, int[] ranks, int out) {
        if (forest.buckets.length > 0) {
            packing.pack(values, base, values, BURST * dims);
        }
        for (Buckets buckets : forest.buckets) {
            if (categories == 1 && ranks[out] < buckets.best) {
                break;
            }
            bucket(buckets, values, base, categories, ranks, out);
        }
        for (int t = 0; t < forest.trees.length; t++) {
            Tree tree = forest.trees[t];
            if (categories == 1 && ranks[out] < forest.bestRank[t]) {
                return;
            }
            long entry = tree.root;
            while (entry >= 0) {
                entry = tree.nodes[Tree.child(entry, values[base + Tree.field(entry)])];
            }
            leaf(tree, entry, values, base, categories, ranks, out);
        }
    }

    private void bucket(Buckets buckets, long[] values, int base, int categories, int[] ranks, int out) {
        int wanted = (1 << categories) - 1;
        int marked = 0;
        for (int i = buckets.start(values, BURST * dims); i > 0 && marked >= 0 && wanted != 0; i++) {
            marked = buckets.ranks[i];
            int rank = marked & ~Buckets.LAST;
            int found = set.categories[rank] & wanted;
            if (found != 0 && matches(rank, values, base)) {
                wanted &= ~found;
                note(rank, found, ranks, out);
            }
        }
    }

    private void leaf(Tree tree, long entry, long[] values, int base, int categories, int[] ranks, int out) {
        int from = (int) entry;
        int end = from + Tree.leafCount(entry);
        int wanted = (1 << categories) - 1;
        for (int i = from; i < end && wanted != 0; i++) {
            int rank = tree.leaves[i];
            int found = set.categories[rank] & wanted;
            if (found != 0 && matches(rank, values, base)) {
                wanted &= ~found;
                note(rank, found, ranks, out);
            }
        }
    }

    private boolean matches(int rank, long[] values, int base) {
        int at = rank * dims;
        for (int f = 0; f < dims; f++) {
            long value = values[base + f];
            long first = set.first[at + f];
            long second = set.second[at + f];
            boolean hit = masked[f] ? ((value ^ first) & second) == 0 : Long.compareUnsigned(value - first, second) <= 0;
            if (!hit) {
                return false;
            }
        }
        return true;
    }
}
