package dev.penstock.rib;

/**
 * IPv6 routes as a control plane needs them: exact and longest match, the route above, those below (DPDK: rte_rib6).
 * Addresses are two {@code long}s, the first byte highest in the first one. Bits behind the depth are ignored. Not
 * for the packet path, and for one thread at a time; {@code Lpm6} and {@code Fib6} keep one of these and are for
 * packets.
 */
public final class Rib6 {
    private final PrefixTree tree;

    /**
     * Makes an empty RIB.
     *
     * @param maxRoutes how many it may hold, 1 or more
     * @throws IllegalArgumentException when that is less than 1
     */
    public Rib6(int maxRoutes) {
        tree = new PrefixTree(maxRoutes);
    }

    /** @return routes in it */
    public int routes() {
        return tree.routes();
    }

    /**
     * Adds a route.
     *
     * @param high its prefix: its first eight bytes
     * @param low its last eight bytes
     * @param depth the prefix's length, 0 to 128
     * @return the route, to set its next hop, or null when there is one of this prefix
     * @throws IllegalArgumentException when the depth is out of range
     * @throws dev.penstock.tables.TableFullException when there are maxRoutes already
     */
    public RibNode insert(long high, long low, int depth) {
        return tree.insert(high, low, checked(depth));
    }

    /**
     * Finds the route of the longest prefix.
     *
     * @param high an address: its first eight bytes
     * @param low its last eight bytes
     * @return the route, or null
     */
    public RibNode lookup(long high, long low) {
        return tree.lookup(high, low);
    }

    /**
     * Finds the route of just this prefix.
     *
     * @param high the prefix: its first eight bytes
     * @param low its last eight bytes
     * @param depth its length, 0 to 128
     * @return the route, or null
     * @throws IllegalArgumentException when the depth is out of range
     */
    public RibNode lookupExact(long high, long low, int depth) {
        return tree.lookupExact(high, low, checked(depth));
    }

    /**
     * Removes a route.
     *
     * @param high its prefix: its first eight bytes
     * @param low its last eight bytes
     * @param depth the prefix's length, 0 to 128
     * @return false when there is none
     * @throws IllegalArgumentException when the depth is out of range
     */
    public boolean remove(long high, long low, int depth) {
        RibNode node = lookupExact(high, low, depth);
        if (node != null) {
            tree.remove(node);
        }
        return node != null;
    }

    /**
     * Removes a route that is known, without looking for it.
     *
     * @param route one of this RIB's, from a look-up or insert
     */
    public void remove(RibNode route) {
        tree.remove(route);
    }

    /** Removes all routes. */
    public void clear() {
        tree.clear();
    }

    /**
     * Visits the longer routes inside a prefix one after the other (rte_rib6_get_nxt). The tree must not change
     * between the calls.
     *
     * @param high the prefix, which need not be a route: its first eight bytes
     * @param low its last eight bytes
     * @param depth its length, 0 to 128
     * @param last the one before, null for the first
     * @param walk which ones
     * @return the next, or null after the last
     * @throws IllegalArgumentException when the depth is out of range
     */
    public RibNode next(long high, long low, int depth, RibNode last, Rib.Walk walk) {
        return tree.next(high, low, checked(depth), last, walk == Rib.Walk.COVER);
    }

    private static int checked(int depth) {
        if (depth < 0 || depth > 128) {
            throw new IllegalArgumentException("depth of an IPv6 prefix: " + depth + "; give 0 to 128");
        }
        return depth;
    }
}
