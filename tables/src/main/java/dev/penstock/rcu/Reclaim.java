package dev.penstock.rcu;

/** How a table waits for its readers before it uses memory again (DPDK: RTE_HASH_QSBR_MODE, RTE_LPM_QSBR_MODE). */
public enum Reclaim {
    /** What is freed waits in a {@link DeferQueue}; later changes take it from there. A writer never waits. */
    DEFER,
    /** The writer waits for a grace period at each free. */
    SYNC
}
