package dev.penstock.apps.demo;

import dev.penstock.apps.cli.Input;
import java.io.PrintStream;

/** What the demo prints: plain lines, and on a terminal one line that moves. */
final class Screen {
    private static final int BAR = 40;

    private final PrintStream out;
    private final boolean terminal;
    private final boolean plain;

    Screen(PrintStream out) {
        this.out = out;
        this.plain = !out.charset().newEncoder().canEncode('█');
        this.terminal = Input.isTerminal();
    }

    void line(String format, Object... arguments) {
        out.print(drawn(String.format(format + "%n", arguments)));
    }

    /** A line that the next one replaces; without a terminal it is left out. */
    void live(String format, Object... arguments) {
        if (terminal) {
            out.print("\r\033[K" + drawn(String.format(format, arguments)));
            out.flush();
        }
    }

    /** Makes room after a live line. */
    void settle() {
        if (terminal) {
            out.print("\r\033[K");
        }
    }

    /** Bars and arrows as the stream's character set has them. */
    private String drawn(String text) {
        return plain ? text.replace('█', '#').replace('─', '-').replace('▶', '>') : text;
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
