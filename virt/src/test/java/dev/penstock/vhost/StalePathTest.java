package dev.penstock.vhost;

import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.penstock.linux.Sockaddr;
import dev.penstock.linux.Socket;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

/** What lies at the path of a back end that is to listen: it is removed only when it is a socket that nobody has any more. */
@EnabledOnOs(OS.LINUX)
@SuppressWarnings("try")
class StalePathTest {
    @TempDir
    private Path folder;

    private static void listen(Path path) {
        VhostBackend backend = new VhostBackend(new VhostConfig(path.toString(), false, 1, VhostConfig.FEATURES), new NobodyListens());
        backend.start();
        backend.close();
    }

    private static Socket server(Path path, int type, int queue) {
        Socket socket = Socket.open(Socket.AF_UNIX, type, 0);
        socket.bind(Sockaddr.unix(path.toString()));
        socket.listen(queue);
        return socket;
    }

    private static void refused(Path path) {
        assertThrows(IllegalArgumentException.class, () -> listen(path));
        assertTrue(Files.exists(path), path + " is gone");
    }

    @Test
    void shouldTakeTheSocketOfAKilledProcess() {
        Path path = folder.resolve("stale");
        server(path, Socket.SOCK_STREAM, 1).close();
        listen(path);
    }

    @Test
    void shouldLeaveTheSocketOfAnotherServiceThere() {
        Path path = folder.resolve("memif");
        try (Socket other = server(path, Socket.SOCK_SEQPACKET, 1)) {
            refused(path);
        }
        try (Socket other = Socket.open(Socket.AF_UNIX, Socket.SOCK_DGRAM, 0)) {
            Path log = folder.resolve("log");
            other.bind(Sockaddr.unix(log.toString()));
            refused(log);
        }
    }

    /** A port that had lost its socket's file to another process took that one's file with it. */
    @Test
    void shouldLeaveTheSocketThatAnotherHasBoundSince() throws IOException {
        Path path = folder.resolve("again");
        VhostBackend backend = new VhostBackend(new VhostConfig(path.toString(), false, 1, VhostConfig.FEATURES), new NobodyListens());
        backend.start();
        Files.delete(path);
        try (Socket other = server(path, Socket.SOCK_STREAM, 1)) {
            backend.close();
            assertTrue(Files.exists(path));
        }
    }

    @Test
    void shouldLeaveWhatIsNoSocketThere() throws IOException, InterruptedException {
        Path pipe = folder.resolve("pipe");
        new ProcessBuilder("mkfifo", pipe.toString()).start().waitFor();
        refused(pipe);
        refused(Files.createFile(folder.resolve("file")));
        refused(Files.createDirectory(folder.resolve("folder")));
    }

    /** The probe waited for ever where an owner takes nobody up any more. */
    @Test
    void shouldNotWaitForAnOwnerThatHangs() {
        Path path = folder.resolve("hung");
        try (Socket hung = server(path, Socket.SOCK_STREAM, 0); Socket one = Socket.open(Socket.AF_UNIX, Socket.SOCK_STREAM, 0)) {
            one.connect(Sockaddr.unix(path.toString()));
            refused(path);
        }
    }

    /** Two ports that note where their queues stand in one file would each go on where the other one stood. */
    @Test
    void shouldKeepAStateFileToOnePort() {
        String state = folder.resolve("state").toString();
        for (int i = 0; i < 2; i++) {
            VhostBackend first = stateful("a", state);
            assertThrows(IllegalArgumentException.class, () -> stateful("b", state));
            first.close();
        }
    }

    private VhostBackend stateful(String socket, String state) {
        VhostBackend backend = new VhostBackend(new VhostConfig(folder.resolve(socket).toString(), false, 1, VhostConfig.FEATURES, state), new NobodyListens());
        backend.start();
        return backend;
    }
}
