/** What drivers share. */
package dev.penstock.drivers;
