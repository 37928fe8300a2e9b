package dev.penstock.fib;

/**
 * All levels of a trie in one array: 2^24 entries, then groups of 256. An entry is a next hop, or a group's number,
 * times 2, plus 1 for a group. There is one class a size so that each has its own loop, chosen once a burst.
 */
abstract sealed class Entries permits ByteEntries, ShortEntries, IntEntries, LongEntries {
    static final int FIRST = 1 << 24;
    static final int GROUP = 256;

    static Entries of(int bytes, int groups) {
        int count = FIRST + groups * GROUP;
        return switch (bytes) {
            case 1 -> new ByteEntries(count);
            case 2 -> new ShortEntries(count);
            case 4 -> new IntEntries(count);
            default -> new LongEntries(count);
        };
    }

    /** The index of a group's first entry. */
    static int group(long entry) {
        return FIRST + ((int) (entry >>> 1) << 8);
    }

    abstract long entry(int index);

    /** Readers that see the entry see what was written before. */
    abstract void set(int index, long entry);

    abstract void fill(int from, int to, long entry);

    abstract void lookupBulk(int[] ips, long[] nextHops, int n);

    /** Addresses of 128 bits, two longs each. */
    abstract void lookupBulk6(long[] ips, long[] nextHops, int n);

    /** Follows an IPv6 address below the first level; inlined into each size's loop, which makes the loads direct. */
    final long deeper(long from, long high, long low) {
        long entry = from;
        for (int shift = 32; shift >= 0 && (entry & 1) != 0; shift -= 8) {
            entry = entry(group(entry) + ((int) (high >>> shift) & 0xff));
        }
        for (int shift = 56; (entry & 1) != 0; shift -= 8) {
            entry = entry(group(entry) + ((int) (low >>> shift) & 0xff));
        }
        return entry;
    }
}
