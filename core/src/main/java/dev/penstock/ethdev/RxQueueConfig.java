package dev.penstock.ethdev;

import dev.penstock.mbuf.MbufPool;

/**
 * How a receive queue is made (DPDK: rte_eth_rxconf).
 *
 * @param pool where received packets come from
 * @param descriptors how many packets the device may hold ready; 0 for its default
 * @param offloads {@link RxOffload} bits beside the port's
 * @param deferredStart true when the queue waits for its own start
 * @param freeThreshold descriptors returned at once; 0 for the driver's choice
 */
public record RxQueueConfig(MbufPool pool, int descriptors, long offloads, boolean deferredStart, int freeThreshold) {
    /** Refuses numbers below 0. */
    public RxQueueConfig {
        TxQueueConfig.check(descriptors, freeThreshold);
    }

    /**
     * A queue with defaults.
     *
     * @param pool where received packets come from
     * @return the configuration
     */
    public static RxQueueConfig of(MbufPool pool) {
        return new RxQueueConfig(pool, 0, 0, false, 0);
    }
}
