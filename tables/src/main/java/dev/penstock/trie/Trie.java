package dev.penstock.trie;

import dev.penstock.net.Ipv6Address;
import dev.penstock.rcu.Qsbr;
import dev.penstock.rcu.Reclaim;
import dev.penstock.rib.RibNode;
import dev.penstock.tables.TableFullException;
import dev.penstock.tables.Tbl8Groups;

/**
 * What LPM and FIB keep their next hops in: 24 bits of the address at first, then a group of 256 for each 8 bits more that
 * several routes ask for; a route that is alone below an entry of IPv6 is a tail instead. An IPv4 address is the first
 * 32 bits of one of 128, and never goes deeper than one level.
 *
 * <p>One thread changes it at a time; any number look up meanwhile. The routes are the owner's, in a RIB.
 */
public final class Trie {
    /** What look-ups read. */
    public final Entries entries;
    private final Tbl8Groups groups;
    private final Tails tails;
    private final int bytes;
    private final long defaultNextHop;

    /**
     * Makes a trie without routes.
     *
     * @param owner the table's name, for errors
     * @param bytes of an entry, 1, 2, 4 or 8
     * @param tbl8Groups groups of 256 entries
     * @param routes of more than 32 bits there may be; 0 for IPv4
     * @param defaultNextHop the answer where there is no route; may be -1 where only int look-ups are made
     * @throws IllegalArgumentException when a number is out of range
     */
    public Trie(String owner, int bytes, int tbl8Groups, int routes, long defaultNextHop) {
        if (bytes < 1 || bytes > 8 || Integer.bitCount(bytes) != 1) {
            throw new IllegalArgumentException("next hops of " + bytes + " bytes; give 1, 2, 4 or 8");
        }
        int most = bytes >= 4 ? 1 << 22 : 1 << 8 * bytes - 1;
        if (tbl8Groups < 1 || tbl8Groups > most) {
            throw new IllegalArgumentException(tbl8Groups + " tbl8 groups of a " + owner + " with next hops of " + bytes
                    + " bytes; give 1 to " + most);
        }
        this.bytes = bytes;
        this.defaultNextHop = defaultNextHop;
        groups = new Tbl8Groups(owner, tbl8Groups);
        int numbers = bytes >= 4 ? Integer.MAX_VALUE : most;
        tails = new Tails(owner, Math.min(routes, numbers - tbl8Groups));
        entries = Entries.of(bytes, tbl8Groups, tails);
        entries.fill(0, Entries.FIRST, defaultNextHop << 1);
    }

    /** @return the greatest next hop */
    public long maxNextHop() {
        return (1L << 8 * bytes - 1) - 1;
    }

    /**
     * Checks a next hop.
     *
     * @param nextHop the next hop
     * @return it
     * @throws IllegalArgumentException when it is out of range
     */
    public long checked(long nextHop) {
        if (nextHop < 0 || nextHop > maxNextHop()) {
            throw new IllegalArgumentException("next hop " + nextHop + "; with " + bytes + " bytes give 0 to " + maxNextHop());
        }
        return nextHop;
    }

    /**
     * Names the readers.
     *
     * @param readers their variable
     * @param mode how to wait for them
     * @throws IllegalStateException when there is a variable already
     */
    public void rcu(Qsbr readers, Reclaim mode) {
        groups.rcu(readers, mode);
        tails.numbers.rcu(readers, mode);
    }

    /** @return groups that are not free, those that wait for readers among them */
    public int groupsUsed() {
        return groups.used();
    }

    /** @return what to throw when {@link #add} did not add */
    public TableFullException full() {
        return groups.full();
    }

    /**
     * Adds a route that is new in the RIB.
     *
     * @param node the route
     * @param nextHop its next hop
     * @return false, and nothing done, when there are too few groups
     */
    public boolean add(RibNode node, long nextHop) {
        if (node.depth() > 24) {
            if (!haveRoom(node)) {
                return false;
            }
            deepen(node);
        }
        node.nextHop(nextHop);
        // With the next hop of the route above it nothing changes for any address.
        if (above(node) != nextHop) {
            paint(node, nextHop << 1);
        }
        return true;
    }

    /**
     * Changes a route.
     *
     * @param node the route
     * @param nextHop its next hop from now on
     */
    public void change(RibNode node, long nextHop) {
        if (node.nextHop() != nextHop) {
            node.nextHop(nextHop);
            paint(node, nextHop << 1);
        }
    }

    /**
     * Takes out a route that the RIB still has; addresses fall back to the one above it.
     *
     * @param node the route
     */
    public void delete(RibNode node) {
        long above = above(node);
        int at = first(node);
        int unused = -1;
        int unusedEnd = 0;
        int end = 24;
        for (; end < node.depth() && entries.isGroup(entries.entry(at)); end += 8) {
            if (groups.removeRule((int) (entries.entry(at) >>> 1)) == 0 && unused < 0) {
                unused = at;
                unusedEnd = end;
            }
            at = below(at, node, end + 8);
        }
        if (unused >= 0) {
            prune(node, unused, unusedEnd, above << 1);
        } else if (end < node.depth()) {
            int tail = entries.tail(entries.entry(at));
            entries.set(at, above << 1);
            tails.numbers.release(tail);
        } else if (above != node.nextHop()) {
            paint(node, above << 1);
        }
    }

    /** Takes all routes out. */
    public void clear() {
        for (int i = 0; i < Entries.FIRST; i++) {
            long entry = entries.entry(i);
            entries.set(i, defaultNextHop << 1);
            release(entry);
        }
    }

    private void release(long entry) {
        if (entries.isGroup(entry)) {
            int first = Entries.group(entry);
            for (int i = first; i < first + Entries.GROUP; i++) {
                release(entries.entry(i));
            }
            groups.release((int) (entry >>> 1));
        } else if ((entry & 1) != 0) {
            tails.numbers.release(entries.tail(entry));
        }
    }

    /** The next hop of addresses of this route if it were not there. */
    private long above(RibNode node) {
        RibNode above = node.lookupParent();
        return above == null ? defaultNextHop : above.nextHop();
    }

    /** Puts one entry in place of a group without routes; what is below it on this route's way becomes free. */
    private void prune(RibNode node, int unused, int unusedEnd, long entry) {
        long old = entries.entry(unused);
        int next = below(unused, node, unusedEnd + 8);
        entries.set(unused, entry);
        for (int end = unusedEnd + 8; entries.isGroup(old); end += 8) {
            int group = (int) (old >>> 1);
            old = entries.entry(next);
            next = entries.isGroup(old) ? below(next, node, end + 8) : 0;
            groups.release(group);
        }
        if ((old & 1) != 0) {
            tails.numbers.release(entries.tail(old));
        }
    }

    /** Whether there are enough groups for a route, one for each level that it shares with others or, without a tail, goes alone. */
    private boolean haveRoom(RibNode node) {
        int at = first(node);
        int end = 24;
        for (; end < node.depth() && entries.isGroup(entries.entry(at)); end += 8) {
            at = below(at, node, end + 8);
        }
        if (end >= node.depth()) {
            return true;
        }
        int wanted = 0;
        long entry = entries.entry(at);
        if ((entry & 1) != 0) {
            int tail = entries.tail(entry);
            int common = Math.min(tails.common(tail, node), Math.min(tails.depth(tail) - 1, node.depth() - 1));
            for (; end <= common; end += 8) {
                wanted++;
            }
        }
        if (end < node.depth() && !tails.numbers.have(1)) {
            wanted += (node.depth() - end + 7) / 8;
        }
        return groups.have(wanted);
    }

    private void deepen(RibNode node) {
        int at = first(node);
        for (int end = 24; end < node.depth(); end += 8) {
            long entry = entries.entry(at);
            if ((entry & 1) == 0 && tails.numbers.have(1)) {
                entries.set(at, entries.tailEntry(tails.take(node, entry)));
                return;
            }
            if (!entries.isGroup(entry)) {
                entry = group(at, entry, end + 8);
            }
            groups.addRule((int) (entry >>> 1));
            at = below(at, node, end + 8);
        }
    }

    /** Puts a group in place of another entry; the route of a tail goes one level down, the same tail where it is longer. */
    private long group(int at, long entry, int end) {
        int group = groups.take();
        int first = Entries.FIRST + (group << 8);
        long made = (long) group << 1 | 1;
        if ((entry & 1) == 0) {
            entries.fill(first, first + Entries.GROUP, entry);
            entries.set(at, made);
            return made;
        }
        int tail = entries.tail(entry);
        entries.fill(first, first + Entries.GROUP, tails.outside(tail));
        groups.addRule(group);
        int from = first + slot(tails.high(tail), tails.low(tail), end);
        int depth = tails.depth(tail);
        entries.fill(from, from + (1 << Math.max(0, end - depth)), depth > end ? entry : tails.inside(tail));
        entries.set(at, made);
        if (depth <= end) {
            tails.numbers.release(tail);
        }
        return made;
    }

    private static int first(RibNode node) {
        return (int) (node.ipHigh() >>> 40);
    }

    /** The entry on a route's way one level below one that names a group. */
    private int below(int at, RibNode node, int end) {
        return Entries.group(entries.entry(at)) + slot(node.ipHigh(), node.ipLow(), end);
    }

    /** Sets all of a prefix but what longer routes inside it have. */
    private void paint(RibNode node, long entry) {
        long fromHigh = node.ipHigh();
        long fromLow = node.ipLow();
        for (RibNode n = node.nextCovered(null); n != null; n = node.nextCovered(n)) {
            if (n.ipHigh() != fromHigh || n.ipLow() != fromLow) {
                range(0, 24, fromHigh, fromLow, n.ipLow() == 0 ? n.ipHigh() - 1 : n.ipHigh(), n.ipLow() - 1, entry);
            }
            long lastHigh = n.ipHigh() | ~Ipv6Address.highMask(n.depth());
            long lastLow = n.ipLow() | ~Ipv6Address.lowMask(n.depth());
            if (lastHigh == (node.ipHigh() | ~Ipv6Address.highMask(node.depth())) && lastLow == (node.ipLow() | ~Ipv6Address.lowMask(node.depth()))) {
                return;
            }
            fromLow = lastLow + 1;
            fromHigh = fromLow == 0 ? lastHigh + 1 : lastHigh;
        }
        range(0, 24, fromHigh, fromLow, node.ipHigh() | ~Ipv6Address.highMask(node.depth()), node.ipLow() | ~Ipv6Address.lowMask(node.depth()), entry);
    }

    /**
     * Sets a range, both ends within, at the level that ends with this bit. Where the range has a part of an entry the
     * rest is another route's, so that the entry is a group or a tail; where it has the whole there is no longer route
     * inside, so that it is neither.
     */
    private void range(int base, int end, long fromHigh, long fromLow, long lastHigh, long lastLow, long entry) {
        int from = base + slot(fromHigh, fromLow, end);
        int last = base + slot(lastHigh, lastLow, end);
        boolean fromWhole = rest(fromHigh, fromLow, end) == 0;
        boolean lastWhole = rest(~lastHigh, ~lastLow, end) == 0;
        if (from == last && !(fromWhole && lastWhole)) {
            part(from, end, fromHigh, fromLow, lastHigh, lastLow, entry);
            return;
        }
        if (!fromWhole) {
            part(from++, end, fromHigh, fromLow, -1, -1, entry);
        }
        if (!lastWhole) {
            part(last--, end, lastHigh & Ipv6Address.highMask(end), lastLow & Ipv6Address.lowMask(end), lastHigh, lastLow, entry);
        }
        if (from <= last) {
            entries.fill(from, last + 1, entry);
        }
    }

    private void part(int at, int end, long fromHigh, long fromLow, long lastHigh, long lastLow, long entry) {
        long old = entries.entry(at);
        if (entries.isGroup(old)) {
            range(Entries.group(old), end + 8, fromHigh, fromLow, lastHigh, lastLow, entry);
        } else {
            tails.set(entries.tail(old), fromHigh, fromLow, entry);
        }
    }

    private static int slot(long high, long low, int end) {
        return end == 24 ? (int) (high >>> 40) : (int) (end <= 64 ? high >>> 64 - end : low >>> 128 - end) & 0xff;
    }

    /** The bits behind the end; 0 when there is none. */
    private static long rest(long high, long low, int end) {
        return end < 64 ? high << end | low : end < 128 ? low << end - 64 : 0;
    }
}
