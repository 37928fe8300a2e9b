package dev.penstock.telemetry;

import dev.penstock.linux.LocalListener;
import dev.penstock.linux.Sockaddr;
import dev.penstock.linux.Socket;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Listens at a file that has DPDK's name. Several instances may share a folder: the first free of
 * {@code dpdk_telemetry.v2}, {@code dpdk_telemetry.v2:1} and so on is taken. What killed processes left is removed.
 *
 * <p>The socket gets its name when it listens already, by a link: so whoever finds that nobody listens at a name
 * knows that its owner is gone.
 */
final class TelemetrySocket {
    static final String NAME = "dpdk_telemetry.v2";
    private static final int MAX_INSTANCES = 1000;
    private static final int BACKLOG = 16;
    private static final AtomicLong COUNT = new AtomicLong();

    private TelemetrySocket() {}

    /** The socket does not wait. */
    static LocalListener listen(Path folder) throws IOException {
        sweep(folder);
        Path unnamed = folder.resolve("." + NAME + "." + ProcessHandle.current().pid() + "." + COUNT.getAndIncrement());
        Socket socket = Socket.open(Socket.AF_UNIX, Socket.SOCK_SEQPACKET | Socket.SOCK_NONBLOCK, 0);
        try {
            socket.bind(Sockaddr.unix(unnamed.toString()));
            try {
                socket.listen(BACKLOG);
                return name(socket, unnamed, folder);
            } finally {
                Files.deleteIfExists(unnamed);
            }
        } catch (IOException | RuntimeException e) {
            socket.close();
            throw e;
        }
    }

    private static LocalListener name(Socket socket, Path unnamed, Path folder) throws IOException {
        for (int i = 0; i < MAX_INSTANCES; i++) {
            Path path = folder.resolve(i == 0 ? NAME : NAME + ":" + i);
            try {
                Files.createLink(path, unnamed);
                return new LocalListener(socket, path.toString());
            } catch (FileAlreadyExistsException e) {
                // another instance's
            }
        }
        throw new IOException("more than " + MAX_INSTANCES + " instances use " + folder + "; choose another --file-prefix");
    }

    private static void sweep(Path folder) throws IOException {
        try (DirectoryStream<Path> sockets = Files.newDirectoryStream(folder, "{" + NAME + "*,." + NAME + ".*}")) {
            for (Path path : sockets) {
                if (path.getFileName().toString().startsWith(".") ? !ownerLives(path) : Socket.isStale(path.toString(), Socket.SOCK_SEQPACKET)) {
                    Files.deleteIfExists(path);
                }
            }
        }
    }

    private static boolean ownerLives(Path unnamed) {
        String[] parts = unnamed.getFileName().toString().split("\\.");
        try {
            return ProcessHandle.of(Long.parseLong(parts[parts.length - 2])).isPresent();
        } catch (NumberFormatException e) {
            return true;
        }
    }
}
