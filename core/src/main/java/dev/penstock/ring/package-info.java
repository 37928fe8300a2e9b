/** Lock-less bounded queues (DPDK: rte_ring). */
package dev.penstock.ring;
