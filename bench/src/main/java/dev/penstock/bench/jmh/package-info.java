/** Benchmarks of parts, for JMH: {@code ./penstock bench jmh [PATTERN]}. */
package dev.penstock.bench.jmh;
