/** Example: a router. */
package dev.penstock.examples.router;
