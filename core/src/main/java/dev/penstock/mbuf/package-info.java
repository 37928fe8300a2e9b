/** Packet buffers: Java objects whose data lies off-heap and is always bounds-checked (DPDK: rte_mbuf). */
package dev.penstock.mbuf;
