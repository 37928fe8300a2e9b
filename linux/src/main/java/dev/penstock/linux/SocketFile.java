package dev.penstock.linux;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;

/**
 * The file that a local socket was bound to, to be removed when its owner ends: it alone, and not one that another process has put in
 * its place meanwhile. To be removed before the socket is closed, since as long as that is open no other file is taken for it.
 */
public final class SocketFile {
    /** Null for none. */
    private final Path path;
    private final Object file;

    /**
     * Notes what file it is.
     *
     * @param address what the socket was just bound to: a path, or {@code @NAME}, which has no file
     */
    public SocketFile(String address) {
        path = address.startsWith("@") ? null : Path.of(address);
        file = path == null ? null : at(path);
    }

    /** What tells a file from others; null when there is none. */
    private static Object at(Path path) {
        try {
            return Files.readAttributes(path, BasicFileAttributes.class).fileKey();
        } catch (IOException e) {
            return null;
        }
    }

    /**
     * Removes the file, if it is still there.
     *
     * @throws IOException when it can't be removed
     */
    public void remove() throws IOException {
        if (file != null && file.equals(at(path))) {
            Files.deleteIfExists(path);
        }
    }
}
