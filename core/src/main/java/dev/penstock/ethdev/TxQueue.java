package dev.penstock.ethdev;

import dev.penstock.mbuf.Mbuf;

/**
 * One transmit queue, written by a driver. One thread uses it at a time; its counters are written by
 * that thread alone and may be read by any.
 */
public abstract class TxQueue {
    /** Packets taken and sent. */
    protected long packets;
    /** Bytes taken and sent, without FCS. */
    protected long bytes;
    /** Packets taken and lost. */
    protected long errors;

    /** For drivers. */
    protected TxQueue() {}

    /**
     * Takes packets to send; those taken belong to the driver from then on.
     *
     * @param packets the packets
     * @param from index of the first
     * @param n how many
     * @return how many were taken, from the first on
     */
    protected abstract int transmit(Mbuf[] packets, int from, int n);
}
