/** Segmentation in software of packets that are longer than a frame (DPDK: rte_gso). */
package dev.penstock.gso;
