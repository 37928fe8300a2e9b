/** Ports whose other end is an interface of the kernel: the way to its network stack (DPDK: net_tap, net_tun). */
package dev.penstock.drivers.tap;
