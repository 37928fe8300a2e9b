/** Ports that are a network device of a virtual machine or container, over vhost-user (DPDK: net_vhost). */
package dev.penstock.drivers.vhost;
