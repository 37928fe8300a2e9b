package dev.penstock.verify.tree;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/** The project's files. */
final class Tree {
    static final Path ROOT = Path.of("").toAbsolutePath().getParent();

    private Tree() {}

    /** All files whose names end so, without what is built. */
    static List<Path> files(String ending) {
        try (Stream<Path> all = Files.walk(ROOT)) {
            return all.filter(path -> path.toString().endsWith(ending) && Files.isRegularFile(path)).filter(path -> {
                String name = "/" + ROOT.relativize(path);
                return !name.contains("/target/") && !name.contains("/.git/");
            }).sorted().toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** The folders of compiled classes, one for each module that has sources. */
    static List<Path> compiled() {
        List<Path> folders = files("pom.xml").stream().map(Path::getParent)
                .filter(module -> Files.isDirectory(module.resolve("src/main/java"))).map(module -> module.resolve("target/classes"))
                .toList();
        for (Path folder : folders) {
            if (!Files.isDirectory(folder)) {
                throw new IllegalStateException(folder + " is not compiled: run ./penstock test");
            }
        }
        return folders;
    }

    static String text(Path file) {
        try {
            return Files.readString(file);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    static String name(Path file) {
        return ROOT.relativize(file).toString();
    }
}
