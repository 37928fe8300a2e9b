/** Policers that colour packets green, yellow or red by their rate (DPDK: librte_meter). */
package dev.penstock.meter;
