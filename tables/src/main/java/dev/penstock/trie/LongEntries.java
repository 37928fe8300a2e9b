package dev.penstock.trie;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.Arrays;

/** Entries of eight bytes. */
final class LongEntries extends Entries {
    private static final VarHandle ENTRY = MethodHandles.arrayElementVarHandle(long[].class);

    private final long[] table;

    LongEntries(int groups, Tails tails) {
        super(groups, tails);
        table = new long[FIRST + groups * GROUP];
    }

    @Override
    long entry(int index) {
        return table[index];
    }

    @Override
    void set(int index, long entry) {
        ENTRY.setRelease(table, index, entry);
    }

    @Override
    void fill(int from, int to, long entry) {
        Arrays.fill(table, from, to, entry);
    }

    @Override
    void first(int[] ips, long[] nextHops, int from, int to) {
        long[] t = table;
        for (int i = from; i < to; i++) {
            nextHops[i] = t[ips[i] >>> 8];
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
}
