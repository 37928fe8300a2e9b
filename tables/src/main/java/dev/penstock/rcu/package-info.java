/** Safe reclamation: memory is used again only after every reader has let go of it (DPDK: librte_rcu). */
package dev.penstock.rcu;
