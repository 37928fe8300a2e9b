package dev.penstock.trie;

import dev.penstock.net.Ipv6Address;
import dev.penstock.rib.RibNode;
import dev.penstock.tables.Tbl8Groups;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;

/**
 * Routes that are alone below an entry: one comparison instead of a group for each byte that is left. A tail is the route's
 * prefix with its mask, and the entries that hold inside and outside of it. The prefix stays as it is while readers may
 * see the tail; the two entries change each at once.
 */
final class Tails {
    private static final VarHandle WORD = MethodHandles.arrayElementVarHandle(long[].class);
    private static final int STRIDE = 6;
    private static final int LOW = 1;
    private static final int HIGH_MASK = 2;
    private static final int LOW_MASK = 3;
    private static final int INSIDE = 4;
    private static final int OUTSIDE = 5;

    final Tbl8Groups numbers;
    private final long[] words;

    Tails(String owner, int count) {
        int most = Math.min(count, (Integer.MAX_VALUE - 16) / STRIDE);
        numbers = new Tbl8Groups(owner, most);
        words = new long[most * STRIDE];
    }

    /** A tail for a route; inside and outside an address has this entry. */
    int take(RibNode node, long entry) {
        int tail = numbers.take();
        int at = tail * STRIDE;
        int depth = node.depth();
        words[at] = node.ipHigh();
        words[at + LOW] = node.ipLow();
        words[at + HIGH_MASK] = Ipv6Address.highMask(depth);
        words[at + LOW_MASK] = Ipv6Address.lowMask(depth);
        words[at + INSIDE] = entry;
        words[at + OUTSIDE] = entry;
        return tail;
    }

    /** The entry of an address. */
    long find(int tail, long high, long low) {
        int at = tail * STRIDE;
        return words[differs(at, high, low) ? at + OUTSIDE : at + INSIDE];
    }

    private boolean differs(int at, long high, long low) {
        return ((words[at] ^ high) & words[at + HIGH_MASK] | (words[at + LOW] ^ low) & words[at + LOW_MASK]) != 0;
    }

    /** Changes the entry of those addresses, inside or outside, that this one is among. */
    void set(int tail, long high, long low, long entry) {
        int at = tail * STRIDE;
        WORD.setRelease(words, differs(at, high, low) ? at + OUTSIDE : at + INSIDE, entry);
    }

    long high(int tail) {
        return words[tail * STRIDE];
    }

    long low(int tail) {
        return words[tail * STRIDE + LOW];
    }

    int depth(int tail) {
        return Long.bitCount(words[tail * STRIDE + HIGH_MASK]) + Long.bitCount(words[tail * STRIDE + LOW_MASK]);
    }

    long inside(int tail) {
        return words[tail * STRIDE + INSIDE];
    }

    long outside(int tail) {
        return words[tail * STRIDE + OUTSIDE];
    }

    /** How many bits a route's prefix and the tail's begin with alike, or more than both have. */
    int common(int tail, RibNode node) {
        long differing = high(tail) ^ node.ipHigh();
        return differing != 0 ? Long.numberOfLeadingZeros(differing) : 64 + Long.numberOfLeadingZeros(low(tail) ^ node.ipLow());
    }
}
