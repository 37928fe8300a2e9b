package dev.penstock.fib;

import dev.penstock.rcu.Qsbr;
import dev.penstock.rcu.Reclaim;
import dev.penstock.rib.Rib6;
import dev.penstock.rib.RibNode;
import dev.penstock.trie.Trie;
import java.util.Objects;

/**
 * IPv6 forwarding with next hops of 1, 2, 4 or 8 bytes (DPDK: rte_fib6, type TRIE). Unlike {@code Lpm6} it always
 * answers, with a default next hop where there is no route.
 *
 * <p>Addresses are two {@code long}s, the first byte highest in the first one. One thread changes the table at a
 * time; any number look up meanwhile. With readers give {@link #rcu} their variable.
 */
public final class Fib6 {
    private final Rib6 rib;
    private final Trie trie;

    /**
     * Makes a table without routes.
     *
     * @param maxRoutes how many it may hold, 1 or more
     * @param bytes of a next hop, 1, 2, 4 or 8; one bit of them is the table's own
     * @param tbl8Groups groups of 256 entries; two routes that begin alike take one for each 8 bits beyond 24 that they share,
     *     a route alone none: 1 to 2^22, and to 128 with 1 byte, 32768 with 2 bytes
     * @param defaultNextHop the answer where there is no route
     * @throws IllegalArgumentException when a number is out of range
     */
    public Fib6(int maxRoutes, int bytes, int tbl8Groups, long defaultNextHop) {
        rib = new Rib6(maxRoutes);
        trie = new Trie("FIB6", bytes, tbl8Groups, maxRoutes, defaultNextHop);
        trie.checked(defaultNextHop);
    }

    /** @return the greatest next hop, 2^(8 * bytes - 1) - 1 */
    public long maxNextHop() {
        return trie.maxNextHop();
    }

    /** @return the routes, to be read only (rte_fib6_get_rib) */
    public Rib6 rib() {
        return rib;
    }

    /** @return groups of 256 in use, those that wait for readers among them */
    public int tbl8Used() {
        return trie.groupsUsed();
    }

    /**
     * Names the readers that look-ups are made by (rte_fib6_rcu_qsbr_add).
     *
     * @param readers their variable; each reader is quiescent between bursts
     * @param mode whether {@link #delete} waits for them or leaves groups to be reclaimed by a later {@link #add}
     * @throws IllegalStateException when there is a variable already
     */
    public void rcu(Qsbr readers, Reclaim mode) {
        trie.rcu(readers, mode);
    }

    /**
     * Adds a route, or changes the next hop of the one there is.
     *
     * @param high first eight bytes of its prefix; bits behind the depth are ignored
     * @param low last eight bytes
     * @param depth the prefix's length, 0 to 128
     * @param nextHop 0 to {@link #maxNextHop}
     * @throws IllegalArgumentException when a number is out of range
     * @throws dev.penstock.tables.TableFullException when routes or groups are used up; the table is unchanged
     */
    public void add(long high, long low, int depth, long nextHop) {
        trie.checked(nextHop);
        RibNode node = rib.insert(high, low, depth);
        if (node == null) {
            trie.change(rib.lookupExact(high, low, depth), nextHop);
        } else if (!trie.add(node, nextHop)) {
            rib.remove(node);
            throw trie.full();
        }
    }

    /**
     * Removes a route; addresses fall back to the next shorter one, or the default.
     *
     * @param high first eight bytes of its prefix
     * @param low last eight bytes
     * @param depth the prefix's length, 0 to 128
     * @return false when there is none
     * @throws IllegalArgumentException when the depth is out of range
     */
    public boolean delete(long high, long low, int depth) {
        RibNode node = rib.lookupExact(high, low, depth);
        if (node == null) {
            return false;
        }
        trie.delete(node);
        rib.remove(node);
        return true;
    }

    /**
     * Finds the next hops of a burst.
     *
     * @param addresses two longs each
     * @param nextHops gets their next hops
     * @param n how many
     * @throws IndexOutOfBoundsException when an array is shorter than that
     */
    public void lookupBulk(long[] addresses, long[] nextHops, int n) {
        Objects.checkFromIndexSize(0, n, Math.min(addresses.length / 2, nextHops.length));
        trie.entries.lookupBulk6(addresses, nextHops, n);
    }
}
