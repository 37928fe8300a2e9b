package dev.penstock.drivers.memif;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.penstock.drivers.kernel.Rig;
import dev.penstock.ethdev.Port;
import dev.penstock.ethdev.PortConfig;
import dev.penstock.ethdev.RxQueueConfig;
import dev.penstock.ethdev.TxQueueConfig;
import dev.penstock.linux.EventFd;
import dev.penstock.linux.Fd;
import dev.penstock.linux.Memfd;
import dev.penstock.linux.Sockaddr;
import dev.penstock.linux.Socket;
import dev.penstock.testkit.Descriptors;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

/** What a port holds after it was refused something, or refused it to others. */
@EnabledOnOs(OS.LINUX)
class MemifControlTest {
    private static final int TIMES = 50;

    private static long open(String kind) {
        return Descriptors.links().stream().filter(link -> link.startsWith(kind)).count();
    }

    @Test
    void shouldConfigureAgainWhatHasNotAllItsQueues() {
        try (MemifPair pair = new MemifPair()) {
            Port port = pair.ports.attach("net_memif0,role=server,socket=" + pair.socket);
            port.configure(PortConfig.of(2, 2));
            port.setupRxQueue(1, RxQueueConfig.of(pair.pool));
            port.configure(PortConfig.of(1, 1));
            port.setupRxQueue(0, RxQueueConfig.of(pair.pool));
            port.setupTxQueue(0, TxQueueConfig.DEFAULT);
            port.start();
            Port client = pair.open("net_memif1", 1, "role=client");
            MemifPair.waitFor("both are up", () -> port.link().up() && client.link().up());
        }
    }

    @Test
    void shouldHoldNothingOfASocketThatAnotherHas() {
        try (MemifPair pair = new MemifPair(); Socket other = Socket.open(Socket.AF_UNIX, Socket.SOCK_SEQPACKET, 0)) {
            other.bind(Sockaddr.unix("@" + pair.socket));
            String attach = "net_memif0,role=server,socket=" + pair.socket;
            assertThrows(RuntimeException.class, () -> pair.ports.attach(attach));
            long events = open("anon_inode:[eventfd]");
            for (int i = 0; i < TIMES; i++) {
                assertThrows(RuntimeException.class, () -> pair.ports.attach(attach));
            }
            assertEquals(events, open("anon_inode:[eventfd]"));
        }
    }

    /** A port that had lost its socket's file to another process took that one's file with it. */
    @Test
    void shouldLeaveTheSocketThatAnotherHasBoundSince(@TempDir Path folder) throws IOException {
        Path path = folder.resolve("s");
        try (MemifPair pair = new MemifPair(); Socket other = Socket.open(Socket.AF_UNIX, Socket.SOCK_SEQPACKET, 0)) {
            Port port = pair.ports.attach("net_memif0,role=server,socket-abstract=no,socket=" + path);
            Files.delete(path);
            other.bind(Sockaddr.unix(path.toString()));
            port.close();
            assertTrue(Files.exists(path));
        }
    }

    /** A descriptor that comes with a message goes with it, whether it is taken, refused or not asked for. */
    @Test
    void shouldHoldNoDescriptorOfAClientThatIsRefused() {
        try (MemifPair pair = new MemifPair(); Fd file = Memfd.create("refused", 4096); EventFd wake = new EventFd();
                MemifMessage message = new MemifMessage()) {
            pair.open("net_memif0", 1, "role=server");
            for (int i = 0; i < 4; i++) {
                converse(pair, message, file, wake, i);
            }
            long files = open("/memfd:refused");
            long events = open("anon_inode:[eventfd]");
            for (int i = 0; i < TIMES; i++) {
                converse(pair, message, file, wake, i);
            }
            // the last of those before may not have been forgotten yet when they were counted
            MemifPair.waitFor("the last is forgotten", () -> open("/memfd:refused") <= files && open("anon_inode:[eventfd]") <= events);
        }
    }

    /** A client that said another thing each time filled the log. */
    @Test
    void shouldSayLittleOfAClientThatComesAgainAndAgain() {
        List<String> said = new CopyOnWriteArrayList<>();
        try (MemifPair pair = new MemifPair(said::add); Fd file = Memfd.create("refused", 4096); MemifMessage message = new MemifMessage()) {
            Port port = pair.open("net_memif0", 1, "role=server");
            for (int i = 1; i <= 4 * TIMES; i++) {
                try (Socket peer = Socket.open(Socket.AF_UNIX, Socket.SOCK_SEQPACKET, 0)) {
                    peer.timeoutMs(10_000);
                    peer.connect(Sockaddr.unix("@" + pair.socket));
                    message.receive(peer);
                    message.begin(MemifMessage.INIT).u16(MemifMessage.INIT_VERSION, MemifMessage.VERSION).send(peer, null);
                    message.receive(peer);
                    assertEquals(MemifMessage.ACK, message.type());
                    if (i % 2 == 0) {
                        message.begin(MemifMessage.ADD_REGION).u16(MemifMessage.REGION_INDEX, i).send(peer, file);
                        message.receive(peer);
                        assertEquals(MemifMessage.DISCONNECT, message.type());
                    } else {
                        message.begin(MemifMessage.DISCONNECT).text(MemifMessage.REASON, MemifMessage.REASON_BYTES, "reason " + i).send(peer, null);
                        assertFalse(message.receive(peer));
                    }
                }
            }
            assertEquals(2 * TIMES, Rig.xstat(port, "protocol_breaches"));
            long lines = said.stream().filter(line -> line.contains("net_memif0: ")).count();
            assertTrue(lines > 5 && lines < TIMES, () -> String.join("\n", said));
        }
    }

    private static void converse(MemifPair pair, MemifMessage message, Fd file, EventFd wake, int kind) {
        try (Socket peer = Socket.open(Socket.AF_UNIX, Socket.SOCK_SEQPACKET, 0)) {
            peer.timeoutMs(10_000);
            peer.connect(Sockaddr.unix("@" + pair.socket));
            message.receive(peer);
            assertEquals(MemifMessage.HELLO, message.type());
            message.begin(MemifMessage.INIT).u16(MemifMessage.INIT_VERSION, MemifMessage.VERSION).send(peer, file);
            message.receive(peer);
            assertEquals(MemifMessage.ACK, message.type());
            switch (kind & 3) {
                case 0 -> message.begin(MemifMessage.ADD_REGION).u64(MemifMessage.REGION_SIZE, 1L << 20).send(peer, file);
                case 1 -> message.begin(MemifMessage.ADD_RING).send(peer, file);
                case 2 -> message.begin(MemifMessage.ADD_RING).u16(MemifMessage.RING_INDEX, 1).send(peer, wake.fd());
                default -> message.begin(MemifMessage.ACK).send(peer, file);
            }
            message.receive(peer);
            assertEquals(MemifMessage.DISCONNECT, message.type());
        }
    }
}
