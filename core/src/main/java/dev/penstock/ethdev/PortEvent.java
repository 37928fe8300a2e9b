package dev.penstock.ethdev;

/** What a port tells its listeners (DPDK: rte_eth_event_type). */
public enum PortEvent {
    /** The link went up or down. */
    LINK_CHANGED,
    /** The device vanished; the port should be closed, or kept for when it comes back, where its driver sees to that. */
    REMOVED,
    /** A device that had vanished is back, and the port goes on (DPDK: RTE_ETH_EVENT_RECOVERY_SUCCESS). */
    RECOVERED,
    /** The device was closed and made anew; {@link Ports#port} has the new port under the same number. */
    RESET,
    /** The port was closed. */
    DESTROYED
}
