package dev.penstock.ethdev;

import dev.penstock.mbuf.Mbuf;

/** Looks at packets between the application and the driver. Runs in the sending thread, in the order added. */
@FunctionalInterface
public interface TxCallback {
    /**
     * Handles a burst. It may change packets or replace them in place, and may stop before one that cannot
     * be sent: from there on they stay with the caller. When it throws, all of them do, as they stand in the array then.
     *
     * @param port the port
     * @param queue the queue's number
     * @param packets the burst
     * @param from index of the first
     * @param n how many
     * @return how many from the first on may go to the driver
     */
    int transmitting(Port port, int queue, Mbuf[] packets, int from, int n);
}
