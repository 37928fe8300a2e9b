/** Memory by address, for packet buffers and tables alone: see the rules of the rooms in ARCHITECTURE.md. */
package dev.penstock.raw;
