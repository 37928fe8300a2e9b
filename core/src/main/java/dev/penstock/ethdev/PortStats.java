package dev.penstock.ethdev;

/**
 * A port's counters at one moment (DPDK: rte_eth_stats).
 *
 * @param rxPackets delivered to the application
 * @param txPackets taken by the device and sent
 * @param rxBytes delivered, without FCS
 * @param txBytes sent, without FCS
 * @param rxMissed lost before they could be taken
 * @param rxErrors damaged, or did not fit
 * @param txErrors taken and lost
 * @param rxNoMbuf lost because the pool was empty
 */
public record PortStats(long rxPackets, long txPackets, long rxBytes, long txBytes, long rxMissed, long rxErrors,
        long txErrors, long rxNoMbuf) {
    /** All zero. */
    public static final PortStats ZERO = new PortStats(0, 0, 0, 0, 0, 0, 0, 0);

    /**
     * What was counted since an earlier moment.
     *
     * @param earlier that moment
     * @return the difference
     */
    public PortStats minus(PortStats earlier) {
        return new PortStats(rxPackets - earlier.rxPackets, txPackets - earlier.txPackets, rxBytes - earlier.rxBytes,
                txBytes - earlier.txBytes, rxMissed - earlier.rxMissed, rxErrors - earlier.rxErrors,
                txErrors - earlier.txErrors, rxNoMbuf - earlier.rxNoMbuf);
    }

    /**
     * Both together.
     *
     * @param other what else was counted
     * @return the sum
     */
    public PortStats plus(PortStats other) {
        return new PortStats(rxPackets + other.rxPackets, txPackets + other.txPackets, rxBytes + other.rxBytes,
                txBytes + other.txBytes, rxMissed + other.rxMissed, rxErrors + other.rxErrors, txErrors + other.txErrors,
                rxNoMbuf + other.rxNoMbuf);
    }
}
