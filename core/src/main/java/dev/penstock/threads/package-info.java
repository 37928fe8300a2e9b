/** How threads, and the program, end. */
package dev.penstock.threads;
