package dev.penstock.ethdev;

import dev.penstock.eal.Apart;

/** A transmit queue's counters, which its lcore writes with each burst. */
abstract class TxCounters extends Apart {
    /** Packets taken and sent. */
    protected long packets;
    /** Bytes taken and sent, without FCS. */
    protected long bytes;
    /** Packets taken and lost. */
    protected long errors;
}

/** Keeps what else a queue has, and the object behind it, off the lines of the counters. */
abstract class TxCountersApart extends TxCounters {
    @SuppressWarnings("unused")
    private long b0, b1, b2, b3, b4, b5, b6, b7, b8, b9, b10, b11, b12, b13, b14, b15;
}
