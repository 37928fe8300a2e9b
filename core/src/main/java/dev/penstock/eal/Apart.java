package dev.penstock.eal;

/**
 * Begins with two cache lines that nobody touches (processors fetch lines in pairs), so that what a subclass declares does not
 * share a line with the object before it. Two lcores that write to one line wait for each other: where objects of
 * two lcores come to lie beside each other is the collector's choice, another one at each start.
 */
public abstract class Apart {
    @SuppressWarnings("unused")
    private long a0, a1, a2, a3, a4, a5, a6, a7, a8, a9, a10, a11, a12, a13, a14, a15;

    /** For subclasses. */
    protected Apart() {}
}
