package dev.penstock.lpm;

import dev.penstock.rcu.Qsbr;
import dev.penstock.rcu.Reclaim;
import dev.penstock.rib.Rib;
import dev.penstock.rib.RibNode;
import dev.penstock.tables.TableFullException;
import dev.penstock.tables.Tbl8Groups;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.Arrays;
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

    private static final VarHandle ENTRY = MethodHandles.arrayElementVarHandle(int[].class);
    /** Sign bit: the low bits name a group. */
    private static final int EXTENDED = 1 << 31;
    private static final int VALID = 1 << 30;
    private static final int DEPTH_SHIFT = 24;
    private static final int GROUP = 256;

    private final int[] tbl24 = new int[1 << 24];
    private final int[] tbl8;
    private final Rib rib;
    private final int maxRules;
    private final Tbl8Groups groups;

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
        this.maxRules = maxRules;
        rib = new Rib(maxRules);
        tbl8 = new int[tbl8Groups * GROUP];
        groups = new Tbl8Groups("LPM", tbl8Groups);
    }

    /**
     * Names the readers that look-ups are made by (rte_lpm_rcu_qsbr_add).
     *
     * @param readers their variable; each reader is quiescent between bursts
     * @param mode whether {@link #delete} waits for them or leaves groups to be reclaimed by a later {@link #add}
     * @throws IllegalStateException when there is a variable already
     */
    public void rcu(Qsbr readers, Reclaim mode) {
        groups.rcu(readers, mode);
    }

    /** @return routes in the table */
    public int rules() {
        return rib.routes();
    }

    /** @return groups of 256 in use, those that wait for readers among them */
    public int tbl8Used() {
        return groups.used();
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
        RibNode node = rib.lookupExact(ip, depth);
        boolean fresh = node == null;
        if (fresh && rib.routes() == maxRules) {
            throw new TableFullException("rules of the LPM", maxRules, "make it with a greater maxRules");
        }
        if (fresh && depth > 24) {
            extend(ip >>> 8);
        }
        if (fresh) {
            node = rib.insert(ip, depth);
        }
        node.nextHop(nextHop);
        paint(node.ip(), depth, depth, VALID | depth << DEPTH_SHIFT | nextHop);
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
        RibNode above = node.lookupParent();
        int entry = above == null ? 0 : VALID | above.depth() << DEPTH_SHIFT | (int) above.nextHop();
        rib.remove(ip, depth);
        if (depth > 24) {
            shrink(node, entry);
        } else {
            paint(node.ip(), depth, depth, entry);
        }
        return true;
    }

    /** Removes all routes. */
    public void deleteAll() {
        rib.clear();
        for (int i = 0; i < tbl24.length; i++) {
            int entry = tbl24[i];
            if (entry != 0) {
                ENTRY.setRelease(tbl24, i, 0);
                if (entry < 0) {
                    groups.release(entry & MAX_NEXT_HOP);
                }
            }
        }
    }

    /**
     * Finds the next hop of an address.
     *
     * @param ip the address
     * @return the next hop, or {@link #NO_ROUTE}
     */
    public int lookup(int ip) {
        int entry = tbl24[ip >>> 8];
        if (entry < 0) {
            entry = tbl8[(entry & MAX_NEXT_HOP) << 8 | ip & 0xff];
        }
        return hop(entry);
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
        int[] first = tbl24;
        for (int i = 0; i < n; i++) {
            nextHops[i] = first[ips[i] >>> 8];
        }
        int[] second = tbl8;
        for (int i = 0; i < n; i++) {
            int entry = nextHops[i];
            if (entry < 0) {
                entry = second[(entry & MAX_NEXT_HOP) << 8 | ips[i] & 0xff];
            }
            nextHops[i] = hop(entry);
        }
    }

    private static int hop(int entry) {
        return entry & MAX_NEXT_HOP | (entry >>> 30) - 1;
    }

    /** Sets every entry of a prefix that belongs to routes no longer than {@code upTo}. */
    private void paint(int ip, int depth, int upTo, int entry) {
        if (depth > 24) {
            int group = tbl24[ip >>> 8] & MAX_NEXT_HOP;
            paintGroup(group << 8 | ip & 0xff, 1 << 32 - depth, upTo, entry);
            return;
        }
        int from = ip >>> 8;
        int to = from + (1 << 24 - depth);
        for (int i = from; i < to; i++) {
            int old = tbl24[i];
            if (old < 0) {
                paintGroup((old & MAX_NEXT_HOP) << 8, GROUP, upTo, entry);
            } else if (old >>> DEPTH_SHIFT <= (VALID >>> DEPTH_SHIFT | upTo)) {
                tbl24[i] = entry;
            }
        }
    }

    private void paintGroup(int from, int count, int upTo, int entry) {
        for (int i = from; i < from + count; i++) {
            if (tbl8[i] >>> DEPTH_SHIFT <= (VALID >>> DEPTH_SHIFT | upTo)) {
                tbl8[i] = entry;
            }
        }
    }

    /** Counts a long route of a /24 network; the first one gets it a group. */
    private void extend(int network) {
        int entry = tbl24[network];
        if (entry < 0) {
            groups.addRule(entry & MAX_NEXT_HOP);
            return;
        }
        groups.require(1);
        int group = groups.take();
        groups.addRule(group);
        Arrays.fill(tbl8, group << 8, (group << 8) + GROUP, entry);
        ENTRY.setRelease(tbl24, network, EXTENDED | group);
    }

    /** Uncounts a long route; with the last one the network's one remaining entry moves back to the first table. */
    private void shrink(RibNode node, int entry) {
        int network = node.ip() >>> 8;
        int group = tbl24[network] & MAX_NEXT_HOP;
        if (groups.removeRule(group) > 0) {
            paint(node.ip(), node.depth(), node.depth(), entry);
        } else {
            ENTRY.setRelease(tbl24, network, entry);
            groups.release(group);
        }
    }
}
