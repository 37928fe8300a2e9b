/** Exact match: a bucketised cuckoo hash and its hash functions (DPDK: librte_hash). */
package dev.penstock.hash;
