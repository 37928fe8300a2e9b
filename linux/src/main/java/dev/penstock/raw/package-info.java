/** Memory by address, for the packet buffer alone: see the rules of the rooms in ARCHITECTURE.md. */
package dev.penstock.raw;
