/** Flow rules: what is done with packets of a pattern, on any port, in software (DPDK: rte_flow). */
package dev.penstock.flow;
