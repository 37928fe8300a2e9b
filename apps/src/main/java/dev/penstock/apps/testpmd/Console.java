package dev.penstock.apps.testpmd;

import java.io.BufferedOutputStream;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;

/** Where testpmd writes: what was asked for to one stream, what went wrong to another, in order. */
final class Console {
    private final PrintStream out;
    private final PrintStream err;

    Console(OutputStream out, OutputStream err) {
        this.out = new PrintStream(new BufferedOutputStream(out, 1 << 16), false, StandardCharsets.UTF_8);
        this.err = new PrintStream(err, true, StandardCharsets.UTF_8);
    }

    void print(String text) {
        out.print(text);
    }

    void println(String text) {
        out.print(text);
        out.print('\n');
    }

    void printf(String format, Object... args) {
        out.print(String.format(format, args));
    }

    /** A line about something that went wrong. */
    void error(String line) {
        out.flush();
        err.print(line + '\n');
        err.flush();
    }

    /** Blanks behind a text up to a width. */
    static String left(Object value, int width) {
        String text = String.valueOf(value);
        return text.length() >= width ? text : text + " ".repeat(width - text.length());
    }

    /** Blanks before a text up to a width. */
    static String right(Object value, int width) {
        String text = String.valueOf(value);
        return text.length() >= width ? text : " ".repeat(width - text.length()) + text;
    }

    void flush() {
        out.flush();
    }
}
