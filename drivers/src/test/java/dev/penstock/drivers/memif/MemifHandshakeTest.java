package dev.penstock.drivers.memif;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.penstock.drivers.kernel.Rig;
import dev.penstock.ethdev.Port;
import dev.penstock.linux.Epoll;
import dev.penstock.linux.EventFd;
import dev.penstock.linux.Fd;
import dev.penstock.linux.FdPassing;
import dev.penstock.linux.Mapping;
import dev.penstock.linux.Memfd;
import dev.penstock.linux.Sockaddr;
import dev.penstock.linux.Socket;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;

/** What each side says to a message that is not as it should be, word by word. */
@EnabledOnOs(OS.LINUX)
class MemifHandshakeTest {
    private static final int LOG2 = 4;
    private static final int RING = (int) MemifRing.bytes(LOG2);
    private static final int REGION = 4096;
    /** F_SEAL_SEAL: no seal can be added any more. */
    private static final int SEAL_SEAL = 1;

    private final MemifPair pair = new MemifPair();
    private final MemifMessage message = new MemifMessage();
    private final Fd file = Memfd.create("offered", REGION);
    private final Mapping offered = Mapping.shared(file, 0, REGION);
    private final EventFd wake = new EventFd();
    private Socket peer;

    @AfterEach
    void close() {
        if (peer != null) {
            peer.close();
        }
        pair.close();
        wake.close();
        offered.close();
        file.close();
        message.close();
    }

    private void connect() {
        if (peer != null) {
            peer.close();
        }
        peer = Socket.open(Socket.AF_UNIX, Socket.SOCK_SEQPACKET, 0);
        peer.timeoutMs(10_000);
        peer.connect(Sockaddr.unix("@" + pair.socket));
        assertTrue(message.receive(peer));
        assertEquals(MemifMessage.HELLO, message.type());
    }

    /** The reason of a goodbye, or the number of another answer. */
    private String answer() {
        assertTrue(message.receive(peer));
        return message.type() == MemifMessage.DISCONNECT ? message.text(MemifMessage.REASON, MemifMessage.REASON_BYTES) : "" + message.type();
    }

    private String send(MemifMessage ready, Fd fd) {
        ready.send(peer, fd);
        return answer();
    }

    private String init() {
        return send(start(), null);
    }

    private String init(Socket from, int id) {
        peer = from;
        return send(start().u32(MemifMessage.INIT_ID, id), null);
    }

    private MemifMessage start() {
        return message.begin(MemifMessage.INIT).u16(MemifMessage.INIT_VERSION, MemifMessage.VERSION);
    }

    private MemifMessage region(int index, long bytes) {
        return message.begin(MemifMessage.ADD_REGION).u16(MemifMessage.REGION_INDEX, index).u64(MemifMessage.REGION_SIZE, bytes);
    }

    private MemifMessage ring(int flags, int index, int region, int offset, int log2) {
        return message.begin(MemifMessage.ADD_RING).u16(MemifMessage.RING_FLAGS, flags).u16(MemifMessage.RING_INDEX, index)
                .u16(MemifMessage.RING_REGION, region).u32(MemifMessage.RING_OFFSET, offset).u8(MemifMessage.RING_LOG2, log2);
    }

    private void cookie(int at) {
        offered.segment().set(ValueLayout.JAVA_INT_UNALIGNED, at, MemifRing.COOKIE);
    }

    /** Goes on to where the region is taken. */
    private void begun() {
        connect();
        assertEquals("1", init());
        assertEquals("1", send(region(0, REGION), file));
    }

    @Test
    void shouldRefuseAnInitThatIsNotOne() {
        Port port = pair.open("net_memif0", 1, "role=server");
        connect();
        assertEquals("Incompatible memif version", send(start().u16(MemifMessage.INIT_VERSION, 0x201), null));
        connect();
        assertEquals("Only ethernet mode supported", send(start().u8(MemifMessage.INIT_MODE, 1), null));
        connect();
        assertEquals("ID not found", send(start().u32(MemifMessage.INIT_ID, 1), null));
        connect();
        assertEquals("Unexpected message", send(region(0, REGION), file));
        connect();
        assertEquals("1", init());
        assertEquals("Unexpected message", init());
        assertEquals(1, Rig.xstat(port, "protocol_breaches"), "those before had no port yet");
        connect();
        assertEquals("1", init());
        try (Arena arena = Arena.ofConfined()) {
            FdPassing.send(peer, arena.allocate(MemifMessage.BYTES - 1), List.of());
        }
        assertEquals("Invalid message size", answer());
    }

    @Test
    void shouldRefuseARegionThatIsNotOne() {
        Port port = pair.open("net_memif0", 1, "role=server");
        for (int index : new int[] {1, 0xffff}) {
            connect();
            init();
            assertEquals("Invalid region index", send(region(index, REGION), file));
        }
        for (long bytes : new long[] {0, -1, REGION + 1, Long.MIN_VALUE, 1L << 37}) {
            connect();
            init();
            assertEquals("Invalid region size", send(region(0, bytes), file));
        }
        try (Fd rigid = Memfd.create("rigid", REGION)) {
            Memfd.seal(rigid, SEAL_SEAL);
            connect();
            init();
            assertEquals("Invalid region size", send(region(0, REGION + 1), rigid), "one that can't be sealed");
        }
        connect();
        init();
        assertEquals("Missing region fd", send(region(0, REGION), null));
        connect();
        init();
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment bytes = arena.allocate(MemifMessage.BYTES, 8);
            bytes.set(ValueLayout.JAVA_SHORT, 0, (short) MemifMessage.ADD_REGION);
            bytes.set(ValueLayout.JAVA_LONG_UNALIGNED, MemifMessage.REGION_SIZE, REGION);
            FdPassing.send(peer, bytes, List.of(file, file));
        }
        assertEquals("Missing region fd", answer());
        connect();
        init();
        for (int i = 0; i < 256; i++) {
            assertEquals("1", send(region(i, REGION), file));
        }
        assertEquals("Invalid region index", send(region(256, REGION), file));
        assertEquals(11, Rig.xstat(port, "protocol_breaches"));
    }

    @Test
    void shouldRefuseARingThatIsNotOne() {
        pair.open("net_memif0", 1, "role=server");
        begun();
        assertEquals("Invalid ring index", send(ring(1, 1, 0, 0, LOG2), wake.fd()));
        begun();
        assertEquals("1", send(ring(1, 0, 0, 0, LOG2), wake.fd()));
        assertEquals("1", send(ring(0, 0, 0, RING, LOG2), wake.fd()), "one each way");
        assertEquals("Invalid ring index", send(ring(1, 0, 0, 0, LOG2), wake.fd()), "a second time");
        begun();
        assertEquals("Invalid interrupt fd", send(ring(1, 0, 0, 0, LOG2), file));
        begun();
        assertEquals("Missing interrupt fd", send(ring(1, 0, 0, 0, LOG2), null));
        int last = REGION - RING;
        int[][] bad = {{0, 0, 0}, {0, 0, 15}, {0, 0, 255}, {0, 2, LOG2}, {0, last + 4, LOG2}, {0, -4, LOG2}, {1, 0, LOG2}};
        for (int at = 0; at < REGION; at += 4) {
            cookie(at);
        }
        for (int[] b : bad) {
            begun();
            assertEquals("1", send(ring(1, 0, b[0], b[1], b[2]), wake.fd()));
            assertEquals("Invalid ring", send(message.begin(MemifMessage.CONNECT), null), b[1] + " in " + b[0] + ", 2^" + b[2]);
        }
        offered.segment().fill((byte) 0);
        begun();
        assertEquals("1", send(ring(1, 0, 0, 0, LOG2), wake.fd()));
        assertEquals("Wrong cookie", send(message.begin(MemifMessage.CONNECT), null));
    }

    @Test
    void shouldBeginWithEmptyRingsAtTheVeryEndOfARegion() {
        Port port = pair.open("net_memif0", 1, "role=server");
        int in = REGION - RING;
        int out = in - RING;
        offered.segment().fill((byte) 0x11);
        cookie(in);
        cookie(out);
        begun();
        assertEquals("1", send(ring(1, 0, 0, in, LOG2), wake.fd()));
        assertEquals("1", send(ring(0, 0, 0, out, LOG2), wake.fd()));
        assertEquals("" + MemifMessage.CONNECTED, send(message.begin(MemifMessage.CONNECT), null));
        assertTrue(port.link().up());
        MemifRing from = new MemifRing(offered.segment().asSlice(in, RING), LOG2);
        MemifRing to = new MemifRing(offered.segment().asSlice(out, RING), LOG2);
        assertEquals(0, from.head() | from.tail() | to.head() | to.tail());
        assertFalse(from.wantsInterrupt(), "it is polled");
        Socket first = peer;
        peer = null;
        connect();
        assertEquals("ID not found", init(), "the port has a peer");
        peer.close();
        peer = first;
        assertEquals("Unexpected message", send(message.begin(MemifMessage.CONNECT), null), "twice");
        MemifPair.waitFor("it let go", () -> !port.link().up());
    }

    /**
     * What had come from a client that another event ended was taken for the next client's, whose descriptor had its number, and all of the
     * socket waited for that one to say something.
     */
    @Test
    void shouldNotTakeANewClientForOneThatHasGone() {
        Port gone = pair.open("net_memif0", 1, "role=server");
        Port port = pair.open("net_memif1", 1, "role=server,id=1");
        try (Socket silent = Socket.open(Socket.AF_UNIX, Socket.SOCK_SEQPACKET, 0)) {
            connect();
            assertEquals("1", init(peer, 0));
            Socket first = peer;
            peer = null;
            connect();
            assertEquals("1", init(peer, 1));
            assertEquals("1", send(region(0, REGION), file));
            cookie(0);
            assertEquals("1", send(ring(1, 0, 0, 0, LOG2), wake.fd()));
            Socket second = peer;
            peer = null;
            port.addListener((p, _) -> {
                if (p.link().up()) {
                    // these three events come together, in this order
                    second.shutdown(1);
                    silent.connect(Sockaddr.unix("@" + pair.socket));
                    try (MemifMessage late = new MemifMessage()) {
                        late.begin(MemifMessage.ACK).send(first, null);
                    }
                } else {
                    gone.stop();
                }
            });
            message.begin(MemifMessage.CONNECT).send(second, null);
            MemifPair.waitFor("both have gone", () -> first.fd().poll(Epoll.EPOLLRDHUP, 0) != 0);
            connect();
            first.close();
            second.close();
        }
    }

    /** A server, as far as a test plays one. */
    private Socket serve() {
        Socket server = Socket.open(Socket.AF_UNIX, Socket.SOCK_SEQPACKET, 0);
        server.bind(Sockaddr.unix("@" + pair.socket));
        server.listen(4);
        server.timeoutMs(10_000);
        return server;
    }

    private void accept(Socket server) {
        if (peer != null) {
            peer.close();
        }
        peer = server.accept();
        peer.timeoutMs(10_000);
    }

    private MemifMessage hello(int log2) {
        return message.begin(MemifMessage.HELLO).u16(MemifMessage.HELLO_MIN_VERSION, MemifMessage.VERSION)
                .u16(MemifMessage.HELLO_MAX_VERSION, MemifMessage.VERSION).u16(MemifMessage.HELLO_MAX_REGION, 255)
                .u8(MemifMessage.HELLO_MAX_LOG2, log2);
    }

    private String acknowledge() {
        return send(message.begin(MemifMessage.ACK), null);
    }

    @Test
    void shouldOfferNoMoreThanTheServerTakesAndAnswerNothingOutOfTurn() {
        try (Socket server = serve()) {
            Port port = pair.open("net_memif0", 2, "role=client");
            accept(server);
            assertEquals("Unexpected message", acknowledge());
            accept(server);
            assertEquals("Incompatible memif version", send(hello(3).u16(MemifMessage.HELLO_MIN_VERSION, 0x201), null));
            accept(server);
            assertEquals("Incompatible memif version", send(hello(3).u16(MemifMessage.HELLO_MAX_VERSION, 0x1ff), null));
            accept(server);
            assertEquals("" + MemifMessage.INIT, send(hello(3), null));
            assertEquals("Unexpected message", send(hello(3), null));
            accept(server);
            assertEquals("" + MemifMessage.INIT, send(hello(3), null));
            assertEquals("Unexpected message", send(message.begin(MemifMessage.CONNECTED), null));
            accept(server);
            assertEquals("" + MemifMessage.INIT, send(hello(0), null));
            assertEquals("" + MemifMessage.ADD_REGION, acknowledge());
            for (int flags = 1; flags >= 0; flags--) {
                assertEquals("" + MemifMessage.ADD_RING, acknowledge());
                assertEquals(flags, message.u16(MemifMessage.RING_FLAGS), "one queue each way");
                assertEquals(0, message.u16(MemifMessage.RING_INDEX));
                assertEquals(1, message.u8(MemifMessage.RING_LOG2));
            }
            assertEquals("" + MemifMessage.CONNECT, acknowledge());
            assertFalse(port.link().up());
            message.begin(MemifMessage.CONNECTED).send(peer, null);
            MemifPair.waitFor("it is up", () -> port.link().up());
            assertEquals("Unexpected message", send(message.begin(MemifMessage.CONNECTED), null));
            accept(server);
            send(hello(1), null);
            for (int i = 0; i < 4; i++) {
                acknowledge();
            }
            assertEquals("Unexpected message", acknowledge());
            assertEquals(7, Rig.xstat(port, "protocol_breaches"));
        }
    }
}
