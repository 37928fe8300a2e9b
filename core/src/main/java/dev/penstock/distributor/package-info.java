/** Hands packets of one flow to one worker at a time (DPDK: librte_distributor). */
package dev.penstock.distributor;
