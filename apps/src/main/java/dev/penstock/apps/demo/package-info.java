/** {@code penstock demo}: packets forwarded before your eyes, with nothing set up. */
package dev.penstock.apps.demo;
