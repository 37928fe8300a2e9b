package dev.penstock.ethdev;

/**
 * One extended statistic.
 *
 * @param name as DPDK writes it, such as {@code rx_q0_packets}
 * @param value the count since the port was made or reset
 */
public record Xstat(String name, long value) {}
