/** Flows that are forgotten when they fall silent. */
package dev.penstock.flowtable;
