package dev.penstock.fib;

import dev.penstock.rcu.Qsbr;
import dev.penstock.rcu.Reclaim;
import dev.penstock.rib.Rib;
import dev.penstock.rib.RibNode;
import dev.penstock.trie.Trie;
import java.util.Objects;

/**
 * IPv4 forwarding with next hops of 1, 2, 4 or 8 bytes (DPDK: rte_fib, type DIR24_8): the smaller, the more of the
 * table stays in the caches. Unlike {@code Lpm} it always answers, with a default next hop where there is no route.
 *
 * <p>One thread changes it at a time; any number look up meanwhile. With readers give {@link #rcu} their variable.
 */
public final class Fib {
    private final Rib rib;
    private final Trie trie;

    /**
     * Makes a table without routes.
     *
     * @param maxRoutes how many it may hold, 1 or more
     * @param bytes of a next hop, 1, 2, 4 or 8; one bit of them is the table's own
     * @param tbl8Groups how many /24 networks may have routes longer than 24 bits: 1 to 2^22, and to 128 with 1 byte,
     *     32768 with 2 bytes
     * @param defaultNextHop the answer where there is no route
     * @throws IllegalArgumentException when a number is out of range
     */
    public Fib(int maxRoutes, int bytes, int tbl8Groups, long defaultNextHop) {
        rib = new Rib(maxRoutes);
        trie = new Trie("FIB", bytes, tbl8Groups, 0, defaultNextHop);
        trie.checked(defaultNextHop);
    }

    /** @return the greatest next hop, 2^(8 * bytes - 1) - 1 */
    public long maxNextHop() {
        return trie.maxNextHop();
    }

    /** @return the routes, to be read only (rte_fib_get_rib) */
    public Rib rib() {
        return rib;
    }

    /** @return groups of 256 in use, those that wait for readers among them */
    public int tbl8Used() {
        return trie.groupsUsed();
    }

    /**
     * Names the readers that look-ups are made by (rte_fib_rcu_qsbr_add).
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
     * @param ip its prefix; bits behind the depth are ignored
     * @param depth the prefix's length, 0 to 32
     * @param nextHop 0 to {@link #maxNextHop}
     * @throws IllegalArgumentException when a number is out of range
     * @throws dev.penstock.tables.TableFullException when routes or groups are used up; the table is unchanged
     */
    public void add(int ip, int depth, long nextHop) {
        trie.checked(nextHop);
        RibNode node = rib.insert(ip, depth);
        if (node == null) {
            trie.change(rib.lookupExact(ip, depth), nextHop);
        } else if (!trie.add(node, nextHop)) {
            rib.remove(node);
            throw trie.full();
        }
    }

    /**
     * Removes a route; addresses fall back to the next shorter one, or the default.
     *
     * @param ip its prefix
     * @param depth the prefix's length, 0 to 32
     * @return false when there is none
     * @throws IllegalArgumentException when the depth is out of range
     */
    public boolean delete(int ip, int depth) {
        RibNode node = rib.lookupExact(ip, depth);
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
     * @param ips the addresses
     * @param nextHops gets their next hops
     * @param n how many
     * @throws IndexOutOfBoundsException when an array is shorter than that
     */
    public void lookupBulk(int[] ips, long[] nextHops, int n) {
        Objects.checkFromIndexSize(0, n, Math.min(ips.length, nextHops.length));
        trie.entries.lookupBulk(ips, nextHops, n);
    }
}
