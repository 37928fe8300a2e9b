package dev.penstock.eal;

import java.lang.reflect.Array;

/**
 * Begins with two cache lines that nobody touches (processors fetch lines in pairs), so that what a subclass declares does not
 * share a line with the object before it. Two lcores that write to one line wait for each other: where objects of
 * two lcores come to lie beside each other is the collector's choice, another one at each start.
 *
 * <p>Who stores a reference into an array writes to a second line: the collector marks the card (512 bytes of heap, one byte a
 * card) that it was stored in, and so 64 cards share a line. Arrays into which an lcore stores with each
 * burst are made by {@link #array}.
 */
public abstract class Apart {
    /**
     * So many references are 64 cards; {@code -Dpenstock.ringPadding=0} does without them, where thousands of small rings are made.
     */
    public static final int CARDS = Integer.getInteger("penstock.ringPadding", 64 * 512 / 4);

    @SuppressWarnings("unused")
    private long a0, a1, a2, a3, a4, a5, a6, a7, a8, a9, a10, a11, a12, a13, a14, a15;

    /** For subclasses. */
    protected Apart() {}

    /**
     * Makes an array for one thread that stores into it all the time. It is 32 KB longer than asked for, so that the elements of
     * two of them never share a line of the collector's card table.
     *
     * @param <E> the type of the elements
     * @param type their class
     * @param n how many elements are used, from index 0 on; no more than 2^30
     * @return an array of nulls with more than {@code n} elements
     */
    @SuppressWarnings("unchecked")
    public static <E> E[] array(Class<E> type, int n) {
        return (E[]) Array.newInstance(type, n + CARDS);
    }
}
