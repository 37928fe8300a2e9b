/** Puts packets back into the order of their sequence numbers (DPDK: librte_reorder). */
package dev.penstock.reorder;
