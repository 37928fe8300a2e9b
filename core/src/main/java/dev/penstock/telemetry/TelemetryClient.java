package dev.penstock.telemetry;

import dev.penstock.linux.LinuxException;
import dev.penstock.linux.Sockaddr;
import dev.penstock.linux.Socket;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

/** Asks a running instance, ours or DPDK's, through its telemetry socket. Used by one thread at a time. */
public final class TelemetryClient implements AutoCloseable {
    private static final int ANSWER_BYTES = 1 << 20;
    private static final long TIMEOUT_MS = 10_000;

    private final Path path;
    private final Socket socket;
    private final Arena arena = Arena.ofShared();
    private final MemorySegment answer = arena.allocate(ANSWER_BYTES);

    private TelemetryClient(Path path, Socket socket) {
        this.path = path;
        this.socket = socket;
    }

    /**
     * The sockets in a run-time folder, of instances that live and of such that were killed.
     *
     * @param folder one prefix's
     * @return their paths, sorted; none when there is no such folder
     */
    public static List<Path> sockets(Path folder) {
        List<Path> all = new ArrayList<>();
        if (Files.isDirectory(folder)) {
            try (DirectoryStream<Path> files = Files.newDirectoryStream(folder, TelemetrySocket.NAME + "*")) {
                files.forEach(all::add);
            } catch (IOException e) {
                // not ours to read
            }
        }
        Collections.sort(all);
        return all;
    }

    /**
     * Connects.
     *
     * @param path an instance's socket
     * @return the client
     * @throws LinuxException when nobody listens there
     * @throws IOException when what listens is no telemetry
     */
    public static TelemetryClient connect(Path path) throws IOException {
        Socket socket = Socket.open(Socket.AF_UNIX, Socket.SOCK_SEQPACKET, 0);
        try {
            socket.timeoutMs(TIMEOUT_MS);
            socket.connect(Sockaddr.unix(path.toString()));
        } catch (LinuxException e) {
            socket.close();
            throw e;
        }
        TelemetryClient client = new TelemetryClient(path, socket);
        try {
            client.read();
            return client;
        } catch (IOException | RuntimeException e) {
            client.close();
            throw e;
        }
    }

    /**
     * Asks, and waits for the answer.
     *
     * @param request {@code command[,parameters]}, at most 1023 bytes
     * @return JSON
     * @throws IOException when the instance has ended
     */
    public String ask(String request) throws IOException {
        byte[] bytes = request.getBytes(StandardCharsets.UTF_8);
        if (bytes.length > TelemetryServer.REQUEST_BYTES) {
            throw new IllegalArgumentException("a request of " + bytes.length + " bytes is longer than " + TelemetryServer.REQUEST_BYTES);
        }
        MemorySegment.copy(bytes, 0, answer, ValueLayout.JAVA_BYTE, 0, bytes.length);
        socket.send(answer.asSlice(0, bytes.length), Socket.MSG_NOSIGNAL);
        return read();
    }

    private String read() throws IOException {
        long n = socket.receive(answer, 0);
        if (n <= 0) {
            throw new IOException("the instance behind " + path + (n == 0 ? " has ended" : " does not answer"));
        }
        byte[] bytes = answer.asSlice(0, n).toArray(ValueLayout.JAVA_BYTE);
        return new String(bytes, StandardCharsets.UTF_8);
    }

    @Override
    public void close() {
        socket.close();
        arena.close();
    }
}
