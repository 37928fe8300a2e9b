/** Environment abstraction layer: arguments, lcores, memory, time (DPDK: rte_eal). */
package dev.penstock.eal;
