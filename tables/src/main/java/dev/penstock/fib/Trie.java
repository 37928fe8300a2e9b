package dev.penstock.fib;

import dev.penstock.rib.RibNode;
import dev.penstock.tables.Tbl8Groups;

/**
 * What both kinds of FIB keep their next hops in: 24 bits of the address at first, then 8 more at each level that
 * longer routes ask for. An IPv4 address is the first 32 bits of one of 128, and never goes deeper than one level.
 */
final class Trie {
    final Entries entries;
    final Tbl8Groups groups;
    private final int bytes;
    private final long defaultNextHop;

    Trie(String owner, int bytes, int tbl8Groups, long defaultNextHop) {
        if (bytes < 1 || bytes > 8 || Integer.bitCount(bytes) != 1) {
            throw new IllegalArgumentException("next hops of " + bytes + " bytes; give 1, 2, 4 or 8");
        }
        int most = bytes >= 4 ? 1 << 22 : 1 << 8 * bytes - 1;
        if (tbl8Groups < 1 || tbl8Groups > most) {
            throw new IllegalArgumentException(tbl8Groups + " tbl8 groups of a " + owner + " with next hops of " + bytes
                    + " bytes; give 1 to " + most);
        }
        this.bytes = bytes;
        this.defaultNextHop = checked(defaultNextHop);
        groups = new Tbl8Groups(owner, tbl8Groups);
        entries = Entries.of(bytes, tbl8Groups);
        entries.fill(0, Entries.FIRST, defaultNextHop << 1);
    }

    long maxNextHop() {
        return (1L << 8 * bytes - 1) - 1;
    }

    long checked(long nextHop) {
        if (nextHop < 0 || nextHop > maxNextHop()) {
            throw new IllegalArgumentException("next hop " + nextHop + "; with " + bytes + " bytes give 0 to " + maxNextHop());
        }
        return nextHop;
    }

    /** Adds a route that is new in the RIB; false, and nothing done, when there are too few groups. */
    boolean add(RibNode node, long nextHop) {
        if (node.depth() > 24) {
            if (!groups.have(missing(node))) {
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

    void change(RibNode node, long nextHop) {
        if (node.nextHop() != nextHop) {
            node.nextHop(nextHop);
            paint(node, nextHop << 1);
        }
    }

    /** Takes out a route that the RIB still has; addresses fall back to the one above it. */
    void delete(RibNode node) {
        long above = above(node);
        long entry = above << 1;
        int at = (int) (node.ipHigh() >>> 40);
        int unused = -1;
        int unusedEnd = 0;
        for (int end = 24; end < node.depth(); end += 8) {
            if (groups.removeRule((int) (entries.entry(at) >>> 1)) == 0 && unused < 0) {
                unused = at;
                unusedEnd = end;
            }
            at = below(at, node, end + 8);
        }
        if (unused >= 0) {
            prune(node, unused, unusedEnd, entry);
        } else if (above != node.nextHop()) {
            paint(node, entry);
        }
    }

    /** The next hop of addresses of this route if it were not there. */
    private long above(RibNode node) {
        RibNode above = node.lookupParent();
        return above == null ? defaultNextHop : above.nextHop();
    }

    /** Puts one entry in place of a group without routes; it, and those below on this route's way, become free. */
    private void prune(RibNode node, int unused, int unusedEnd, long entry) {
        long old = entries.entry(unused);
        int next = below(unused, node, unusedEnd + 8);
        entries.set(unused, entry);
        for (int end = unusedEnd + 8; (old & 1) != 0; end += 8) {
            int group = (int) (old >>> 1);
            old = entries.entry(next);
            next = (old & 1) != 0 ? below(next, node, end + 8) : 0;
            groups.release(group);
        }
    }

    /** Groups that a route needs and that are not there. */
    private int missing(RibNode node) {
        int at = (int) (node.ipHigh() >>> 40);
        for (int end = 24; end < node.depth(); end += 8) {
            if ((entries.entry(at) & 1) == 0) {
                return (node.depth() - end + 7) / 8;
            }
            at = below(at, node, end + 8);
        }
        return 0;
    }

    private void deepen(RibNode node) {
        int at = (int) (node.ipHigh() >>> 40);
        for (int end = 24; end < node.depth(); end += 8) {
            long entry = entries.entry(at);
            if ((entry & 1) == 0) {
                int group = groups.take();
                int first = Entries.FIRST + (group << 8);
                entries.fill(first, first + Entries.GROUP, entry);
                entry = (long) group << 1 | 1;
                entries.set(at, entry);
            }
            groups.addRule((int) (entry >>> 1));
            at = below(at, node, end + 8);
        }
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
            long lastHigh = lastHigh(n);
            long lastLow = lastLow(n);
            if (lastHigh == lastHigh(node) && lastLow == lastLow(node)) {
                return;
            }
            fromLow = lastLow + 1;
            fromHigh = fromLow == 0 ? lastHigh + 1 : lastHigh;
        }
        range(0, 24, fromHigh, fromLow, lastHigh(node), lastLow(node), entry);
    }

    /**
     * Sets a range, both ends within, at the level that ends with this bit. Where the range has a part of an entry the
     * rest is another route's, so that the entry is a group; where it has the whole there is no longer route inside,
     * so that it is none.
     */
    private void range(int base, int end, long fromHigh, long fromLow, long lastHigh, long lastLow, long entry) {
        int from = base + slot(fromHigh, fromLow, end);
        int last = base + slot(lastHigh, lastLow, end);
        boolean fromWhole = rest(fromHigh, fromLow, end) == 0;
        boolean lastWhole = rest(~lastHigh, ~lastLow, end) == 0;
        if (from == last && !(fromWhole && lastWhole)) {
            range(Entries.group(entries.entry(from)), end + 8, fromHigh, fromLow, lastHigh, lastLow, entry);
            return;
        }
        if (!fromWhole) {
            range(Entries.group(entries.entry(from++)), end + 8, fromHigh, fromLow, -1, -1, entry);
        }
        if (!lastWhole) {
            range(Entries.group(entries.entry(last--)), end + 8, 0, 0, lastHigh, lastLow, entry);
        }
        if (from <= last) {
            entries.fill(from, last + 1, entry);
        }
    }

    private static int slot(long high, long low, int end) {
        return end == 24 ? (int) (high >>> 40) : (int) (end <= 64 ? high >>> 64 - end : low >>> 128 - end) & 0xff;
    }

    /** The bits behind the end; 0 when there is none. */
    private static long rest(long high, long low, int end) {
        return end < 64 ? high << end | low : end < 128 ? low << end - 64 : 0;
    }

    private static long lastHigh(RibNode n) {
        return n.depth() < 64 ? n.ipHigh() | -1L >>> n.depth() : n.ipHigh();
    }

    private static long lastLow(RibNode n) {
        return n.depth() <= 64 ? -1 : n.depth() < 128 ? n.ipLow() | -1L >>> n.depth() - 64 : n.ipLow();
    }
}
