package dev.penstock.trie;

import java.util.Arrays;

/**
 * The IPv4 routes of a trie as they were, compressed after Asai and Ohara's Poptrie (SIGCOMM 2015): 18 bits at first, then
 * nodes of 6 bits each, whose two words of 64 bits say by their counts of ones where the next node or the next hop is.
 * Nothing changes once it is made, so any thread may look up.
 */
public final class Poptrie {
    private static final int TOP = 18;
    private static final int STRIDE = 3;

    private final Entries entries;
    /** With its sign bit a next hop, else a node. */
    private final int[] top = new int[1 << TOP];
    /** Three words a node: which slots are nodes, at which slots another next hop begins, the first node and the first next hop. */
    private long[] nodes = new long[STRIDE << TOP];
    private int nodeCount;
    private int[] leaves = new int[1 << TOP];
    private int leafCount;

    /**
     * Compresses the IPv4 routes of a trie.
     *
     * @param trie the trie, which must not change meanwhile
     * @throws IllegalArgumentException when a next hop is greater than 2^31 - 1
     */
    public Poptrie(Trie trie) {
        entries = trie.entries;
        for (int i = 0; i < top.length; i++) {
            int at = i << 24 - TOP;
            long first = entries.entry(at);
            boolean one = (first & 1) == 0;
            for (int k = 1; k < 64 && one; k++) {
                one = entries.entry(at + k) == first;
            }
            if (one) {
                top[i] = 1 << 31 | hop(first);
            } else {
                top[i] = nodeCount++;
                node(top[i], 0, at);
            }
        }
        nodes = Arrays.copyOf(nodes, nodeCount * STRIDE);
        leaves = Arrays.copyOf(leaves, leafCount);
    }

    private static int hop(long entry) {
        if (entry >>> 1 > Integer.MAX_VALUE) {
            throw new IllegalArgumentException("next hop " + (entry >>> 1) + " in a snapshot; use next hops of up to 2^31 - 1");
        }
        return (int) (entry >>> 1);
    }

    /** A slot of a node: a next hop times 2, or where a node's slots begin times 2, plus 1. */
    private long slot(int level, int at, int k) {
        if (level == 0) {
            long entry = entries.entry(at + k);
            return (entry & 1) == 0 ? entry : (long) Entries.group(entry) << 1 | 1;
        }
        if (level == 2) {
            return entries.entry(at + (k >>> 4));
        }
        int from = at + 4 * k;
        long entry = entries.entry(from);
        boolean one = entry == entries.entry(from + 1) && entry == entries.entry(from + 2) && entry == entries.entry(from + 3);
        return one ? entry : (long) from << 1 | 1;
    }

    private void node(int node, int level, int at) {
        long below = 0;
        long begins = 0;
        long last = -1;
        int firstLeaf = leafCount;
        for (int k = 0; k < 64; k++) {
            long slot = slot(level, at, k);
            if ((slot & 1) != 0) {
                below |= 1L << k;
            } else if (slot != last) {
                begins |= 1L << k;
                last = slot;
                leaf(hop(slot));
            }
        }
        int firstNode = nodeCount;
        nodeCount += Long.bitCount(below);
        while (nodes.length < nodeCount * STRIDE) {
            nodes = Arrays.copyOf(nodes, 2 * nodes.length);
        }
        nodes[node * STRIDE] = below;
        nodes[node * STRIDE + 1] = begins;
        nodes[node * STRIDE + 2] = (long) firstNode << 32 | firstLeaf;
        int next = firstNode;
        for (long left = below; left != 0; left &= left - 1) {
            node(next++, level + 1, (int) (slot(level, at, Long.numberOfTrailingZeros(left)) >>> 1));
        }
    }

    private void leaf(int hop) {
        if (leafCount == leaves.length) {
            leaves = Arrays.copyOf(leaves, 2 * leaves.length);
        }
        leaves[leafCount++] = hop;
    }

    /** @return bytes that look-ups read */
    public long bytes() {
        return 4L * top.length + 8L * nodes.length + 4L * leaves.length;
    }

    /**
     * Finds the next hops of a burst: all first loads, then those of the nodes.
     *
     * @param ips the addresses
     * @param nextHops gets their next hops
     * @param n how many
     */
    public void lookupBulk(int[] ips, long[] nextHops, int n) {
        int[] t = top;
        for (int i = 0; i < n; i++) {
            nextHops[i] = t[ips[i] >>> 32 - TOP];
        }
        for (int i = 0; i < n; i++) {
            int found = (int) nextHops[i];
            nextHops[i] = found < 0 ? found & Integer.MAX_VALUE : node(found, ips[i]);
        }
    }

    private int node(int node, int ip) {
        int at = node * STRIDE;
        int slot = ip >>> 8 & 63;
        long upTo = (2L << slot) - 1;
        return (nodes[at] >>> slot & 1) == 0 ? leaf(at, upTo) : below(at, upTo, ip);
    }

    private int leaf(int at, long upTo) {
        return leaves[(int) nodes[at + 2] + Long.bitCount(nodes[at + 1] & upTo) - 1];
    }

    /** For the few addresses that have routes longer than 24 bits beside them. */
    private int below(int from, long fromUpTo, int ip) {
        int at = from;
        long upTo = fromUpTo;
        int rest = ip << 24;
        do {
            at = ((int) (nodes[at + 2] >>> 32) + Long.bitCount(nodes[at] & upTo) - 1) * STRIDE;
            int slot = rest >>> 26;
            rest <<= 6;
            upTo = (2L << slot) - 1;
            if ((nodes[at] >>> slot & 1) == 0) {
                return leaf(at, upTo);
            }
        } while (true);
    }
}
