package dev.penstock.eal;

import java.util.BitSet;
import java.util.StringJoiner;

/** Writes sets of numbers as the kernel and DPDK do. */
public final class Ranges {
    private Ranges() {}

    /**
     * Writes a set.
     *
     * @param set numbers of processors, VLANs, ...
     * @return such as {@code 0-3,8}; empty for the empty set
     */
    public static String text(BitSet set) {
        StringJoiner text = new StringJoiner(",");
        for (int first = set.nextSetBit(0); first >= 0;) {
            int end = set.nextClearBit(first);
            text.add(end - first == 1 ? String.valueOf(first) : first + "-" + (end - 1));
            first = set.nextSetBit(end);
        }
        return text.toString();
    }
}
