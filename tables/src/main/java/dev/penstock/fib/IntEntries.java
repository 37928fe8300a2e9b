package dev.penstock.fib;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.Arrays;

/** Entries of four bytes. */
final class IntEntries extends Entries {
    private static final VarHandle ENTRY = MethodHandles.arrayElementVarHandle(int[].class);

    private final int[] table;

    IntEntries(int count) {
        table = new int[count];
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
    void lookupBulk(int[] ips, long[] nextHops, int n) {
        int[] t = table;
        for (int i = 0; i < n; i++) {
            int ip = ips[i];
            long entry = t[ip >>> 8] & 0xffff_ffffL;
            if ((entry & 1) != 0) {
                int index = group(entry) + (ip & 0xff);
                entry = t[index] & 0xffff_ffffL;
            }
            nextHops[i] = entry >>> 1;
        }
    }

    @Override
    void lookupBulk6(long[] ips, long[] nextHops, int n) {
        int[] t = table;
        for (int i = 0; i < n; i++) {
            long high = ips[2 * i];
            long entry = t[(int) (high >>> 40)] & 0xffff_ffffL;
            if ((entry & 1) != 0) {
                entry = deeper(entry, high, ips[2 * i + 1]);
            }
            nextHops[i] = entry >>> 1;
        }
    }
}
