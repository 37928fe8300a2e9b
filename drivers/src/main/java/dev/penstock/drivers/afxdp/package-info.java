/** Ports on an interface of the kernel, whose frames come and go in the pool's own memory (DPDK: net_af_xdp). */
package dev.penstock.drivers.afxdp;
