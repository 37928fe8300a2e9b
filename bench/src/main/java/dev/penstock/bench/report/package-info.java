/** What a run of the bench measured: rows, curves, kept ratios, and how they are shown. */
package dev.penstock.bench.report;
