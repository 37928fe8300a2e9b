/** {@code penstock dumpcap}: captures from running programs. */
package dev.penstock.apps.dumpcap;
