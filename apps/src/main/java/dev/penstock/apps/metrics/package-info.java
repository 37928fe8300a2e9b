/** {@code penstock metrics}: counters of running programs for Prometheus. */
package dev.penstock.apps.metrics;
