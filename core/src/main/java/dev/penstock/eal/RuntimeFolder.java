package dev.penstock.eal;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.DirectoryNotEmptyException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Instant;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Stream;

/**
 * A folder for an instance's sockets: {@code /run/penstock/PREFIX} for root, {@code $XDG_RUNTIME_DIR/penstock/PREFIX}
 * for others. It holds the owner's process number and start time; a folder whose owner is gone is cleared.
 *
 * <p>The folder is filled under another name and renamed into place, so that of two claimants one fails. File
 * locks would not do: POSIX drops them when any part of the process closes the file.
 */
final class RuntimeFolder {
    private static final String OWNER = "owner";
    private static final int MAX_TRIES = 100;
    private static final AtomicLong COUNT = new AtomicLong();

    private RuntimeFolder() {}

    static Path root() {
        String folder = System.getenv("XDG_RUNTIME_DIR");
        String user = System.getProperty("user.name");
        if (user.equals("root") && Files.isDirectory(Path.of("/run"))) {
            return Path.of("/run/penstock");
        }
        return folder != null && !folder.isEmpty() ? Path.of(folder, "penstock")
                : Path.of(System.getProperty("java.io.tmpdir"), "penstock-" + user);
    }

    /** Clears what dead processes left. */
    static void sweep(Path root) {
        try (Stream<Path> folders = Files.list(root)) {
            for (Path folder : folders.filter(Files::isDirectory).toList()) {
                if (!alive(folder)) {
                    delete(folder);
                }
            }
        } catch (IOException e) {
            // nothing there, or not ours to clear
        }
    }

    /** Claims a name; without insisting, the first free of name, name-1, name-2, ... */
    static Path claim(Path root, String name, boolean insist) {
        try {
            Files.createDirectories(root);
            if (!Files.getOwner(root).getName().equals(System.getProperty("user.name"))) {
                throw new IOException(root + " belongs to " + Files.getOwner(root));
            }
            Path fresh = root.resolve("." + name + "." + ProcessHandle.current().pid() + "." + COUNT.getAndIncrement());
            Files.createDirectory(fresh);
            if (fresh.getFileSystem().supportedFileAttributeViews().contains("posix")) {
                Files.setPosixFilePermissions(fresh, PosixFilePermissions.fromString("rwx------"));
            }
            Files.writeString(fresh.resolve(OWNER), owner(ProcessHandle.current()));
            try {
                return rename(root, fresh, name, insist);
            } catch (IOException | RuntimeException e) {
                delete(fresh);
                throw e;
            }
        } catch (IOException e) {
            throw new UncheckedIOException("cannot make the run-time folder " + root.resolve(name)
                    + "; set XDG_RUNTIME_DIR to a folder that can be written", e);
        }
    }

    private static Path rename(Path root, Path fresh, String name, boolean insist) throws IOException {
        for (int i = 0; i < MAX_TRIES; i++) {
            Path folder = root.resolve(i == 0 ? name : name + "-" + i);
            if (!alive(folder)) {
                delete(folder);
            }
            try {
                return Files.move(fresh, folder, StandardCopyOption.ATOMIC_MOVE);
            } catch (DirectoryNotEmptyException | FileAlreadyExistsException e) {
                taken(folder, name, insist);
            } catch (java.nio.file.FileSystemException e) {
                if (!Files.exists(folder)) {
                    throw e;
                }
                taken(folder, name, insist);
            }
        }
        throw new IOException("more than " + MAX_TRIES + " instances are named " + name);
    }

    private static void taken(Path folder, String name, boolean insist) throws IOException {
        if (insist) {
            throw new IllegalArgumentException("--file-prefix " + name + ": in use by process "
                    + Files.readString(folder.resolve(OWNER)).split(" ")[0] + "; choose another name");
        }
    }

    private static String owner(ProcessHandle process) {
        return process.pid() + " " + process.info().startInstant().map(Instant::toEpochMilli).orElse(0L);
    }

    static boolean alive(Path folder) {
        try {
            List<String> parts = List.of(Files.readString(folder.resolve(OWNER)).split(" "));
            Optional<ProcessHandle> process = ProcessHandle.of(Long.parseLong(parts.getFirst()));
            return process.filter(ProcessHandle::isAlive).map(p -> owner(p).equals(String.join(" ", parts))).orElse(false);
        } catch (NoSuchFileException e) {
            // its claimant is between making and filling it, for a moment; older ones are left-overs
            return young(folder);
        } catch (IOException | NumberFormatException e) {
            return false;
        }
    }

    private static boolean young(Path folder) {
        try {
            return Files.getLastModifiedTime(folder).toInstant().isAfter(Instant.now().minusSeconds(10));
        } catch (IOException e) {
            return false;
        }
    }

    static void delete(Path folder) {
        if (!Files.exists(folder)) {
            return;
        }
        try (Stream<Path> tree = Files.walk(folder)) {
            for (Path path : tree.sorted(Comparator.reverseOrder()).toList()) {
                Files.deleteIfExists(path);
            }
        } catch (IOException | UncheckedIOException e) {
            // another process clears it too
        }
    }
}
