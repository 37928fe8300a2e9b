package dev.penstock.lpm6;

import dev.penstock.rcu.Qsbr;
import dev.penstock.rcu.Reclaim;
import dev.penstock.rib.Rib6;
import dev.penstock.rib.RibNode;
import dev.penstock.trie.IntEntries;
import dev.penstock.trie.Trie;
import java.util.Objects;

/**
 * Longest prefix match over IPv6 with next hops of 21 bits (DPDK: rte_lpm6): a table of 2^24 entries for the first
 * three bytes, then groups of 256 for each further byte that several routes share. A look-up is one load, one more for
 * each byte that it goes deeper, and one comparison with a route that is alone there.
 *
 * <p>Addresses are two {@code long}s, the first byte highest in the first one. One thread changes the table at a
 * time; any number look up meanwhile and see each address with its old or its new next hop. With readers give
 * {@link #rcu} their variable.
 */
public final class Lpm6 {
    /** What a look-up gives for an address without a route. */
    public static final int NO_ROUTE = -1;
    /** The greatest next hop. */
    public static final int MAX_NEXT_HOP = 0x1f_ffff;

    private final Rib6 rib;
    private final Trie trie;
    private final IntEntries entries;

    /**
     * Makes a table without routes.
     *
     * @param maxRules how many routes it may hold, 1 or more
     * @param tbl8Groups groups of 256 entries, 1 to 2097152; 1 KB each. Two routes that begin alike take one for each 8 bits
     *     beyond 24 that they share; a route alone takes none, but 48 bytes
     * @throws IllegalArgumentException when a number is out of range
     */
    public Lpm6(int maxRules, int tbl8Groups) {
        if (maxRules < 1 || tbl8Groups < 1 || tbl8Groups > MAX_NEXT_HOP + 1) {
            throw new IllegalArgumentException("LPM6 of " + maxRules + " rules and " + tbl8Groups
                    + " tbl8 groups; give 1 or more rules and 1 to " + (MAX_NEXT_HOP + 1) + " groups");
        }
        rib = new Rib6(maxRules);
        trie = new Trie("LPM6", 4, tbl8Groups, maxRules, NO_ROUTE);
        entries = (IntEntries) trie.entries;
    }

    /**
     * Names the readers that look-ups are made by.
     *
     * @param readers their variable; each reader is quiescent between bursts
     * @param mode whether {@link #delete} waits for them or leaves groups to be reclaimed by a later {@link #add}
     * @throws IllegalStateException when there is a variable already
     */
    public void rcu(Qsbr readers, Reclaim mode) {
        trie.rcu(readers, mode);
    }

    /** @return routes in the table */
    public int rules() {
        return rib.routes();
    }

    /** @return groups of 256 in use, those that wait for readers among them */
    public int tbl8Used() {
        return trie.groupsUsed();
    }

    /**
     * Adds a route, or changes the next hop of the one there is.
     *
     * @param high first eight bytes of its prefix; bits behind the depth are ignored
     * @param low last eight bytes
     * @param depth the prefix's length, 0 to 128 (DPDK's begins at 1)
     * @param nextHop 0 to {@link #MAX_NEXT_HOP}
     * @throws IllegalArgumentException when a number is out of range
     * @throws dev.penstock.tables.TableFullException when rules or groups are used up; the table is unchanged
     */
    public void add(long high, long low, int depth, int nextHop) {
        if (nextHop < 0 || nextHop > MAX_NEXT_HOP) {
            throw new IllegalArgumentException("next hop " + nextHop + "; give 0 to " + MAX_NEXT_HOP);
        }
        RibNode node = rib.insert(high, low, depth);
        if (node == null) {
            trie.change(rib.lookupExact(high, low, depth), nextHop);
        } else if (!trie.add(node, nextHop)) {
            rib.remove(node);
            throw trie.full();
        }
    }

    /**
     * Finds the next hop of just this prefix (rte_lpm6_is_rule_present).
     *
     * @param high first eight bytes of the prefix
     * @param low last eight bytes
     * @param depth its length, 0 to 128
     * @return its next hop, or {@link #NO_ROUTE} when it is no route
     */
    public int nextHop(long high, long low, int depth) {
        RibNode node = rib.lookupExact(high, low, depth);
        return node == null ? NO_ROUTE : (int) node.nextHop();
    }

    /**
     * Removes a route; addresses fall back to the next shorter one.
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

    /** Removes all routes. */
    public void deleteAll() {
        rib.clear();
        trie.clear();
    }

    /**
     * Finds the next hop of an address.
     *
     * @param high its first eight bytes
     * @param low its last eight bytes
     * @return the next hop, or {@link #NO_ROUTE}
     */
    public int lookup(long high, long low) {
        return entries.lookup6(high, low);
    }

    /**
     * Finds the next hops of a burst: the first loads of several addresses are under way at once.
     *
     * @param addresses two longs each
     * @param nextHops gets their next hops, {@link #NO_ROUTE} where there is none
     * @param n how many
     * @throws IndexOutOfBoundsException when an array is shorter than that
     */
    public void lookupBulk(long[] addresses, int[] nextHops, int n) {
        Objects.checkFromIndexSize(0, n, Math.min(addresses.length / 2, nextHops.length));
        for (int i = 0; i < n; i++) {
            nextHops[i] = entries.lookup6(addresses[2 * i], addresses[2 * i + 1]);
        }
    }
}
