/** A fast path, and the kernel for all else. */
package dev.penstock.examples.exceptionpath;
