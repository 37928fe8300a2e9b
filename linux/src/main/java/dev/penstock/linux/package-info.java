/** Typed access to the Linux system interface: system calls, memory maps, sockets, netlink. */
package dev.penstock.linux;
