package dev.penstock.rib;

/**
 * IPv4 routes as a control plane needs them: exact and longest match, the route above, those below (DPDK: rte_rib).
 * Addresses are {@code int}s, first byte highest. Bits behind the depth are ignored. Not for the packet path, and
 * for one thread at a time; {@code Lpm} and {@code Fib} keep one of these and are for packets.
 */
public final class Rib {
    /** Which routes {@link #next} visits. */
    public enum Walk {
        /** All inside the prefix, a shorter one before those it covers. */
        ALL,
        /** Only the topmost: none that another visited one covers. */
        COVER
    }

    private final PrefixTree tree;

    /**
     * Makes an empty RIB.
     *
     * @param maxRoutes how many it may hold, 1 or more
     * @throws IllegalArgumentException when that is less than 1
     */
    public Rib(int maxRoutes) {
        tree = new PrefixTree(maxRoutes);
    }

    /** @return routes in it */
    public int routes() {
        return tree.routes();
    }

    /**
     * Adds a route.
     *
     * @param ip its prefix
     * @param depth the prefix's length, 0 to 32
     * @return the route, to set its next hop, or null when there is one of this prefix
     * @throws IllegalArgumentException when the depth is out of range
     * @throws dev.penstock.tables.TableFullException when there are maxRoutes already
     */
    public RibNode insert(int ip, int depth) {
        return tree.insert(key(ip), 0, checked(depth));
    }

    /**
     * Finds the route of the longest prefix.
     *
     * @param ip an address
     * @return the route, or null
     */
    public RibNode lookup(int ip) {
        return tree.lookup(key(ip), 0);
    }

    /**
     * Finds the route of just this prefix.
     *
     * @param ip the prefix
     * @param depth its length, 0 to 32
     * @return the route, or null
     * @throws IllegalArgumentException when the depth is out of range
     */
    public RibNode lookupExact(int ip, int depth) {
        return tree.lookupExact(key(ip), 0, checked(depth));
    }

    /**
     * Removes a route.
     *
     * @param ip its prefix
     * @param depth the prefix's length, 0 to 32
     * @return false when there is none
     * @throws IllegalArgumentException when the depth is out of range
     */
    public boolean remove(int ip, int depth) {
        RibNode node = lookupExact(ip, depth);
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
     * Visits the longer routes inside a prefix one after the other (rte_rib_get_nxt). The tree must not change
     * between the calls.
     *
     * @param ip the prefix; it need not be a route
     * @param depth its length, 0 to 32
     * @param last the one before, null for the first
     * @param walk which ones
     * @return the next, or null after the last
     * @throws IllegalArgumentException when the depth is out of range
     */
    public RibNode next(int ip, int depth, RibNode last, Walk walk) {
        return tree.next(key(ip), 0, checked(depth), last, walk == Walk.COVER);
    }

    private static long key(int ip) {
        return (long) ip << 32;
    }

    private static int checked(int depth) {
        if (depth < 0 || depth > 32) {
            throw new IllegalArgumentException("depth of an IPv4 prefix: " + depth + "; give 0 to 32");
        }
        return depth;
    }
}
