package dev.penstock.apps.demo;

import dev.penstock.apps.cli.Input;
import java.io.PrintStream;

/** What the demo prints: plain lines, and on a terminal one line that moves. */
final class Screen {
    private static final int BAR = 40;

    private final PrintStream out;
    private final boolean terminal;

    Screen(PrintStream out) {
        this.out = out;
        this.terminal = Input.isTerminal();
    }

    void line(String format, Object... arguments) {
        out.printf(format + "%n", arguments);
    }

    /** A line that the next one replaces; without a terminal it is left out. */
    void live(String format, Object... arguments) {
        if (terminal) {
            out.printf("\r\033[K" + format, arguments);
            out.flush();
        }
    }

    /** Makes room after a live line. */
    void settle() {
        if (terminal) {
            out.print("\r\033[K");
        }
    }

    static String bar(double share) {
        int cells = (int) Math.round(Math.clamp(share, 0, 1) * BAR);
        return "█".repeat(cells);
    }

    /** A count as people read it: 1,234,567. */
    static String count(long n) {
        return String.format("%,d", n);
    }
}
