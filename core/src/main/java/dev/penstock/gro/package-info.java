/** Merging in software of received packets (DPDK: rte_gro). */
package dev.penstock.gro;
