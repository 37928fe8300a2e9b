package dev.penstock.linux;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;

/**
 * A local socket that peers connect to, and its file. Closing removes the file: it alone, and not one that another process has put in its
 * place meanwhile; what a killed process leaves behind is replaced by the next one that listens there.
 */
public final class LocalListener implements AutoCloseable {
    private final Socket socket;
    /** Null for none. */
    private final Path path;
    private final Object file;

    /**
     * Takes over a socket.
     *
     * @param socket one that was bound already
     * @param address what it is known by: a path, or {@code @NAME}, which has no file
     */
    public LocalListener(Socket socket, String address) {
        this.socket = socket;
        path = address.startsWith("@") ? null : Path.of(address);
        file = path == null ? null : at(path);
    }

    /**
     * Listens. A file at which nobody does any more is replaced.
     *
     * @param address a path, or {@code @NAME}, which has no file
     * @param type a {@code SOCK_} number of {@link Socket}, with {@link Socket#SOCK_NONBLOCK} or without
     * @param backlog how many may wait to be accepted
     * @return who listens there
     * @throws IllegalArgumentException when another process listens at that path, or it is no socket's
     * @throws LinuxException when the address can't be had else
     * @throws UncheckedIOException when a file that nobody listens at any more can't be removed
     */
    public static LocalListener open(String address, int type, int backlog) {
        Socket socket = Socket.open(Socket.AF_UNIX, type, 0);
        try {
            if (!address.startsWith("@")) {
                removeStale(address, type);
            }
            socket.bind(Sockaddr.unix(address));
            socket.listen(backlog);
            return new LocalListener(socket, address);
        } catch (RuntimeException e) {
            socket.close();
            throw e;
        }
    }

    private static void removeStale(String address, int type) {
        Path path = Path.of(address);
        if (!Files.exists(path)) {
            return;
        }
        if (!Socket.isStale(address, type)) {
            throw new IllegalArgumentException(address + (Socket.isAt(address) ? " is in use by another process; end it or give another path"
                    : " is there and is no socket; give another path"));
        }
        try {
            Files.deleteIfExists(path);
        } catch (IOException e) {
            throw new UncheckedIOException(address + " can't be removed", e);
        }
    }

    /** What tells a file from others; null when there is none. */
    private static Object at(Path path) {
        try {
            return Files.readAttributes(path, BasicFileAttributes.class).fileKey();
        } catch (IOException e) {
            return null;
        }
    }

    /** @return the socket, to be closed by this alone */
    public Socket socket() {
        return socket;
    }

    /** @return its file, or null when it has none */
    public Path path() {
        return path;
    }

    @Override
    public void close() {
        // as long as the socket is open no other file is taken for its own
        try (socket) {
            if (file != null && file.equals(at(path))) {
                Files.deleteIfExists(path);
            }
        } catch (IOException e) {
            // what stays is stale: the next one that listens there replaces it
        }
    }
}
