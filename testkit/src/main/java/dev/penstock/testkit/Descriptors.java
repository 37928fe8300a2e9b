package dev.penstock.testkit;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/** What this process has open. Other threads may open and close files meanwhile. */
public final class Descriptors {
    private static final Path FOLDER = Path.of("/proc/self/fd");

    private Descriptors() {}

    /** @return what each leads to, such as {@code socket:[4711]} */
    public static List<String> links() {
        List<String> links = new ArrayList<>();
        for (int number : numbers()) {
            try {
                links.add(Files.readSymbolicLink(FOLDER.resolve(Integer.toString(number))).toString());
            } catch (IOException e) {
                // that of the list itself, or closed meanwhile
            }
        }
        return links;
    }

    /** @return their numbers, that by which the list is read among them */
    public static List<Integer> numbers() {
        try (Stream<Path> all = Files.list(FOLDER)) {
            return all.map(path -> Integer.parseInt(path.getFileName().toString())).toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** @return how many there are */
    public static int count() {
        return links().size();
    }
}
