package dev.penstock.ethdev;

/**
 * How a port is configured (DPDK: rte_eth_conf).
 *
 * @param rxQueues number of receive queues
 * @param txQueues number of transmit queues
 * @param rxOffloads {@link RxOffload} bits wanted on all queues
 * @param txOffloads {@link TxOffload} bits wanted on all queues
 * @param mtu the largest payload in bytes; 0 to leave it
 * @param rssTypes {@link RssType} bits to hash, of those that {@link Rss#capabilities} says; 0 for no RSS
 * @param linkInterrupt true to be told of link changes
 * @param rxInterrupt true to be able to sleep until a packet comes
 */
public record PortConfig(int rxQueues, int txQueues, long rxOffloads, long txOffloads, int mtu, long rssTypes,
        boolean linkInterrupt, boolean rxInterrupt) {
    /**
     * Some queues, and nothing else.
     *
     * @param rxQueues number of receive queues
     * @param txQueues number of transmit queues
     * @return the configuration
     */
    public static PortConfig of(int rxQueues, int txQueues) {
        return new PortConfig(rxQueues, txQueues, 0, 0, 0, 0, false, false);
    }

    /**
     * With offloads.
     *
     * @param rx {@link RxOffload} bits
     * @param tx {@link TxOffload} bits
     * @return the configuration
     */
    public PortConfig withOffloads(long rx, long tx) {
        return new PortConfig(rxQueues, txQueues, rx, tx, mtu, rssTypes, linkInterrupt, rxInterrupt);
    }

    /**
     * With receive-side scaling.
     *
     * @param types {@link RssType} bits
     * @return the configuration
     */
    public PortConfig withRss(long types) {
        return new PortConfig(rxQueues, txQueues, rxOffloads, txOffloads, mtu, types, linkInterrupt, rxInterrupt);
    }

    /**
     * With interrupts.
     *
     * @param link true to be told of link changes
     * @param rx true to be able to sleep until a packet comes
     * @return the configuration
     */
    public PortConfig withInterrupts(boolean link, boolean rx) {
        return new PortConfig(rxQueues, txQueues, rxOffloads, txOffloads, mtu, rssTypes, link, rx);
    }

    /**
     * With an MTU.
     *
     * @param bytes the largest payload
     * @return the configuration
     */
    public PortConfig withMtu(int bytes) {
        return new PortConfig(rxQueues, txQueues, rxOffloads, txOffloads, bytes, rssTypes, linkInterrupt, rxInterrupt);
    }
}
