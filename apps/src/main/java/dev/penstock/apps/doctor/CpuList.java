package dev.penstock.apps.doctor;

import java.util.BitSet;
import java.util.StringJoiner;

/** Writes sets of processors as the kernel does. */
final class CpuList {
    private CpuList() {}

    /** Writes {@code 0-3,8}; empty for the empty set. */
    static String text(BitSet cpus) {
        StringJoiner text = new StringJoiner(",");
        for (int first = cpus.nextSetBit(0); first >= 0;) {
            int end = cpus.nextClearBit(first);
            text.add(end - first == 1 ? String.valueOf(first) : first + "-" + (end - 1));
            first = cpus.nextSetBit(end);
        }
        return text.toString();
    }
}
