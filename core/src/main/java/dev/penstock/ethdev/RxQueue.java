package dev.penstock.ethdev;

import dev.penstock.mbuf.Mbuf;

/**
 * One receive queue, written by a driver. One thread polls it at a time; its counters are written by
 * that thread alone and may be read by any.
 */
public abstract class RxQueue {
    /** Packets delivered. */
    protected long packets;
    /** Bytes delivered, without FCS. */
    protected long bytes;
    /** Packets refused because they were damaged or did not fit. */
    protected long errors;
    /** Packets lost because the pool was empty. */
    protected long noMbuf;
    /** Packets lost before they could be taken. */
    protected long missed;

    /** For drivers. */
    protected RxQueue() {}

    /**
     * Takes what has arrived.
     *
     * @param packets where the packets go, from index 0
     * @param max how many at most
     * @return how many
     */
    protected abstract int receive(Mbuf[] packets, int max);
}
