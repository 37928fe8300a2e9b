package dev.penstock.fib;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.Arrays;

/** Entries of two bytes. */
final class ShortEntries extends Entries {
    private static final VarHandle ENTRY = MethodHandles.arrayElementVarHandle(short[].class);

    private final short[] table;

    ShortEntries(int count) {
        table = new short[count];
    }

    @Override
    long entry(int index) {
        return table[index] & 0xffffL;
    }

    @Override
    void set(int index, long entry) {
        ENTRY.setRelease(table, index, (short) entry);
    }

    @Override
    void fill(int from, int to, long entry) {
        Arrays.fill(table, from, to, (short) entry);
    }

    @Override
    void lookupBulk(int[] ips, long[] nextHops, int n) {
        short[] t = table;
        for (int i = 0; i < n; i++) {
            int ip = ips[i];
            long entry = t[ip >>> 8] & 0xffffL;
            if ((entry & 1) != 0) {
                int index = group(entry) + (ip & 0xff);
                entry = t[index] & 0xffffL;
            }
            nextHops[i] = entry >>> 1;
        }
    }

    @Override
    void lookupBulk6(long[] ips, long[] nextHops, int n) {
        short[] t = table;
        for (int i = 0; i < n; i++) {
            long high = ips[2 * i];
            long entry = t[(int) (high >>> 40)] & 0xffffL;
            if ((entry & 1) != 0) {
                entry = deeper(entry, high, ips[2 * i + 1]);
            }
            nextHops[i] = entry >>> 1;
        }
    }
}
