/** The JIT compiler as a part of the product: whether the packet path still runs as it was compiled. */
package dev.penstock.jit;
