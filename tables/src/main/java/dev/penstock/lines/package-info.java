/** Memory of tables that has to lie at the borders of cache lines. */
package dev.penstock.lines;
