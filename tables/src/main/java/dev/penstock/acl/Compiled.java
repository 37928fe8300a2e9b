package dev.penstock.acl;

import dev.penstock.mbuf.Mbuf;
import java.lang.invoke.MethodHandles;
import java.util.Arrays;

/**
 * What {@link ClassifierWriter} makes the class of a rule set from: it keeps the loops and puts code of its own in place of
 * the methods that throw. So each class has loops that the JIT compiles for it alone.
 *
 * <p>A burst goes through one table of {@link Buckets} after the other, all its packets through each loop: none of their
 * loads waits for another packet's, and no branch has to be foretold but that of a second rule. Packets whose rule is better
 * than all that follow drop out in between.
 */
final class Compiled extends Classifier {
    private static final int BURST = 64;
    private static final Buckets[] BUCKETS = data(Buckets[].class, 0);
    /** What the buckets' rules say of fields of up to four bytes, {@link #STRIDE} words each, the last of them the rank of category 0. */
    private static final int[] RULES = data(int[].class, 1);
    private static final int STRIDE = data(Integer.class, 2);
    /** The buckets' rules, with {@link Buckets#LAST}. */
    private static final int[] RANKS = data(int[].class, 3);
    /** By rank. */
    private static final int[] CATEGORIES = data(int[].class, 4);
    private static final int KEY_LENGTH = data(Integer.class, 5);
    private static final int WORDS = data(Integer.class, 6);
    /** The best rank of those that no bucket has. */
    private static final int REST = data(Integer.class, 7);
    private static final ThreadLocal<Burst> BURSTS = ThreadLocal.withInitial(() -> new Burst(BURST, WORDS));

    Compiled() {}

    /** One thread's burst: all lists are of places in it, or of packets of a list that is shorter with each step. */
    private static final class Burst {
        final long[] words;
        final int[] live;
        final int[] hashes;
        final int[] rules;
        final int[] more;
        final int[] best;

        Burst(int size, int words) {
            this.words = new long[size * words];
            live = new int[size];
            hashes = new int[size];
            rules = new int[size];
            more = new int[size];
            best = new int[size];
        }
    }

    private static <T> T data(Class<T> type, int index) {
        try {
            return MethodHandles.classDataAt(MethodHandles.lookup(), "_", type, index);
        } catch (IllegalAccessException e) {
            throw new ExceptionInInitializerError(e);
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
        for (Buckets buckets : BUCKETS) {
            left = better(live, left, burst.best, Math.min(buckets.best, REST));
            long[] masks = buckets.masks;
            int shift = Long.SIZE - buckets.bits;
            int[] hashes = burst.hashes;
            for (int j = 0; j < left; j++) {
                hashes[j] = (int) (mixed(masks, burst.words, live[j] * WORDS) >>> shift);
            }
            int[] starts = buckets.starts;
            int[] rules = burst.rules;
            for (int j = 0; j < left; j++) {
                rules[j] = starts[hashes[j]] + base;
            }
            compare(burst, left);
            base += buckets.ranks.length;
        }
        left = better(live, left, burst.best, REST);
        for (int j = 0; j < left; j++) {
            int i = live[j];
            burst.best[i] = rest(burst.words, i * WORDS, burst.best[i]);
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

    /** Compares each packet with its bucket's first rule, then the few that need it with the following ones. */
    private static void compare(Burst burst, int count) {
        int[] live = burst.live;
        int[] rules = burst.rules;
        int[] best = burst.best;
        int[] more = burst.more;
        int again = 0;
        for (int j = 0; j < count; j++) {
            int i = live[j];
            int rule = rules[j];
            int rank = RULES[rule * STRIDE + STRIDE - 1];
            int found = rank & NONE | (int) (apart(rule, burst.words, i * WORDS) >> 63) & NONE;
            best[i] = Math.min(best[i], found);
            more[again] = j;
            again += (~rank & ~(found - NONE)) >>> 31;
        }
        for (int k = 0; k < again; k++) {
            int i = live[more[k]];
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

    /** Notes all that buckets and trees have, in all categories that are wanted. */
    private static void all(long[] words, int at, int wanted, int[] ranks, int out) {
        int base = 0;
        for (Buckets buckets : BUCKETS) {
            int rule = base + buckets.starts[(int) (mixed(buckets.masks, words, at) >>> Long.SIZE - buckets.bits)];
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

    /** The better one of a rank of category 0 and of what the trees have. */
    private static int rest(long[] words, int at, int best) {
        throw new AssertionError();
    }

    /** Notes what the trees have, in all categories that are wanted. */
    private static void trees(long[] words, int at, int wanted, int[] ranks, int out) {
        throw new AssertionError();
    }
}
