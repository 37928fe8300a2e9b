/** Longest prefix match over IPv6 (DPDK: rte_lpm6). */
package dev.penstock.lpm6;
