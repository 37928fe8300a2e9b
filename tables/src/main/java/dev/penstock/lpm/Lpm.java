package dev.penstock.lpm;

import dev.penstock.rcu.Qsbr;
import dev.penstock.rcu.Reclaim;
import dev.penstock.rib.Rib;
import dev.penstock.rib.RibNode;
import dev.penstock.tables.TableFullException;
import dev.penstock.trie.IntEntries;
import dev.penstock.trie.Trie;
import java.util.Objects;

/**
 * Longest prefix match over IPv4 with next hops of 24 bits (DPDK: rte_lpm): DIR-24-8 of Gupta, Lin and McKeown. The
 * first 24 bits of an address index a table of 16 M entries (64 MB); where longer prefixes exist the entry names a
 * group of 256 for the last 8 bits. A look-up is one or two loads.
 *
 * <p>One thread changes the table at a time; any number look up meanwhile and see each address with its old or its
 * new next hop. A group that is no longer needed is used again at once, so with readers give {@link #rcu} their
 * variable. Routes live in a {@link Rib} and cost about 60 bytes each.
 */
public final class Lpm {
    /** What a look-up gives for an address without a route. */
    public static final int NO_ROUTE = -1;
    /** The greatest next hop. */
    public static final int MAX_NEXT_HOP = 0xff_ffff;

    private final Rib rib;
    private final Trie trie;
    private final IntEntries entries;

    /**
     * Makes a table without routes.
     *
     * @param maxRules how many routes it may hold, 1 or more
     * @param tbl8Groups how many /24 networks may have routes longer than 24 bits, 1 to 4194304; 1 KB each
     * @throws IllegalArgumentException when a number is out of range
     */
    public Lpm(int maxRules, int tbl8Groups) {
        if (maxRules < 1 || tbl8Groups < 1 || tbl8Groups > 1 << 22) {
            throw new IllegalArgumentException("LPM of " + maxRules + " rules and " + tbl8Groups
                    + " tbl8 groups; give 1 or more rules and 1 to " + (1 << 22) + " groups");
        }
        rib = new Rib(maxRules);
        trie = new Trie("LPM", 4, tbl8Groups, 0, NO_ROUTE);
        entries = (IntEntries) trie.entries;
    }

    /**
     * Names the readers that look-ups are made by (rte_lpm_rcu_qsbr_add).
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
     * @param ip its prefix; bits behind the depth are ignored
     * @param depth the prefix's length, 0 to 32 (DPDK's begins at 1)
     * @param nextHop 0 to {@link #MAX_NEXT_HOP}
     * @throws IllegalArgumentException when a number is out of range
     * @throws TableFullException when rules or groups are used up; the table is unchanged
     */
    public void add(int ip, int depth, int nextHop) {
        if (nextHop < 0 || nextHop > MAX_NEXT_HOP) {
            throw new IllegalArgumentException("next hop " + nextHop + "; give 0 to " + MAX_NEXT_HOP);
        }
        RibNode node = rib.insert(ip, depth);
        if (node == null) {
            trie.change(rib.lookupExact(ip, depth), nextHop);
        } else if (!trie.add(node, nextHop)) {
            rib.remove(node);
            throw trie.full();
        }
    }

    /**
     * Finds the next hop of just this prefix (rte_lpm_is_rule_present).
     *
     * @param ip the prefix
     * @param depth its length, 0 to 32
     * @return its next hop, or {@link #NO_ROUTE} when it is no route
     */
    public int nextHop(int ip, int depth) {
        RibNode node = rib.lookupExact(ip, depth);
        return node == null ? NO_ROUTE : (int) node.nextHop();
    }

    /**
     * Removes a route; addresses fall back to the next shorter one.
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

    /** Removes all routes. */
    public void deleteAll() {
        rib.clear();
        trie.clear();
    }

    /**
     * Finds the next hop of an address.
     *
     * @param ip the address
     * @return the next hop, or {@link #NO_ROUTE}
     */
    public int lookup(int ip) {
        return entries.lookup(ip);
    }

    /**
     * Finds the next hops of a burst: the loads of several addresses are under way at once.
     *
     * @param ips the addresses
     * @param nextHops gets their next hops, {@link #NO_ROUTE} where there is none
     * @param n how many
     * @throws IndexOutOfBoundsException when an array is shorter than that
     */
    public void lookupBulk(int[] ips, int[] nextHops, int n) {
        Objects.checkFromIndexSize(0, n, Math.min(ips.length, nextHops.length));
        entries.lookupBulk(ips, nextHops, n);
    }
}
