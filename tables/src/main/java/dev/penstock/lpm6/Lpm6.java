package dev.penstock.lpm6;

import dev.penstock.rcu.Qsbr;
import dev.penstock.rcu.Reclaim;
import dev.penstock.rib.Rib6;
import dev.penstock.rib.RibNode;
import dev.penstock.tables.Tbl8Groups;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.Arrays;
import java.util.Objects;

/**
 * Longest prefix match over IPv6 with next hops of 21 bits (DPDK: rte_lpm6): a table of 2^24 entries for the first
 * three bytes, then groups of 256 for each further byte, as far as there are longer routes. A look-up is one load,
 * and one more for each byte that it goes deeper.
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

    private static final VarHandle ENTRY = MethodHandles.arrayElementVarHandle(int[].class);
    private static final int FIRST = 1 << 24;
    /** Sign bit: the low bits name a group. */
    private static final int EXTENDED = 1 << 31;
    private static final int VALID = 1 << 30;
    private static final int DEPTH_SHIFT = 21;

    /** Both tables: 2^24 entries, then the groups. */
    private final int[] table;
    private final Rib6 rib;
    private final Tbl8Groups groups;

    /**
     * Makes a table without routes.
     *
     * @param maxRules how many routes it may hold, 1 or more
     * @param tbl8Groups groups of 256 entries, 1 to 2097152; 1 KB each
     * @throws IllegalArgumentException when a number is out of range
     */
    public Lpm6(int maxRules, int tbl8Groups) {
        if (maxRules < 1 || tbl8Groups < 1 || tbl8Groups > MAX_NEXT_HOP + 1) {
            throw new IllegalArgumentException("LPM6 of " + maxRules + " rules and " + tbl8Groups
                    + " tbl8 groups; give 1 or more rules and 1 to " + (MAX_NEXT_HOP + 1) + " groups");
        }
        rib = new Rib6(maxRules);
        table = new int[FIRST + (tbl8Groups << 8)];
        groups = new Tbl8Groups("LPM6", tbl8Groups);
    }

    /**
     * Names the readers that look-ups are made by.
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
        RibNode node = rib.lookupExact(high, low, depth);
        boolean fresh = node == null;
        if (fresh) {
            groups.require(missing(high, low, depth));
            node = rib.insert(high, low, depth);
        }
        node.nextHop(nextHop);
        int at = (int) (node.ipHigh() >>> 40);
        for (int bits = 24; bits < depth; bits += 8) {
            at = below(fresh ? deepen(at) : table[at], node.ipHigh(), node.ipLow(), bits);
        }
        paint(at, span(depth), depth, VALID | depth << DEPTH_SHIFT | nextHop);
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
        RibNode above = node.lookupParent();
        int entry = above == null ? 0 : VALID | above.depth() << DEPTH_SHIFT | (int) above.nextHop();
        rib.remove(high, low, depth);
        int at = (int) (node.ipHigh() >>> 40);
        int unused = -1;
        for (int bits = 24; bits < depth; bits += 8) {
            int group = table[at] & MAX_NEXT_HOP;
            if (groups.removeRule(group) == 0 && unused < 0) {
                unused = at;
            }
            at = below(table[at], node.ipHigh(), node.ipLow(), bits);
        }
        if (unused >= 0) {
            prune(unused, entry);
        } else {
            paint(at, span(depth), depth, entry);
        }
        return true;
    }

    /**
     * Finds the next hop of an address.
     *
     * @param high its first eight bytes
     * @param low its last eight bytes
     * @return the next hop, or {@link #NO_ROUTE}
     */
    public int lookup(long high, long low) {
        int entry = table[(int) (high >>> 40)];
        for (int shift = 32; entry < 0 && shift >= 0; shift -= 8) {
            entry = table[FIRST + ((entry & MAX_NEXT_HOP) << 8) + ((int) (high >>> shift) & 0xff)];
        }
        for (int shift = 56; entry < 0; shift -= 8) {
            entry = table[FIRST + ((entry & MAX_NEXT_HOP) << 8) + ((int) (low >>> shift) & 0xff)];
        }
        return hop(entry);
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
            nextHops[i] = lookup(addresses[2 * i], addresses[2 * i + 1]);
        }
    }

    private static int hop(int entry) {
        return entry & MAX_NEXT_HOP | (entry >>> 30) - 1;
    }

    /** How many entries a route fills at its level. */
    private static int span(int depth) {
        return depth <= 24 ? 1 << 24 - depth : 1 << (-depth & 7);
    }

    /** The index of an address's entry in the group that an entry names. */
    private static int below(int entry, long high, long low, int bits) {
        int octet = (int) (bits < 64 ? high >>> 56 - bits : low >>> 120 - bits) & 0xff;
        return FIRST + ((entry & MAX_NEXT_HOP) << 8) + octet;
    }

    /** Groups that a route would need and that are not there. */
    private int missing(long high, long low, int depth) {
        int at = (int) (high >>> 40);
        for (int bits = 24; bits < depth; bits += 8) {
            if (table[at] >= 0) {
                return (depth - bits + 7) / 8;
            }
            at = below(table[at], high, low, bits);
        }
        return 0;
    }

    /** Counts a route that goes below an entry, and makes the group if there is none. */
    private int deepen(int at) {
        int entry = table[at];
        if (entry >= 0) {
            int group = groups.take();
            int first = FIRST + (group << 8);
            Arrays.fill(table, first, first + 256, entry);
            entry = EXTENDED | group;
            ENTRY.setRelease(table, at, entry);
        }
        groups.addRule(entry & MAX_NEXT_HOP);
        return entry;
    }

    /** Sets entries of routes no longer than this depth, and those of the groups below. */
    private void paint(int from, int count, int depth, int entry) {
        for (int i = from; i < from + count; i++) {
            int old = table[i];
            if (old < 0) {
                paint(FIRST + ((old & MAX_NEXT_HOP) << 8), 256, depth, entry);
            } else if (old >>> DEPTH_SHIFT <= (VALID >>> DEPTH_SHIFT | depth)) {
                table[i] = entry;
            }
        }
    }

    /** Replaces a group without routes, and those below it, by one entry; readers inside still find what was there. */
    private void prune(int at, int entry) {
        int old = table[at];
        ENTRY.setRelease(table, at, entry);
        release(old & MAX_NEXT_HOP);
    }

    private void release(int group) {
        int first = FIRST + (group << 8);
        for (int i = first; i < first + 256; i++) {
            if (table[i] < 0) {
                release(table[i] & MAX_NEXT_HOP);
            }
        }
        groups.release(group);
    }
}
