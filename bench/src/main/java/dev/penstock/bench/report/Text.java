package dev.penstock.bench.report;

import dev.penstock.apps.cli.Trouble;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;

/** Files that an option names: what can't be read of them is said with their name, which the JDK leaves out of folders. */
final class Text {
    private Text() {}

    static String read(Path file) throws IOException {
        try {
            return Files.readString(file);
        } catch (NoSuchFileException e) {
            throw e;
        } catch (IOException e) {
            throw new IOException(file + ": can't be read: " + Trouble.reason(e), e);
        }
    }
}
