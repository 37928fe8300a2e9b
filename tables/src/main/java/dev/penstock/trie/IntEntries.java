package dev.penstock.trie;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.Arrays;

/** Entries of four bytes, signed for the look-ups that give ints: there the default next hop may be -1. */
public final class IntEntries extends Entries {
    private static final VarHandle ENTRY = MethodHandles.arrayElementVarHandle(int[].class);

    private final int[] table;

    IntEntries(int groups, Tails tails) {
        super(groups, tails);
        table = new int[FIRST + groups * GROUP];
    }

    @Override
    long entry(int index) {
        return table[index] & 0xffff_ffffL;
    }

    @Override
    void set(int index, long entry) {
        ENTRY.setRelease(table, index, (int) entry);
    }

    @Override
    void fill(int from, int to, long entry) {
        Arrays.fill(table, from, to, (int) entry);
    }

    @Override
    void first(int[] ips, long[] nextHops, int from, int to) {
        int[] t = table;
        for (int i = from; i < to; i++) {
            nextHops[i] = t[ips[i] >>> 8] & 0xffff_ffffL;
        }
    }

    @Override
    public void lookupBulk(int[] ips, long[] nextHops, int n) {
        burst(ips, nextHops, n);
    }

    @Override
    public void lookupBulk6(long[] ips, long[] nextHops, int n) {
        for (int i = 0; i < n; i++) {
            long high = ips[2 * i];
            long entry = entry((int) (high >>> 40));
            if ((entry & 1) != 0) {
                entry = deeper(entry, high, ips[2 * i + 1]);
            }
            nextHops[i] = entry >>> 1;
        }
    }

    /**
     * Finds the next hop of an IPv4 address.
     *
     * @param ip the address
     * @return its next hop
     */
    public int lookup(int ip) {
        int[] t = table;
        int entry = t[ip >>> 8];
        if ((entry & 1) != 0) {
            // No method is called here: so seldom the JIT would not inline it, and read all anew behind it.
            entry = t[FIRST + (entry >> 1 << 8) + (ip & 0xff)];
        }
        return entry >> 1;
    }

    /**
     * Finds the next hops of IPv4 addresses: all first loads, then those of the few that go on.
     *
     * @param ips the addresses
     * @param nextHops gets their next hops
     * @param n how many
     */
    public void lookupBulk(int[] ips, int[] nextHops, int n) {
        int[] t = table;
        for (int done = 0; done < n; done += BURST) {
            int to = Math.min(n, done + BURST);
            for (int i = done; i < to; i++) {
                nextHops[i] = t[ips[i] >>> 8];
            }
            for (long left = Halves.ints(nextHops, done, to); left != 0; left &= left - 1) {
                int i = done + Long.numberOfTrailingZeros(left);
                nextHops[i] = t[FIRST + (nextHops[i] << 8) + (ips[i] & 0xff)] >> 1;
            }
        }
    }

    /**
     * Finds the next hop of an IPv6 address.
     *
     * @param high its first eight bytes
     * @param low its last eight bytes
     * @return its next hop
     */
    public int lookup6(long high, long low) {
        int entry = table[(int) (high >>> 40)];
        return ((entry & 1) != 0 ? (int) deeper(entry & 0xffff_ffffL, high, low) : entry) >> 1;
    }
}
