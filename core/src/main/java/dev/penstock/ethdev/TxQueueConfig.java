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

    /** Refuses numbers below 0. */
    public TxQueueConfig {
        check(descriptors, freeThreshold);
    }

    static void check(int descriptors, int freeThreshold) {
        if (descriptors < 0 || freeThreshold < 0) {
            throw new IllegalArgumentException("a queue of " + descriptors + " descriptors, freed " + freeThreshold
                    + " at once; give 1 or more, or 0 for the driver's choice");
        }
    }
}
