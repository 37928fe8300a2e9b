/** Penstock and its peers measured in turn, in one run, pinned to the same cores. */
package dev.penstock.bench;
