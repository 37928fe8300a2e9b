/** What an instance tells of itself to tools from outside, in DPDK's telemetry protocol of version 2 (rte_telemetry). */
package dev.penstock.telemetry;
