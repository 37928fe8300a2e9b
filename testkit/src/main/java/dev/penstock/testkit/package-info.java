/** Seeded random input, measured allocation, network namespaces, traffic. */
package dev.penstock.testkit;
