/** A port that prints a line for each packet that passes. */
package dev.penstock.drivers.trace;
