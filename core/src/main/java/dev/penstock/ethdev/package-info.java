/**
 * The port: what an application and a driver know of each other (DPDK: rte_ethdev).
 *
 * <p>A port is made by {@link dev.penstock.ethdev.Ports#attach}, then configured, each of its queues set up, and started; from
 * then on {@link dev.penstock.ethdev.Port#rxBurst} and {@link dev.penstock.ethdev.Port#txBurst} pass packets. Closing the
 * {@code Ports} stops and closes it.
 */
package dev.penstock.ethdev;
