/** Longest prefix match (DPDK: librte_lpm). */
package dev.penstock.lpm;
