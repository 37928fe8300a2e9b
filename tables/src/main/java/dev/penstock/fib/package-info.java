/** Forwarding information base: what the packet path asks for next hops (DPDK: librte_fib). */
package dev.penstock.fib;
