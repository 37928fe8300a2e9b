/** {@code penstock l3fwd}: DPDK's sample router, with the way to the kernel that makes it a real one. */
package dev.penstock.apps.l3fwd;
