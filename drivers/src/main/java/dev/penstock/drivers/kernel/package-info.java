/** What ports that stand on an interface of the kernel have in common. */
package dev.penstock.drivers.kernel;
