package dev.penstock.fib;

import dev.penstock.rcu.Qsbr;
import dev.penstock.rcu.Reclaim;
import dev.penstock.rib.Rib;
import dev.penstock.rib.RibNode;
import dev.penstock.tables.Tbl8Groups;
import java.util.Objects;

/**
 * IPv4 forwarding with next hops of 1, 2, 4 or 8 bytes (DPDK: rte_fib, type DIR24_8): the smaller, the more of the
 * table stays in the caches. Unlike {@code Lpm} it always answers, with a default next hop where there is no route.
 *
 * <p>One thread changes it at a time; any number look up meanwhile. With readers give {@link #rcu} their variable.
 */
public final class Fib {
    private final int bytes;
    private final long defaultNextHop;
    private final Rib rib;
    private final Tbl8Groups groups;
    private final Entries entries;

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
        if (bytes < 1 || bytes > 8 || Integer.bitCount(bytes) != 1) {
            throw new IllegalArgumentException("next hops of " + bytes + " bytes; give 1, 2, 4 or 8");
        }
        int most = bytes >= 4 ? 1 << 22 : 1 << 8 * bytes - 1;
        if (tbl8Groups < 1 || tbl8Groups > most) {
            throw new IllegalArgumentException(tbl8Groups + " tbl8 groups of a FIB with next hops of " + bytes
                    + " bytes; give 1 to " + most);
        }
        this.bytes = bytes;
        this.defaultNextHop = checked(defaultNextHop);
        rib = new Rib(maxRoutes);
        groups = new Tbl8Groups("FIB", tbl8Groups);
        entries = Entries.of(bytes, tbl8Groups);
        entries.fill(0, Entries.FIRST, defaultNextHop << 1);
    }

    /** @return the greatest next hop, 2^(8 * bytes - 1) - 1 */
    public long maxNextHop() {
        return (1L << 8 * bytes - 1) - 1;
    }

    /**
     * The routes, to be read only (rte_fib_get_rib).
     *
     * @return the RIB below
     */
    public Rib rib() {
        return rib;
    }

    /** @return groups of 256 in use, those that wait for readers among them */
    public int tbl8Used() {
        return groups.used();
    }

    /**
     * Names the readers that look-ups are made by (rte_fib_rcu_qsbr_add).
     *
     * @param readers their variable; each reader is quiescent between bursts
     * @param mode whether {@link #delete} waits for them or leaves groups to be reclaimed by a later {@link #add}
     * @throws IllegalStateException when there is a variable already
     */
    public void rcu(Qsbr readers, Reclaim mode) {
        groups.rcu(readers, mode);
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
        checked(nextHop);
        RibNode node = rib.lookupExact(ip, depth);
        if (node == null) {
            int network = ip >>> 8;
            boolean newGroup = depth > 24 && (entries.entry(network) & 1) == 0;
            if (newGroup) {
                groups.require(1);
            }
            node = rib.insert(ip, depth);
            if (newGroup) {
                extend(network);
            }
            if (depth > 24) {
                groups.addRule((int) (entries.entry(network) >>> 1));
            }
        } else if (node.nextHop() == nextHop) {
            return;
        }
        node.nextHop(nextHop);
        paint(node.ip(), depth, nextHop << 1);
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
        RibNode above = node.lookupParent();
        long entry = (above == null ? defaultNextHop : above.nextHop()) << 1;
        rib.remove(ip, depth);
        if (depth > 24) {
            int network = ip >>> 8;
            int group = (int) (entries.entry(network) >>> 1);
            if (groups.removeRule(group) == 0) {
                entries.set(network, entry);
                groups.release(group);
                return true;
            }
        }
        paint(node.ip(), depth, entry);
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
        entries.lookupBulk(ips, nextHops, n);
    }

    private long checked(long nextHop) {
        if (nextHop < 0 || nextHop > maxNextHop()) {
            throw new IllegalArgumentException("next hop " + nextHop + "; with " + bytes + " bytes give 0 to " + maxNextHop());
        }
        return nextHop;
    }

    private void extend(int network) {
        int group = groups.take();
        int first = Entries.FIRST + (group << 8);
        entries.fill(first, first + Entries.GROUP, entries.entry(network));
        entries.set(network, (long) group << 1 | 1);
    }

    /** Sets all of a prefix but what longer routes inside it have. */
    private void paint(int ip, int depth, long entry) {
        long at = ip & 0xffff_ffffL;
        long end = at + (1L << 32 - depth);
        for (RibNode n = rib.next(ip, depth, null, Rib.Walk.COVER); n != null; n = rib.next(ip, depth, n, Rib.Walk.COVER)) {
            long from = n.ip() & 0xffff_ffffL;
            range(at, from, entry);
            at = from + (1L << 32 - n.depth());
        }
        range(at, end, entry);
    }

    /** A range that covers a network whole meets no longer route there, so that network has no group; else it has one. */
    private void range(long from, long to, long entry) {
        long at = from;
        if (at < to && ((at & 0xff) != 0 || to - at < Entries.GROUP)) {
            long end = Math.min(to, (at | 0xff) + 1);
            part(at, end, entry);
            at = end;
        }
        int whole = (int) (to - at >>> 8);
        if (at < to && whole > 0) {
            entries.fill((int) (at >>> 8), (int) (at >>> 8) + whole, entry);
            at += (long) whole << 8;
        }
        if (at < to) {
            part(at, to, entry);
        }
    }

    private void part(long from, long to, long entry) {
        int first = Entries.group(entries.entry((int) (from >>> 8)));
        entries.fill(first + (int) (from & 0xff), first + (int) (from & 0xff) + (int) (to - from), entry);
    }
}
