package dev.penstock.ethdev;

/**
 * How a transmit queue is made (DPDK: rte_eth_txconf).
 *
 * @param descriptors how many packets the device may hold; 0 for its default
 * @param offloads {@link TxOffload} bits beside the port's
 * @param deferredStart true when the queue waits for its own start
 * @param freeThreshold packets freed at once; 0 for the driver's choice
 */
public record TxQueueConfig(int descriptors, long offloads, boolean deferredStart, int freeThreshold) {
    /** A queue with defaults. */
    public static final TxQueueConfig DEFAULT = new TxQueueConfig(0, 0, false, 0);
}
