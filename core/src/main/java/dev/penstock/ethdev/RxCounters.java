package dev.penstock.ethdev;

import dev.penstock.eal.Apart;

/** A receive queue's counters, which its lcore writes with each burst. */
abstract class RxCounters extends Apart {
    /** Packets delivered. */
    protected long packets;
    /** Bytes delivered, without FCS. */
    protected long bytes;
    /** Packets refused because they were damaged or did not fit. */
    protected long errors;
    /** Packets lost because the pool was empty. */
    protected long noMbuf;
    /** Packets lost before they could be taken, where the device knows. */
    protected long missed;
}

/** Keeps what else a queue has, and the object behind it, off the lines of the counters. */
abstract class RxCountersApart extends RxCounters {
    @SuppressWarnings("unused")
    private long b0, b1, b2, b3, b4, b5, b6, b7, b8, b9, b10, b11, b12, b13, b14, b15;
}
