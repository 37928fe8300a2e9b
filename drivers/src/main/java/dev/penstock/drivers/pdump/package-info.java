/** Captures of running ports for tools from outside, in pcapng (DPDK: rte_pdump, dpdk-dumpcap). */
package dev.penstock.drivers.pdump;
