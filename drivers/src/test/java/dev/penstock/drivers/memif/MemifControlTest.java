package dev.penstock.drivers.memif;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

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
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;

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
