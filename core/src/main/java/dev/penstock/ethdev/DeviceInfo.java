package dev.penstock.ethdev;

/**
 * What a device is and can do (DPDK: rte_eth_dev_info). Made with {@link #of} and the {@code with}
 * methods; what is not said has the value of a port in memory.
 *
 * @param driver the driver's name
 * @param mac the address it was made with
 * @param maxRxQueues how many receive queues it can have
 * @param maxTxQueues how many transmit queues it can have
 * @param minRxBuffer bytes that a packet's data room must have
 * @param maxRxPacket the longest frame it can receive, in bytes
 * @param minMtu the smallest MTU
 * @param maxMtu the largest MTU
 * @param maxMacs how many addresses its filter holds
 * @param rxOffloads {@link RxOffload} bits that it does itself
 * @param txOffloads {@link TxOffload} bits that it does itself
 * @param rssTypes {@link RssType} bits that it can hash
 * @param retaSize entries in its redirection table, 0 for none
 * @param rssKeyBytes length of its hash key, 0 for none
 */
public record DeviceInfo(String driver, long mac, int maxRxQueues, int maxTxQueues, int minRxBuffer, long maxRxPacket,
        int minMtu, int maxMtu, int maxMacs, long rxOffloads, long txOffloads, long rssTypes, int retaSize, int rssKeyBytes) {
    /**
     * A port in memory with one queue each way.
     *
     * @param driver the driver's name
     * @param mac the address
     * @return the description
     */
    public static DeviceInfo of(String driver, long mac) {
        return new DeviceInfo(driver, mac, 1, 1, 0, 0xffffffffL, 68, 65535, 1, 0, 0, 0, 0, 0);
    }

    /**
     * With other numbers of queues.
     *
     * @param rx receive queues
     * @param tx transmit queues
     * @return the description
     */
    public DeviceInfo withQueues(int rx, int tx) {
        return new DeviceInfo(driver, mac, rx, tx, minRxBuffer, maxRxPacket, minMtu, maxMtu, maxMacs, rxOffloads,
                txOffloads, rssTypes, retaSize, rssKeyBytes);
    }

    /**
     * With other sizes.
     *
     * @param minRxBuffer bytes of data room needed
     * @param maxRxPacket longest frame
     * @param minMtu smallest MTU
     * @param maxMtu largest MTU
     * @return the description
     */
    public DeviceInfo withSizes(int minRxBuffer, long maxRxPacket, int minMtu, int maxMtu) {
        return new DeviceInfo(driver, mac, maxRxQueues, maxTxQueues, minRxBuffer, maxRxPacket, minMtu, maxMtu, maxMacs,
                rxOffloads, txOffloads, rssTypes, retaSize, rssKeyBytes);
    }

    /**
     * With an address filter.
     *
     * @param maxMacs how many addresses
     * @return the description
     */
    public DeviceInfo withMacs(int maxMacs) {
        return new DeviceInfo(driver, mac, maxRxQueues, maxTxQueues, minRxBuffer, maxRxPacket, minMtu, maxMtu, maxMacs,
                rxOffloads, txOffloads, rssTypes, retaSize, rssKeyBytes);
    }

    /**
     * With offloads of its own.
     *
     * @param rx {@link RxOffload} bits
     * @param tx {@link TxOffload} bits
     * @return the description
     */
    public DeviceInfo withOffloads(long rx, long tx) {
        return new DeviceInfo(driver, mac, maxRxQueues, maxTxQueues, minRxBuffer, maxRxPacket, minMtu, maxMtu, maxMacs,
                rx, tx, rssTypes, retaSize, rssKeyBytes);
    }

    /**
     * With RSS of its own.
     *
     * @param types {@link RssType} bits
     * @param retaSize entries in the redirection table
     * @param keyBytes length of the key
     * @return the description
     */
    public DeviceInfo withRss(long types, int retaSize, int keyBytes) {
        return new DeviceInfo(driver, mac, maxRxQueues, maxTxQueues, minRxBuffer, maxRxPacket, minMtu, maxMtu, maxMacs,
                rxOffloads, txOffloads, types, retaSize, keyBytes);
    }
}
