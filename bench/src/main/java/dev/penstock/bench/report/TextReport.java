package dev.penstock.bench.report;

import java.io.PrintStream;
import java.util.List;

/** The rows as a table for a terminal. */
public final class TextReport {
    /** Runs that disagree by more than this say more of the machine than of the programs. */
    static final double NOISY = 0.25;

    private TextReport() {}

    /**
     * Prints it.
     *
     * @param out where to
     * @param rows what is shown
     * @param cyclesPerSecond of the time-stamp counter
     */
    public static void print(PrintStream out, List<Row> rows, double cyclesPerSecond) {
        out.printf("%-10s %-46s %12s %12s %-7s %8s %15s %11s%n", "suite", "row", "Penstock", "peer", "unit", "ratio", "min..max", "cycles/pkt");
        rows.forEach(r -> out.println(line(r, cyclesPerSecond)));
    }

    /**
     * One row.
     *
     * @param r the row
     * @param cyclesPerSecond of the time-stamp counter
     * @return a line without its end
     */
    public static String line(Row r, double cyclesPerSecond) {
        boolean peer = r.theirs().length > 0;
        return String.format("%-10s %-46s %12.2f %12s %-7s %8s %15s %11s%s", r.suite(), r.name(), r.ourMedian(),
                peer ? String.format("%.2f", r.theirMedian()) : r.refused().isEmpty() ? "not there" : "differs", r.unit(),
                peer ? String.format("%.2fx", r.ratio()) : "-",
                peer ? String.format("%.2f..%.2f", r.ratioMin(), r.ratioMax()) : "-", cycles(r, cyclesPerSecond),
                r.spread() > NOISY ? "  noisy: runs differ by " + Math.round(r.spread() * 100) + " %" : "")
                + (r.refused().isEmpty() ? "" : "  " + r.refused());
    }

    static String cycles(Row r, double cyclesPerSecond) {
        if (!r.unit().equals("Mpps")) {
            return "-";
        }
        // Of one core; two that forward spend twice as many.
        return r.theirs().length == 0 ? String.format("%.1f", cyclesPerSecond / r.ourMedian() / 1e6)
                : String.format("%.1f/%.1f", cyclesPerSecond / r.ourMedian() / 1e6, cyclesPerSecond / r.theirMedian() / 1e6);
    }
}
