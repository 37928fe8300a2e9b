/** What the programs with DPDK's command lines share: options, output, signals, start and end. */
package dev.penstock.apps.cli;
