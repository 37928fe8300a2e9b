/** testpmd: forwards packets between ports, with DPDK's options, commands and printed layout (DPDK: dpdk-testpmd). */
package dev.penstock.apps.testpmd;
