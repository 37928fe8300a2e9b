package dev.penstock.apps.cli;

import java.io.BufferedOutputStream;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;

/** Where a program writes: what was asked for to one stream, what went wrong to another, in order. */
public final class Console {
    private final PrintStream out;
    private final PrintStream err;

    /**
     * Writes to two streams.
     *
     * @param out for what was asked for; buffered until {@link #flush}
     * @param err for what went wrong
     */
    public Console(OutputStream out, OutputStream err) {
        this.out = new PrintStream(new BufferedOutputStream(out, 1 << 16), false, StandardCharsets.UTF_8);
        this.err = new PrintStream(err, true, StandardCharsets.UTF_8);
    }

    /** @return one on the process's own streams */
    public static Console standard() {
        return new Console(new StandardOutput(), new FileOutputStream(FileDescriptor.err));
    }

    /** @param text to write as it is */
    public void print(String text) {
        out.print(text);
    }

    /** @param text a line without its end */
    public void println(String text) {
        out.print(text);
        out.print('\n');
    }

    /**
     * Writes a formatted text.
     *
     * @param format as {@link String#format} has it
     * @param args its values
     */
    public void printf(String format, Object... args) {
        out.print(String.format(format, args));
    }

    /** @param line about something that went wrong, without its end */
    public void error(String line) {
        out.flush();
        err.print(line + '\n');
        err.flush();
    }

    /**
     * Blanks behind a text up to a width.
     *
     * @param value the text
     * @param width characters at least
     * @return both
     */
    public static String left(Object value, int width) {
        String text = String.valueOf(value);
        return text.length() >= width ? text : text + " ".repeat(width - text.length());
    }

    /**
     * Blanks before a text up to a width.
     *
     * @param value the text
     * @param width characters at least
     * @return both
     */
    public static String right(Object value, int width) {
        String text = String.valueOf(value);
        return text.length() >= width ? text : " ".repeat(width - text.length()) + text;
    }

    /** Writes out what was kept back. */
    public void flush() {
        out.flush();
    }
}
