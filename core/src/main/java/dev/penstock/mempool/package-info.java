/** Pools of pre-allocated objects with a cache for each worker (DPDK: rte_mempool). */
package dev.penstock.mempool;
