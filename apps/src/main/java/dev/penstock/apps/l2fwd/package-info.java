/** {@code penstock l2fwd}: DPDK's sample application that forwards between pairs of ports. */
package dev.penstock.apps.l2fwd;
