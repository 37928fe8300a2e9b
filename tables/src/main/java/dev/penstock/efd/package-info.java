/** Perfect hashing of keys to small values, without the keys (DPDK: librte_efd). */
package dev.penstock.efd;
