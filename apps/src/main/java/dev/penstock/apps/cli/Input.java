package dev.penstock.apps.cli;

import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.FileDescriptor;
import java.io.FileInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.channels.Channels;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.function.Function;

/** Where a prompt's commands come from. */
public interface Input {
    /**
     * The process's own input: a terminal with history and completion, or a pipe.
     *
     * @param program its name, for the history
     * @return it
     */
    static Input standard(String program) {
        // A channel, so that a signal can interrupt a read that waits.
        return isTerminal() ? new TerminalInput(program)
                : new Pipe(Channels.newInputStream(new FileInputStream(FileDescriptor.in).getChannel()));
    }

    /** @return whether a person sits at the process's input and output */
    static boolean isTerminal() {
        return System.console() != null && System.console().isTerminal();
    }

    /**
     * Shows the prompt and reads a line. From a pipe, what was read is shown behind it.
     *
     * @param console where the prompt and the line appear
     * @param prompt the prompt
     * @return the line without its end; null at the end of input, or when the thread is interrupted
     */
    String line(Console console, String prompt);

    /** Waits until something was typed, input ends, or the thread is interrupted. */
    void anyKey();

    /**
     * What may follow a beginning.
     *
     * @param next words that may stand behind others
     */
    default void completions(Function<List<String>, ? extends Iterable<String>> next) {}

    /** Gives the terminal back. */
    default void close() {}

    /** Input from a pipe or a file: shows what it reads as a terminal would. */
    final class Pipe implements Input {
        private final InputStream in;

        /**
         * Reads a stream.
         *
         * @param in the stream
         */
        public Pipe(InputStream in) {
            this.in = new BufferedInputStream(in);
        }

        @Override
        public String line(Console console, String prompt) {
            console.print(prompt);
            console.flush();
            ByteArrayOutputStream bytes = new ByteArrayOutputStream();
            while (true) {
                int c = read();
                if (c < 0) {
                    console.print(bytes.toString(StandardCharsets.UTF_8));
                    return null;
                }
                if (c == '\n' || c == '\r') {
                    String line = bytes.toString(StandardCharsets.UTF_8);
                    console.print(line + "\r\n");
                    return line;
                }
                bytes.write(c);
            }
        }

        @Override
        public void anyKey() {
            read();
        }

        private int read() {
            try {
                return Thread.currentThread().isInterrupted() ? -1 : in.read();
            } catch (IOException e) {
                // also when a signal interrupts it
                return -1;
            }
        }
    }
}
