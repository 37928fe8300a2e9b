package dev.penstock.drivers.virtiouser;

import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.penstock.linux.EventFd;
import dev.penstock.linux.Sockaddr;
import dev.penstock.linux.Socket;
import dev.penstock.testkit.Descriptors;
import dev.penstock.vhost.VhostException;
import dev.penstock.vhost.VhostMessage;
import dev.penstock.vhost.VhostRequest;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

@EnabledOnOs(OS.LINUX)
class VhostFrontendTest {
    private static final int ATTEMPTS = 200;

    @TempDir
    Path folder;

    /** The connector comes again ten times a second, and each time a descriptor stayed open, until the process had no more. */
    @Test
    void shouldCloseWhatCameWithAnAnswerThatMakesNoSense() throws IOException {
        String path = folder.resolve("s").toString();
        try (Socket listener = Socket.open(Socket.AF_UNIX, Socket.SOCK_STREAM, 0); EventFd some = new EventFd()) {
            listener.bind(Sockaddr.unix(path));
            listener.listen(1);
            refuse(path, listener, some);
            long before = Descriptors.count();
            for (int i = 0; i < ATTEMPTS; i++) {
                refuse(path, listener, some);
            }
            long more = Descriptors.count() - before;
            assertTrue(more < ATTEMPTS / 2, () -> more + " descriptors stayed open");
        }
    }

    private static void refuse(String path, Socket listener, EventFd some) {
        try (Socket socket = Socket.open(Socket.AF_UNIX, Socket.SOCK_STREAM, 0)) {
            socket.connect(Sockaddr.unix(path));
            try (Socket peer = listener.accept(); VhostMessage answer = new VhostMessage()) {
                answer.send(peer, VhostRequest.GET_FEATURES, VhostMessage.REPLY, 4, List.of(some.fd()));
                assertThrows(VhostException.class, () -> new VhostFrontend(socket));
            }
        }
    }
}
