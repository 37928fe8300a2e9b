/** Routing information base: the control plane's tree of prefixes (DPDK: librte_rib). */
package dev.penstock.rib;
