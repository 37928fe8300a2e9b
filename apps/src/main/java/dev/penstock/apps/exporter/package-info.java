/** {@code penstock exporter}: counters of running programs for Prometheus. */
package dev.penstock.apps.exporter;
