package dev.penstock.rib;

/**
 * One prefix in a {@link Rib} or {@link Rib6}, with what the user keeps for it. Thread rules are the tree's. Once
 * removed it may become another prefix at the next insert.
 */
public final class RibNode {
    long high;
    long low;
    int depth;
    /** False: the node only joins two others. */
    boolean route;
    long nextHop;
    Object ext;
    RibNode parent;
    RibNode left;
    RibNode right;

    RibNode() {}

    /** @return the prefix of an IPv4 route, bits behind the depth being 0 */
    public int ip() {
        return (int) (high >>> 32);
    }

    /** @return the first eight bytes of an IPv6 route's prefix */
    public long ipHigh() {
        return high;
    }

    /** @return the last eight bytes of an IPv6 route's prefix */
    public long ipLow() {
        return low;
    }

    /** @return the length of the prefix in bits */
    public int depth() {
        return depth;
    }

    /** @return the next hop, 0 when none was set */
    public long nextHop() {
        return nextHop;
    }

    /**
     * Sets the next hop.
     *
     * @param value any value
     */
    public void nextHop(long value) {
        nextHop = value;
    }

    /** @return what the user keeps with the route, null when nothing was set (rte_rib_get_ext) */
    public Object ext() {
        return ext;
    }

    /**
     * Keeps something with the route.
     *
     * @param value anything
     */
    public void ext(Object value) {
        ext = value;
    }

    /** @return the route with the longest prefix that covers this one, or null (rte_rib_lookup_parent) */
    public RibNode lookupParent() {
        RibNode node = parent;
        while (node != null && !node.route) {
            node = node.parent;
        }
        return node;
    }

    /**
     * Visits the topmost longer routes inside this one, those that no other of them covers, one after the other. The
     * tree must not change between the calls.
     *
     * @param last the one before, null for the first
     * @return the next, or null after the last
     */
    public RibNode nextCovered(RibNode last) {
        RibNode node = PrefixTree.following(last == null ? this : last, depth, last != null);
        while (node != null && !node.route) {
            node = PrefixTree.following(node, depth, false);
        }
        return node;
    }
}
