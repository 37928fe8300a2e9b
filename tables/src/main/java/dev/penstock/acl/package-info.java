/** Access control lists: rules over several fields, and which of them a packet matches (DPDK: rte_acl). */
package dev.penstock.acl;
