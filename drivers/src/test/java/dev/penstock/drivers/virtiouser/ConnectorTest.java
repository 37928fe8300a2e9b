package dev.penstock.drivers.virtiouser;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.penstock.eal.Eal;
import dev.penstock.eal.Log;
import dev.penstock.ethdev.Ports;
import dev.penstock.linux.Sockaddr;
import dev.penstock.linux.Socket;
import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

@EnabledOnOs(OS.LINUX)
class ConnectorTest {
    private static final int TROUBLES = 3;

    @TempDir
    Path folder;

    private final Queue<String> lines = new ConcurrentLinkedQueue<>();
    private final Log.Type log = new Log(lines::add).type("pmd.net.virtio.driver", "VIRTIO");

    @Test
    void shouldSayInTheEnvironmentsLogThatNobodyListensAndSayItOnce() throws InterruptedException {
        String path = folder.resolve("s").toString();
        BlockingQueue<Socket> found = new ArrayBlockingQueue<>(1);
        Connector client = new Connector(path, false, log, found::add, () -> { });
        client.start();
        assertEquals(1, lines.size());
        assertTrue(lines.peek().startsWith("VIRTIO: " + path + ": ") && lines.peek().contains("ENOENT"), lines::toString);
        try (Connector server = new Connector(path, true, log, Socket::close, () -> { })) {
            server.start();
            try (Socket socket = found.poll(30, TimeUnit.SECONDS)) {
                assertTrue(socket != null, "it did not try again");
                assertEquals(1, lines.stream().filter(line -> line.contains("ENOENT")).count(), lines::toString);
            }
        } finally {
            client.close();
        }
    }

    /** A port that had lost its socket's file to another process took that one's file with it. */
    @Test
    void shouldLeaveTheSocketThatAnotherHasBoundSince() throws IOException {
        Path path = folder.resolve("s");
        Connector server = new Connector(path.toString(), true, log, Socket::close, () -> { });
        server.start();
        Files.delete(path);
        try (Socket other = Socket.open(Socket.AF_UNIX, Socket.SOCK_STREAM, 0)) {
            other.bind(Sockaddr.unix(path.toString()));
            server.close();
            assertTrue(Files.exists(path));
        }
    }

    /** Both ends in one process; whatever the client's user throws, the client comes again. */
    @Test
    void shouldConnectAgainWhateverIsThrownAtIt() throws InterruptedException {
        String path = folder.resolve("s").toString();
        BlockingQueue<Socket> accepted = new ArrayBlockingQueue<>(TROUBLES + 8);
        BlockingQueue<Socket> kept = new ArrayBlockingQueue<>(1);
        int[] calls = new int[2];
        Connector server = new Connector(path, true, log, accepted::add, () -> { });
        Connector client = new Connector(path, false, log, socket -> {
            if (calls[0]++ < TROUBLES) {
                throw List.of(new IllegalStateException("as planned"), new ArithmeticException("as planned"),
                        new UnsupportedOperationException("as planned")).get(calls[0] - 1);
            }
            kept.add(socket);
        }, () -> {
            if (calls[1]++ == 0) {
                throw new IllegalArgumentException("also when it is told of the end");
            }
        });
        server.start();
        client.start();
        try (Socket last = kept.poll(30, TimeUnit.SECONDS)) {
            assertTrue(last != null, "it gave up after " + calls[0] + " attempts");
            assertEquals(TROUBLES + 1, client.failures());
        } finally {
            client.close();
            server.close();
            accepted.forEach(Socket::close);
        }
    }

    @Test
    void shouldSayWhatHasNoEffectAndRefuseAPathThatIsNoSocket() throws IOException {
        List<String> said = new CopyOnWriteArrayList<>();
        try (Eal eal = Eal.start(said::add, "--no-huge", "-l", "0"); Ports ports = new Ports(eal)) {
            ports.attach("net_virtio_user0,path=" + folder.resolve("nobody") + ",speed=10000,vectorized=1").close();
            assertTrue(said.stream().anyMatch(l -> l.startsWith("VIRTIO: net_virtio_user0: speed has no effect")), said::toString);
            assertTrue(said.stream().anyMatch(l -> l.startsWith("VIRTIO: net_virtio_user0: vectorized has no effect")), said::toString);
            for (String other : new String[] {"/dev/null", folder.toString()}) {
                assertTrue(assertThrows(IllegalArgumentException.class, () -> ports.attach("net_virtio_user0,path=" + other)).getMessage()
                        .contains("path=" + other + " is no socket; give that of a vhost-user back end"));
            }
            for (String wrong : new String[] {"path=/tmp/" + "y".repeat(103), "path=p,mac=01:00:00:00:00:07", "path=p,mac=0:0:0:0:0:0", "path=p,mac=zz"}) {
                assertThrows(IllegalArgumentException.class, () -> ports.attach("net_virtio_user0," + wrong), wrong);
            }
            // one that nobody listens at any more, in a folder of devices
            Path left = Files.createTempDirectory(Path.of("/dev/shm"), "penstock-test").resolve("s");
            try {
                try (ServerSocketChannel server = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
                    server.bind(UnixDomainSocketAddress.of(left));
                }
                ports.attach("net_virtio_user0,path=" + left).close();
            } finally {
                Files.delete(left);
                Files.delete(left.getParent());
            }
        }
    }

    /** To connect waited for ever where a back end takes nobody up any more, and so did who closed the port. */
    @Test
    void shouldBeginAndEndBesideABackEndThatHangs() {
        String path = folder.resolve("hung").toString();
        try (Socket hung = Socket.open(Socket.AF_UNIX, Socket.SOCK_STREAM, 0); Socket one = Socket.open(Socket.AF_UNIX, Socket.SOCK_STREAM, 0)) {
            hung.bind(Sockaddr.unix(path));
            hung.listen(0);
            one.connect(Sockaddr.unix(path));
            assertTimeoutPreemptively(Duration.ofSeconds(30), () -> {
                Connector client = new Connector(path, false, log, Socket::close, () -> { });
                client.start();
                client.close();
            });
            assertEquals(path + " is in use by another process; end it or give another path",
                    assertThrows(IllegalArgumentException.class, () -> new Connector(path, true, log, Socket::close, () -> { })).getMessage());
            assertTrue(Files.exists(Path.of(path)), "the socket of a living process is left there");
        }
    }
}
