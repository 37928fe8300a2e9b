/** A port that makes packets from nothing and swallows what it is given (DPDK: net_null). */
package dev.penstock.drivers.nulldev;
