package dev.penstock.meter;

/** What a meter makes of a packet (DPDK: rte_color); also what an earlier meter made of it. */
public enum Color {
    /** Within the committed rate. */
    GREEN,
    /** Beyond the committed rate, within the excess. */
    YELLOW,
    /** Beyond both. */
    RED
}
