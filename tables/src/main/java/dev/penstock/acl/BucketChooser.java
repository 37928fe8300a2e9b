package dev.penstock.acl;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.PriorityQueue;
import java.util.stream.IntStream;

/**
 * Chooses which bits {@link Buckets} hash: again and again those by which most of the rules that are left come into small
 * buckets. Few such tables hold almost all rules of an access list, without a copy of any; what is left are wide rules.
 */
final class BucketChooser {
    /**
     * Rules that may share a bucket. With more of them one table has all rules that fix both addresses, which mostly are the best, and
     * packets that match one of those are done after it.
     */
    private static final int MOST = 16;
    private static final int MOST_TABLES = 8;
    /** Fields whose bits are hashed, at most: each multiplies what is to be tried. */
    private static final int MOST_FIELDS = 4;
    /** A table is worth its time with this part of the rules, and with so many. */
    private static final int LEAST_PART = 200;
    private static final int LEAST_RULES = 8;

    private final RuleSet set;
    private final Packing packing;
    private final long[] words;
    private int[] left;
    private final List<Buckets> chosen = new ArrayList<>();

    /** First bits of fields; how many rules they serve, as counted when that many tables were chosen. */
    private static final class Candidate {
        final int[] lengths;
        final long[] masks;
        int rules = Integer.MAX_VALUE;
        int counted = -1;

        Candidate(int[] lengths, long[] masks) {
            this.lengths = lengths;
            this.masks = masks;
        }
    }

    BucketChooser(RuleSet set) {
        this.set = set;
        packing = new Packing(set.fields);
        words = new long[set.size * packing.words()];
        for (int rank = 0; rank < set.size; rank++) {
            packing.pack(set.lo, rank * set.fields.length, words, rank * packing.words());
        }
        left = IntStream.range(0, set.size).toArray();
    }

    /**
     * Chooses.
     *
     * @param maxBytes what the tables may take
     * @return them, the one with the best rule first
     */
    Buckets[] choose(long maxBytes) {
        PriorityQueue<Candidate> candidates = new PriorityQueue<>(Comparator.comparingInt(candidate -> -candidate.rules));
        candidates.addAll(candidates());
        long bytes = 0;
        while (chosen.size() < MOST_TABLES && !candidates.isEmpty()) {
            Candidate best = candidates.poll();
            if (best.counted < chosen.size()) {
                // What is left only gets less, so a candidate that was no better before is no better now.
                best.rules = served(best).length;
                best.counted = chosen.size();
                candidates.add(best);
                continue;
            }
            bytes += Buckets.bytes(best.rules);
            if (best.rules < Math.max(LEAST_RULES, set.size / LEAST_PART) || bytes > maxBytes) {
                break;
            }
            take(best);
        }
        chosen.sort(Comparator.comparingInt(buckets -> buckets.best));
        return chosen.toArray(new Buckets[0]);
    }

    /** The rules that no table has, ascending. */
    int[] left() {
        return left;
    }

    private void take(Candidate candidate) {
        int[] served = served(candidate);
        chosen.add(new Buckets(words, candidate.masks, served));
        int[] rest = new int[left.length - served.length];
        int kept = 0;
        int at = 0;
        for (int rank : left) {
            if (at < served.length && served[at] == rank) {
                at++;
            } else {
                rest[kept++] = rank;
            }
        }
        left = rest;
    }

    private List<Candidate> candidates() {
        int[] fields = IntStream.range(0, set.fields.length).filter(f -> set.fields[f].size() > 1).boxed()
                .sorted(Comparator.comparingInt(f -> -fixing(f))).limit(MOST_FIELDS).mapToInt(Integer::intValue).toArray();
        List<Candidate> candidates = new ArrayList<>();
        add(candidates, new int[set.fields.length], fields, 0);
        return candidates;
    }

    /** How many rules fix half of a field or more. */
    private int fixing(int field) {
        return (int) IntStream.range(0, set.size).filter(rank -> set.narrow(rank, field)).count();
    }

    private void add(List<Candidate> candidates, int[] lengths, int[] fields, int next) {
        if (next == fields.length) {
            if (Arrays.stream(lengths).sum() > 0) {
                candidates.add(new Candidate(lengths.clone(), masks(lengths)));
            }
            return;
        }
        int bits = set.fields[fields[next]].bits();
        int step = bits == Integer.SIZE ? Byte.SIZE : Math.min(bits, Integer.SIZE);
        for (int length = 0; length <= bits; length += step) {
            lengths[fields[next]] = length;
            add(candidates, lengths, fields, next + 1);
        }
        lengths[fields[next]] = 0;
    }

    private long[] masks(int[] lengths) {
        long[] masks = new long[packing.words()];
        for (int f = 0; f < lengths.length; f++) {
            if (lengths[f] > 0) {
                masks[packing.word(f)] |= (set.fields[f].max() & -1L << set.fields[f].bits() - lengths[f]) << packing.shift(f);
            }
        }
        return masks;
    }

    private boolean fixes(int rank, int[] lengths) {
        for (int f = 0; f < lengths.length; f++) {
            int at = rank * lengths.length + f;
            if (lengths[f] > 0 && (set.lo[at] ^ set.hi[at]) >>> set.fields[f].bits() - lengths[f] != 0) {
                return false;
            }
        }
        return true;
    }

    /** The rules, of those left, that fix these bits and share them with few others. */
    private int[] served(Candidate candidate) {
        int[] fixing = Arrays.stream(left).filter(rank -> fixes(rank, candidate.lengths)).toArray();
        int size = Integer.highestOneBit(fixing.length * 2 + 1) * 2;
        long[] keys = new long[size];
        int[] counts = new int[size];
        int[] places = new int[fixing.length];
        for (int i = 0; i < fixing.length; i++) {
            long key = Buckets.mixed(candidate.masks, words, fixing[i] * packing.words()) | 1;
            int at = (int) (key >>> 32) & size - 1;
            while (keys[at] != 0 && keys[at] != key) {
                at = at + 1 & size - 1;
            }
            keys[at] = key;
            counts[at]++;
            places[i] = at;
        }
        return IntStream.range(0, fixing.length).filter(i -> counts[places[i]] <= MOST).map(i -> fixing[i]).toArray();
    }
}
