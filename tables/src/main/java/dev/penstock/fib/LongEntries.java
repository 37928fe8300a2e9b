package dev.penstock.fib;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.Arrays;

/** Entries of eight bytes. */
final class LongEntries extends Entries {
    private static final VarHandle ENTRY = MethodHandles.arrayElementVarHandle(long[].class);

    private final long[] table;

    LongEntries(int count) {
        table = new long[count];
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
    void lookupBulk(int[] ips, long[] nextHops, int n) {
        long[] t = table;
        for (int i = 0; i < n; i++) {
            int ip = ips[i];
            long entry = t[ip >>> 8];
            if ((entry & 1) != 0) {
                int index = group(entry) + (ip & 0xff);
                entry = t[index];
            }
            nextHops[i] = entry >>> 1;
        }
    }

    @Override
    void lookupBulk6(long[] ips, long[] nextHops, int n) {
        long[] t = table;
        for (int i = 0; i < n; i++) {
            long high = ips[2 * i];
            long entry = t[(int) (high >>> 40)];
            if ((entry & 1) != 0) {
                entry = deeper(entry, high, ips[2 * i + 1]);
            }
            nextHops[i] = entry >>> 1;
        }
    }
}
