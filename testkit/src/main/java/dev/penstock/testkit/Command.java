package dev.penstock.testkit;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;

/** Runs programs of the machine. */
public final class Command {
    private Command() {}

    /**
     * Runs a program and waits for it.
     *
     * @param command the program and its arguments
     * @return what it printed
     * @throws IllegalStateException when it fails; with what it printed
     */
    public static String run(String... command) {
        String text = String.join(" ", command);
        try {
            Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
            process.getOutputStream().close();
            String output;
            // Closed here and not at leisure by the JVM: tests count open files.
            try (InputStream in = process.getInputStream()) {
                output = new String(in.readAllBytes(), StandardCharsets.UTF_8);
            }
            int code = process.waitFor();
            process.getErrorStream().close();
            if (code != 0) {
                throw new IllegalStateException(text + " ended with " + code + ": " + output.strip());
            }
            return output;
        } catch (IOException e) {
            throw new UncheckedIOException(text + " can't be run; is it installed?", e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(text + " was interrupted", e);
        }
    }
}
