/** A port that harms what passes, for tests: drops, corrupts, reorders, duplicates, limits the rate. */
package dev.penstock.drivers.fault;
