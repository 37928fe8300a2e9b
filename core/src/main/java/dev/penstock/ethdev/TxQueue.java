package dev.penstock.ethdev;

import dev.penstock.mbuf.Mbuf;

/**
 * One transmit queue, written by a driver. One thread uses it at a time; its counters are written by
 * that thread alone and may be read by any.
 */
public abstract class TxQueue extends TxCountersApart {
    TxCallback[] callbacks;
    /** What the queue was made for, {@link TxOffload} bits. */
    long offloads;
    /** Flags that ask for something else. */
    long refused;

    /** For drivers. */
    protected TxQueue() {}

    /**
     * Takes packets to send; those taken belong to the driver from then on. One that throws has taken none.
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

    /** @return whether there is somebody behind it, for a peer may have fewer queues than the port; if not, all that is sent is refused for now */
    protected boolean isUsed() {
        return true;
    }

    /**
     * Whether the device cuts a packet into segments that asks for it ({@code OlFlags.TX_TCP_SEG}): where peers differ in what they take,
     * a device that offers it can't always.
     *
     * @param m the packet
     * @return true when it does; else it is cut in software before
     */
    protected boolean canSegment(Mbuf m) {
        return false;
    }

    /** Called when the queue is started. */
    protected void start() {}

    /** Called when the queue is stopped; packets that it still holds go back to their pool. */
    protected void stop() {}
}
