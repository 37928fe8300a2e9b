package dev.penstock.acl;

import dev.penstock.mbuf.Mbuf;

/** Rules ready for look-ups. Any number of threads may use one. */
abstract class Classifier {
    /** The rank of a packet that no rule matches. */
    static final int NONE = Integer.MAX_VALUE;

    /**
     * Finds what keys match.
     *
     * @param keys where they lie, one behind the other
     * @param stride bytes from one to the next
     * @param n how many
     * @param categories how many categories are asked for
     * @param ranks gets the least rank of each key and category, {@link #NONE} where nothing matches
     */
    abstract void classify(byte[] keys, int stride, int n, int categories, int[] ranks);

    /**
     * Finds what packets match, as the method above.
     *
     * @param packets them
     * @param at where the rules' data begins in each
     * @param n how many
     * @param categories how many categories are asked for
     * @param ranks gets the ranks
     */
    abstract void classify(Mbuf[] packets, int at, int n, int categories, int[] ranks);
}
