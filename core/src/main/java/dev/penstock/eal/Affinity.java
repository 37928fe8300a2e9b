package dev.penstock.eal;

import java.util.BitSet;

/** Which CPUs the calling thread may run on. */
final class Affinity {
    private Affinity() {}

    static void pin(BitSet cpus) {
        // until the system call is there
    }
}
