package dev.penstock.trie;

/**
 * All levels of a trie in one array: 2^24 entries, then groups of 256. An entry is a next hop times 2, or a number times 2
 * plus 1: a group's, or behind all of those a tail's. There is one class a size so that each has its own loop, chosen once
 * a burst.
 */
public abstract sealed class Entries permits ByteEntries, ShortEntries, IntEntries, LongEntries {
    static final int FIRST = 1 << 24;
    static final int GROUP = 256;
    /** Keys whose first loads are under way at once; one bit each says which go on. */
    static final int BURST = 64;

    private final Tails tails;
    /** The entry of the first tail: those of groups are less. */
    private final long firstTail;

    Entries(int groups, Tails tails) {
        this.tails = tails;
        firstTail = (long) groups << 1 | 1;
    }

    static Entries of(int bytes, int groups, Tails tails) {
        return switch (bytes) {
            case 1 -> new ByteEntries(groups, tails);
            case 2 -> new ShortEntries(groups, tails);
            case 4 -> new IntEntries(groups, tails);
            default -> new LongEntries(groups, tails);
        };
    }

    /** The index of a group's first entry. */
    static int group(long entry) {
        return ((int) entry << 7) + (FIRST - (1 << 7));
    }

    final boolean isGroup(long entry) {
        return (entry & 1) != 0 && entry < firstTail;
    }

    /** The number of the tail that an entry names. */
    final int tail(long entry) {
        return (int) (entry - firstTail >>> 1);
    }

    final long tailEntry(int tail) {
        return firstTail + ((long) tail << 1);
    }

    abstract long entry(int index);

    /** Readers that see the entry see what was written before. */
    abstract void set(int index, long entry);

    abstract void fill(int from, int to, long entry);

    /** Puts the first level's entries of some addresses where their next hops will be. */
    abstract void first(int[] ips, long[] nextHops, int from, int to);

    /**
     * Finds the next hops of IPv4 addresses: all first loads, then those of the few that go on.
     *
     * @param ips the addresses
     * @param nextHops gets their next hops
     * @param n how many
     */
    public abstract void lookupBulk(int[] ips, long[] nextHops, int n);

    /**
     * Finds the next hops of IPv6 addresses.
     *
     * @param ips two longs each
     * @param nextHops gets their next hops
     * @param n how many
     */
    public abstract void lookupBulk6(long[] ips, long[] nextHops, int n);

    /** Inlined into each size's method, which makes the loads direct. */
    final void burst(int[] ips, long[] nextHops, int n) {
        for (int done = 0; done < n; done += BURST) {
            int to = Math.min(n, done + BURST);
            first(ips, nextHops, done, to);
            for (long left = Halves.longs(nextHops, done, to); left != 0; left &= left - 1) {
                int i = done + Long.numberOfTrailingZeros(left);
                nextHops[i] = entry(FIRST + ((int) nextHops[i] << 8) + (ips[i] & 0xff)) >>> 1;
            }
        }
    }

    /** Follows an IPv6 address below the first level; inlined into each size's loop, which makes the loads direct. */
    final long deeper(long from, long high, long low) {
        long entry = from;
        for (int shift = 32; shift >= 0 && (entry & 1) != 0; shift -= 8) {
            if (entry >= firstTail) {
                return tails.find(tail(entry), high, low);
            }
            entry = entry(group(entry) + ((int) (high >>> shift) & 0xff));
        }
        for (int shift = 56; (entry & 1) != 0; shift -= 8) {
            if (entry >= firstTail) {
                return tails.find(tail(entry), high, low);
            }
            entry = entry(group(entry) + ((int) (low >>> shift) & 0xff));
        }
        return entry;
    }
}
