package dev.penstock.fib;

import dev.penstock.trie.Poptrie;
import java.util.Objects;

/**
 * The routes of a {@link Fib} as they were at one moment, in some 14 MB for a million of them instead of 64 or more, so that
 * look-ups find more of it in the caches (Poptrie). It never changes: where routes do, make another one, which reads the
 * whole table, and publish it by a volatile field. Any thread may look up.
 */
public final class FibSnapshot {
    private final Poptrie poptrie;

    FibSnapshot(Poptrie poptrie) {
        this.poptrie = poptrie;
    }

    /** @return bytes that look-ups read */
    public long bytes() {
        return poptrie.bytes();
    }

    /**
     * Finds the next hops of a burst.
     *
     * @param ips the addresses
     * @param nextHops gets their next hops
     * @param n how many
     * @throws IndexOutOfBoundsException when an array is shorter than that
     */
    public void lookupBulk(int[] ips, long[] nextHops, int n) {
        Objects.checkFromIndexSize(0, n, Math.min(ips.length, nextHops.length));
        poptrie.lookupBulk(ips, nextHops, n);
    }
}
