package dev.penstock.ethdev;

/**
 * A link's state (DPDK: rte_eth_link).
 *
 * @param up true when frames can pass
 * @param speedMbps in megabits a second; {@link #SPEED_UNKNOWN} when unknown, 0 for none
 * @param fullDuplex true for both ways at once
 * @param autoneg true when the speed was negotiated
 */
public record Link(boolean up, long speedMbps, boolean fullDuplex, boolean autoneg) {
    /** A speed that nobody knows. */
    public static final long SPEED_UNKNOWN = 0xffffffffL;

    /** The link of a port in memory: up, 10 Gbps, as DPDK's virtual ports say. */
    public static final Link VIRTUAL = new Link(true, 10_000, true, false);

    /**
     * The same link, up or down.
     *
     * @param up true for up
     * @return the link
     */
    public Link up(boolean up) {
        return new Link(up, speedMbps, fullDuplex, autoneg);
    }

    /**
     * The speed as DPDK writes it, such as {@code 10 Gbps}.
     *
     * @return the text
     */
    public String speedText() {
        if (speedMbps == SPEED_UNKNOWN) {
            return "Unknown";
        }
        return switch ((int) speedMbps) {
            case 0 -> "None";
            case 10 -> "10 Mbps";
            case 100 -> "100 Mbps";
            case 2500 -> "2.5 Gbps";
            default -> speedMbps % 1000 == 0 ? speedMbps / 1000 + " Gbps" : speedMbps + " Mbps";
        };
    }
}
