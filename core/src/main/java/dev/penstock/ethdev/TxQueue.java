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

    TxCallback[] callbacks;
    /** What the queue was made for, {@link TxOffload} bits. */
    long offloads;
    /** Flags that ask for something else. */
    long refused;

    /** For drivers. */
    protected TxQueue() {}

    /**
     * Takes packets to send; those taken belong to the driver from then on.
     *
     * @param packets the packets
     * @param from index of the first
     * @param n how many
     * @return how many were taken, from the first on; the others stay with the caller
     */
    protected abstract int transmit(Mbuf[] packets, int from, int n);

    /**
     * Checks packets against what the device can send.
     *
     * @param packets the packets
     * @param from index of the first
     * @param n how many
     * @return how many from the first on are fit
     */
    protected int prepare(Mbuf[] packets, int from, int n) {
        return n;
    }

    /** Called when the queue is started. */
    protected void start() {}

    /** Called when the queue is stopped; packets that it still holds go back to their pool. */
    protected void stop() {}
}
