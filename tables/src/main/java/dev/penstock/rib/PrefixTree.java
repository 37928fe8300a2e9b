package dev.penstock.rib;

import dev.penstock.net.Ipv6Address;
import dev.penstock.tables.TableFullException;
import java.util.Arrays;

/** The binary tree, path-compressed, that both kinds of RIB are: prefixes of up to 128 bits, highest bit first. */
final class PrefixTree {
    private static final int TOP = 16;

    private final int maxRoutes;
    /** In a large tree, for each value of the first 16 bits the topmost node of 16 bits or more: half the way down. */
    private final RibNode[] tops;
    private RibNode root;
    /** Nodes that were removed: a table that changes allocates nothing. No list, whose links would be misses of the cache. */
    private RibNode[] spare = new RibNode[64];
    private int spareCount;
    private int routes;

    PrefixTree(int maxRoutes) {
        if (maxRoutes < 1) {
            throw new IllegalArgumentException("a RIB of " + maxRoutes + " routes; give 1 or more");
        }
        this.maxRoutes = maxRoutes;
        tops = new RibNode[maxRoutes < 1 << TOP ? 0 : 1 << TOP];
    }

    int routes() {
        return routes;
    }

    void clear() {
        root = null;
        Arrays.fill(tops, null);
        routes = 0;
    }

    RibNode lookup(long high, long low) {
        RibNode best = null;
        RibNode node = root;
        while (node != null && covers(node, high, low)) {
            best = node.route ? node : best;
            node = bit(high, low, node.depth) == 0 ? node.left : node.right;
        }
        return best;
    }

    RibNode lookupExact(long high, long low, int depth) {
        RibNode node = atOrBelow(high, low, depth);
        return node != null && node.route && node.depth == depth && covers(node, high, low) ? node : null;
    }

    /** A node on the way to a prefix, the lower the better. */
    private RibNode start(long high, int depth) {
        RibNode top = tops.length != 0 && depth >= TOP ? tops[(int) (high >>> 64 - TOP)] : null;
        return top != null ? top : root;
    }

    private void top(RibNode node, RibNode replacement) {
        if (tops.length != 0 && node.depth >= TOP && (node.parent == null || node.parent.depth < TOP)) {
            tops[(int) (node.high >>> 64 - TOP)] = replacement;
        }
    }

    /** The topmost node that is no shorter than the prefix, on its way; it may lie beside it. */
    private RibNode atOrBelow(long high, long low, int depth) {
        RibNode node = start(high, depth);
        while (node != null && node.depth < depth) {
            if (!covers(node, high, low)) {
                return null;
            }
            node = bit(high, low, node.depth) == 0 ? node.left : node.right;
        }
        return node;
    }

    /** The new route, or null when there is one of this prefix. */
    RibNode insert(long high, long low, int depth) {
        RibNode node = start(high, depth);
        RibNode above = node == null ? null : node.parent;
        while (node != null && node.depth < depth && covers(node, high, low)) {
            above = node;
            node = bit(high, low, node.depth) == 0 ? node.left : node.right;
        }
        if (node != null && node.depth == depth && covers(node, high, low)) {
            if (node.route) {
                return null;
            }
            count();
            node.route = true;
            return node;
        }
        count();
        RibNode added = node(high, low, depth);
        added.route = true;
        if (node == null) {
            hang(above, null, added);
            return added;
        }
        int common = Math.min(commonBits(node, high, low), Math.min(depth, node.depth));
        if (common == depth) {
            hang(above, node, added);
            adopt(added, node);
        } else {
            RibNode joint = node(high, low, common);
            hang(above, node, joint);
            adopt(joint, node);
            adopt(joint, added);
        }
        return added;
    }

    private void count() {
        if (routes == maxRoutes) {
            throw new TableFullException("routes of the RIB", maxRoutes, "make it with a greater maxRoutes");
        }
        routes++;
    }

    private RibNode node(long high, long low, int depth) {
        RibNode node = spareCount == 0 ? new RibNode() : spare[--spareCount];
        node.high = high & Ipv6Address.highMask(depth);
        node.low = low & Ipv6Address.lowMask(depth);
        node.depth = depth;
        node.route = false;
        node.left = null;
        node.right = null;
        return node;
    }

    private void hang(RibNode above, RibNode replaced, RibNode node) {
        node.parent = above;
        if (above == null) {
            root = node;
        } else if (replaced != null ? above.left == replaced : bit(node.high, node.low, above.depth) == 0) {
            above.left = node;
        } else {
            above.right = node;
        }
        top(node, node);
    }

    private void adopt(RibNode parent, RibNode child) {
        child.parent = parent;
        if (bit(child.high, child.low, parent.depth) == 0) {
            parent.left = child;
        } else {
            parent.right = child;
        }
        top(child, child);
    }

    void remove(RibNode node) {
        node.route = false;
        node.nextHop = 0;
        node.ext = null;
        routes--;
        RibNode at = node;
        while (at != null && !at.route && (at.left == null || at.right == null)) {
            RibNode child = at.left != null ? at.left : at.right;
            RibNode above = at.parent;
            top(at, child);
            if (above == null) {
                root = child;
            } else if (above.left == at) {
                above.left = child;
            } else {
                above.right = child;
            }
            if (spareCount == spare.length) {
                spare = Arrays.copyOf(spare, 2 * spareCount);
            }
            spare[spareCount++] = at;
            if (child != null) {
                child.parent = above;
                return;
            }
            at = above;
        }
    }

    /** The next route inside a prefix, shorter ones before those they cover; itself not among them. */
    RibNode next(long high, long low, int depth, RibNode last, boolean coverOnly) {
        RibNode node;
        if (last == null) {
            node = atOrBelow(high, low, depth);
            if (node == null || !inside(node, high, low, depth)) {
                return null;
            }
        } else {
            node = following(last, depth, coverOnly);
        }
        while (node != null && (!node.route || node.depth == depth)) {
            node = following(node, depth, false);
        }
        return node;
    }

    /** The next node in order, within the subtree whose nodes are no shorter than the depth. */
    static RibNode following(RibNode node, int depth, boolean skipBelow) {
        if (!skipBelow && node.left != null) {
            return node.left;
        }
        if (!skipBelow && node.right != null) {
            return node.right;
        }
        RibNode at = node;
        RibNode above = at.parent;
        while (above != null && above.depth >= depth) {
            if (above.left == at && above.right != null) {
                return above.right;
            }
            at = above;
            above = at.parent;
        }
        return null;
    }

    private static boolean inside(RibNode node, long high, long low, int depth) {
        return node.depth >= depth && ((node.high ^ high) & Ipv6Address.highMask(depth)) == 0 && ((node.low ^ low) & Ipv6Address.lowMask(depth)) == 0;
    }

    private static boolean covers(RibNode node, long high, long low) {
        return ((node.high ^ high) & Ipv6Address.highMask(node.depth)) == 0
                && (node.depth <= 64 || ((node.low ^ low) & Ipv6Address.lowMask(node.depth)) == 0);
    }

    private static int commonBits(RibNode node, long high, long low) {
        long differing = node.high ^ high;
        return differing != 0 ? Long.numberOfLeadingZeros(differing) : 64 + Long.numberOfLeadingZeros(node.low ^ low);
    }

    private static long bit(long high, long low, int at) {
        return at < 64 ? high >>> 63 - at & 1 : at < 128 ? low >>> 127 - at & 1 : 0;
    }
}
