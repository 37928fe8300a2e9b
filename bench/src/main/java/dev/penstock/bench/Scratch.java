package dev.penstock.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;

/** Files that a run needs for a while, all in one folder, which goes when the process ends, by a signal too. */
final class Scratch {
    private static final int TRIES = 20;
    private static final long WAIT_MS = 50;

    private static Path folder;

    private Scratch() {}

    static Path file(String name, String suffix) throws IOException {
        return Files.createTempFile(folder(), name, suffix);
    }

    static Path folder(String name) throws IOException {
        return Files.createTempDirectory(folder(), name);
    }

    private static synchronized Path folder() throws IOException {
        if (folder == null) {
            Path made = Files.createTempDirectory("penstock-bench");
            Runtime.getRuntime().addShutdownHook(new Thread(() -> remove(made), "bench-scratch"));
            folder = made;
        }
        return folder;
    }

    /** What runs beside this is being ended at the same time, and may make a file meanwhile. */
    private static void remove(Path made) {
        for (int i = 0; i < TRIES && !isRemoved(made); i++) {
            try {
                Thread.sleep(WAIT_MS);
            } catch (InterruptedException e) {
                return;
            }
        }
    }

    private static boolean isRemoved(Path made) {
        try (Stream<Path> all = Files.walk(made)) {
            List<Path> deepestFirst = all.sorted(Comparator.reverseOrder()).toList();
            for (Path path : deepestFirst) {
                Files.deleteIfExists(path);
            }
            return true;
        } catch (IOException | RuntimeException e) {
            return false;
        }
    }
}
