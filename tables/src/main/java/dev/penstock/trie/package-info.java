/** What LPM and FIB keep their next hops in. Not exported. */
package dev.penstock.trie;
