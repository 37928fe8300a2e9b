/** The smallest whole program. */
package dev.penstock.examples.forwarder;
