/** A port on an interface of the kernel, through rings shared with it (DPDK: net_af_packet). */
package dev.penstock.drivers.afpacket;
