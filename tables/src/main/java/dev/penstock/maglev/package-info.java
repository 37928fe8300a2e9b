/** Consistent hashing of flows over servers. */
package dev.penstock.maglev;
