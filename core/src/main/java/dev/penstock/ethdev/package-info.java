/** The port: what an application and a driver know of each other (DPDK: rte_ethdev). */
package dev.penstock.ethdev;
