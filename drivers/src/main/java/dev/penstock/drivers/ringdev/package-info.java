/** Ports on rings: loop-back, between ports, between programs' own rings (DPDK: net_ring). */
package dev.penstock.drivers.ringdev;
