/** Named values of ports and of the whole, such as bit rates and the time that packets spend in the program (DPDK: rte_metrics). */
package dev.penstock.metrics;
