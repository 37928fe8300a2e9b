/**
 * {@code net_memif}: packets through memory that two processes share, after version 2.0 of the memif protocol, as DPDK,
 * VPP and libmemif speak it. The client makes the memory and offers it over a local socket; the server maps it.
 *
 * <p>All that the other side can write is read once, checked, then used.
 */
package dev.penstock.drivers.memif;
