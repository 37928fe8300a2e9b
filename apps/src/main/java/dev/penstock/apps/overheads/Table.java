package dev.penstock.apps.overheads;

import java.io.PrintStream;
import java.util.List;

/** The rows for a terminal. */
final class Table {
    private Table() {}

    static void print(PrintStream out, List<Row> rows) {
        out.printf("%nAt full load, all that one core carries:%n%n");
        out.printf("%-26s %10s %8s | %s | %s%n", "", "packets", "cycles", center("a thousand packets cost", 39),
                center("where the cycles of a packet go", 39));
        out.printf("%-26s %10s %8s | %9s %9s %9s %9s | %9s %9s %9s %9s%n", "way", "a second", "a packet", "interr.", "softirqs",
                "calls", "switches", "program", "calls", "softirqs", "interr.");
        for (Row r : rows) {
            Phase p = r.full();
            KernelCounts k = p.kernel();
            out.printf("%-26s %10s %8.0f | %s | %9.0f %9.0f %9.0f %9.0f%n", r.method().title(),
                    (r.atLeast() ? "≥ " : "") + String.format("%,.0f", p.packetsPerSecond()), p.cyclesPerPacket(), counts(p),
                    p.cyclesIn(k.user()), p.cyclesIn(k.system()), p.cyclesIn(k.softirq()), p.cyclesIn(k.irq()));
        }
        for (int i = 0; i < rows.getFirst().paces().size(); i++) {
            pace(out, rows, i);
        }
        out.println();
    }

    private static void pace(PrintStream out, List<Row> rows, int i) {
        int rate = rows.getFirst().paces().get(i).rate();
        out.printf("%n%s:%n%n", rate == Generator.FLOOD ? "At full load" : String.format("At %,d packets a second", rate));
        out.printf("%-26s %10s | %s | %s%n", "", "core", center("a thousand packets cost", 39), center("there and back, microseconds", 49));
        out.printf("%-26s %10s | %9s %9s %9s %9s | %9s %9s %9s %9s %9s%n", "way", "busy", "interr.", "softirqs", "calls",
                "switches", "p50", "p90", "p99", "p99.9", "max");
        for (Row r : rows) {
            Pace pace = r.paces().get(i);
            StringBuilder latency = new StringBuilder();
            for (double percentile : Pace.PERCENTILES) {
                latency.append(String.format(" %9.1f", pace.latency().getValueAtPercentile(percentile) / 1e3));
            }
            out.printf("%-26s %9.1f%%%s%n", r.method().title(), pace.phase().busy() * 100,
                    pace.rate() == 0 ? "" : " | " + counts(pace.phase()) + " |" + latency);
        }
    }

    private static String counts(Phase p) {
        KernelCounts k = p.kernel();
        return String.format("%9.1f %9.1f %9s %9.1f", p.perThousand(k.interrupts()), p.perThousand(k.softirqs()),
                p.calls() < 0 ? "unknown" : String.format("%.1f", p.perThousand(p.calls())), p.perThousand(k.switches()));
    }

    private static String center(String text, int width) {
        int left = (width - text.length()) / 2;
        return " ".repeat(left) + text + " ".repeat(width - text.length() - left);
    }
}
