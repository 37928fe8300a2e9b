/** Capture files, and ports that read and write them or stand on a kernel interface (DPDK: net_pcap). */
package dev.penstock.drivers.pcap;
