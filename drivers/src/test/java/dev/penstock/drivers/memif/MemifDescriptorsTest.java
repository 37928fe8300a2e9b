package dev.penstock.drivers.memif;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.penstock.drivers.kernel.Rig;
import dev.penstock.ethdev.Port;
import dev.penstock.ethdev.PortStats;
import dev.penstock.linux.EventFd;
import dev.penstock.linux.Fd;
import dev.penstock.linux.Mapping;
import dev.penstock.linux.Memfd;
import dev.penstock.linux.Sockaddr;
import dev.penstock.linux.Socket;
import dev.penstock.mbuf.Mbuf;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;

/** What a server does with each descriptor that a client may write. */
@EnabledOnOs(OS.LINUX)
class MemifDescriptorsTest {
    private static final int LOG2 = 5;
    private static final int SIZE = 1 << LOG2;
    private static final int RING = (int) MemifRing.bytes(LOG2);
    private static final int NEXT = MemifRing.NEXT;
    /** Of the region of the rings, and of the other. */
    private static final int[] BYTES = {200_000, 4096};

    private final MemifPair pair = new MemifPair();
    private final EventFd wake = new EventFd();
    private final Fd[] files = new Fd[2];
    private final Mapping[] regions = new Mapping[2];
    private final Socket peer = Socket.open(Socket.AF_UNIX, Socket.SOCK_SEQPACKET, 0);
    private Port port;
    private MemifRing in;
    private MemifRing out;

    @BeforeEach
    void connect() {
        for (int i = 0; i < 2; i++) {
            files[i] = Memfd.create("offered", BYTES[i]);
            regions[i] = Mapping.shared(files[i], 0, BYTES[i]);
            for (int at = 0; at < BYTES[i]; at++) {
                regions[i].segment().set(ValueLayout.JAVA_BYTE, at, (byte) (at * 31 >>> 3));
            }
        }
        in = new MemifRing(regions[0].segment().asSlice(0, RING), LOG2);
        out = new MemifRing(regions[0].segment().asSlice(RING, RING), LOG2);
        in.initialise();
        out.initialise();
        port = pair.open("net_memif0", 1, "role=server");
        peer.timeoutMs(10_000);
        peer.connect(Sockaddr.unix("@" + pair.socket));
        try (MemifMessage message = new MemifMessage()) {
            assertTrue(message.receive(peer));
            say(message.begin(MemifMessage.INIT).u16(MemifMessage.INIT_VERSION, MemifMessage.VERSION), null);
            for (int i = 0; i < 2; i++) {
                say(message.begin(MemifMessage.ADD_REGION).u16(MemifMessage.REGION_INDEX, i).u64(MemifMessage.REGION_SIZE, BYTES[i]), files[i]);
            }
            for (int i = 0; i < 2; i++) {
                say(message.begin(MemifMessage.ADD_RING).u16(MemifMessage.RING_FLAGS, 1 - i).u32(MemifMessage.RING_OFFSET, i * RING)
                        .u8(MemifMessage.RING_LOG2, LOG2), wake.fd());
            }
            say(message.begin(MemifMessage.CONNECT), null);
        }
        assertTrue(port.link().up());
    }

    private void say(MemifMessage message, Fd fd) {
        message.send(peer, fd);
        assertTrue(message.receive(peer));
        assertTrue(message.type() != MemifMessage.DISCONNECT);
    }

    @AfterEach
    void close() {
        peer.close();
        pair.close();
        wake.close();
        for (int i = 0; i < 2; i++) {
            regions[i].close();
            files[i].close();
        }
    }

    /** Flags, region, length and offset of one descriptor. */
    private static int[] at(int flags, int region, int length, int offset) {
        return new int[] {flags, region, length, offset};
    }

    private static void write(MemifRing ring, int[]... descriptors) {
        int head = ring.head();
        for (int[] d : descriptors) {
            ring.first(head, d[0] | (long) d[1] << 16 | (long) d[2] << 32);
            ring.offset(head++, d[3]);
        }
        ring.head(head);
    }

    private byte[] bytes(int[]... descriptors) {
        byte[] all = {};
        for (int[] d : descriptors) {
            byte[] some = regions[d[1]].segment().asSlice(d[3], d[2]).toArray(ValueLayout.JAVA_BYTE);
            all = Arrays.copyOf(all, all.length + some.length);
            System.arraycopy(some, 0, all, all.length - some.length, some.length);
        }
        return all;
    }

    private void assertTaken(int[]... descriptors) {
        PortStats before = port.stats();
        write(in, descriptors);
        List<byte[]> got = new ArrayList<>();
        pair.drain(port, 0, got);
        byte[] sent = bytes(descriptors);
        assertEquals(1, got.size(), () -> Arrays.deepToString(descriptors));
        assertArrayEquals(sent, got.getFirst());
        assertEquals(sent.length, port.stats().rxBytes() - before.rxBytes());
        assertEquals(before.rxErrors(), port.stats().rxErrors());
        assertEquals(in.head(), in.tail(), "what was read is given back");
    }

    private void assertLost(int bad, int[]... descriptors) {
        PortStats before = port.stats();
        long badBefore = Rig.xstat(port, "rx_bad_descriptor");
        write(in, descriptors);
        assertEquals(0, pair.drain(port, 0, new ArrayList<>()), () -> Arrays.deepToString(descriptors));
        assertEquals(before.rxErrors() + 1, port.stats().rxErrors(), () -> Arrays.deepToString(descriptors));
        assertEquals(bad, Rig.xstat(port, "rx_bad_descriptor") - badBefore, () -> Arrays.deepToString(descriptors));
        assertEquals(before.rxPackets(), port.stats().rxPackets());
        assertEquals(in.head(), in.tail(), "what was lost is given back");
    }

    @Test
    void shouldTakeWhatLiesInARegionAndCountTheRest() {
        int begin = 2 * RING;
        assertTaken(at(0, 1, 100, BYTES[1] - 100));
        assertTaken(at(0, 1, BYTES[1], 0));
        // more than the room of a packet, and less than that with what is before it
        assertTaken(at(0, 0, 2100, begin));
        assertTaken(at(0, 0, 65_535, begin));
        assertTaken(at(NEXT, 1, 60, 7), at(NEXT, 0, 3000, begin), at(0, 1, 1, BYTES[1] - 1));
        assertLost(1, at(0, 1, 100, BYTES[1] - 99));
        assertLost(1, at(0, 1, BYTES[1], 1));
        assertLost(1, at(0, 1, 1, -1));
        assertLost(1, at(0, 2, 60, 0));
        assertLost(1, at(0, 0xffff, 60, 0));
        assertLost(1, at(0, 0, -1, begin));
        assertLost(0, at(0, 0, 0, begin));
        assertLost(0, at(0, 0, 65_536, begin));
        assertLost(1, at(NEXT, 0, 40_000, begin), at(0, 0, 40_000, begin));
        assertLost(1, at(NEXT, 0, 60, begin), at(0, 2, 60, begin));
        assertLost(0, at(NEXT, 0, 60, begin), at(0, 0, 0, begin));
        assertLost(1, at(NEXT, 0, 60, begin));
        assertTaken(at(0, 0, 60, begin));
    }

    @Test
    void shouldLookForTheEndOfAPacketThatCameSince() {
        Mbuf[] two = new Mbuf[2];
        write(in, at(0, 1, 60, 0), at(0, 1, 60, 0), at(NEXT, 1, 60, 0));
        assertEquals(2, port.rxBurst(0, two, 2));
        Mbuf.freeBulk(two, 0, 2);
        write(in, at(0, 1, 70, 100));
        assertEquals(1, port.rxBurst(0, two, 1));
        assertEquals(130, two[0].pktLen());
        two[0].free();
    }

    @Test
    void shouldTakeNoMoreThanARingHolds() {
        int[][] all = new int[SIZE][];
        Arrays.fill(all, at(0, 1, 60, 0));
        write(in, all);
        assertEquals(SIZE, pair.drain(port, 0, new ArrayList<>()), "a whole ring");
        in.head(in.tail() + SIZE + 1);
        assertEquals(0, pair.drain(port, 0, new ArrayList<>()));
        assertEquals(1, Rig.xstat(port, "rx_bad_index"));
        in.head(in.tail());
        assertTaken(at(0, 1, 60, 0));
    }

    @Test
    void shouldCountEachPacketForWhichThereIsNoMbuf() {
        List<Mbuf> kept = new ArrayList<>();
        for (Mbuf m = pair.pool.alloc(); m != null; m = pair.pool.alloc()) {
            kept.add(m);
        }
        write(in, at(0, 1, 60, 0));
        assertEquals(0, pair.drain(port, 0, new ArrayList<>()));
        assertEquals(1, port.stats().rxNoMbuf());
        assertEquals(in.head(), in.tail() + 1, "it waits");
        kept.removeLast().free();
        assertEquals(1, pair.drain(port, 0, new ArrayList<>()));
        write(in, at(0, 1, 2100, 0));
        assertEquals(0, pair.drain(port, 0, new ArrayList<>()));
        assertEquals(2, port.stats().rxNoMbuf(), "it needs two");
        kept.forEach(Mbuf::free);
    }

    private int send(int bytes, int segments) {
        byte[] frame = new byte[bytes];
        for (int i = 0; i < bytes; i++) {
            frame[i] = (byte) (i * 7);
        }
        Mbuf m = pair.packet(frame, segments);
        int sent = port.txBurst(0, new Mbuf[] {m}, 0, 1);
        if (sent == 0) {
            m.free();
        }
        return sent;
    }

    /** Where a packet lies now that was sent into these buffers. */
    private void assertSent(int bytes, int segments, int[][] buffers, int... lengths) {
        PortStats before = port.stats();
        int from = out.tail();
        write(out, buffers);
        assertEquals(1, send(bytes, segments));
        assertEquals(from + lengths.length, out.tail());
        int done = 0;
        for (int i = 0; i < lengths.length; i++) {
            assertEquals((i < lengths.length - 1 ? NEXT : 0) | buffers[i][1] << 16, out.flagsAndRegion(from + i));
            assertEquals(lengths[i], out.length(from + i));
            for (int k = 0; k < lengths[i]; k++) {
                assertEquals((byte) (done++ * 7), regions[buffers[i][1]].segment().get(ValueLayout.JAVA_BYTE, buffers[i][3] + k));
            }
        }
        assertEquals(bytes, done);
        assertEquals(bytes, port.stats().txBytes() - before.txBytes());
        assertEquals(before.txPackets() + 1, port.stats().txPackets());
        assertEquals(before.txErrors(), port.stats().txErrors());
    }

    @Test
    void shouldSendIntoTheBuffersThatAreThere() {
        int begin = 2 * RING;
        assertSent(100, 1, new int[][] {at(0, 1, 100, BYTES[1] - 100)}, 100);
        assertSent(100, 3, new int[][] {at(0, 1, 100, BYTES[1] - 100)}, 100);
        assertSent(100, 1, new int[][] {at(NEXT, 0, 2048, begin)}, 100);
        assertSent(150, 1, new int[][] {at(0, 1, 60, 0), at(0, 0, 70, begin), at(0, 1, 200, 100)}, 60, 70, 20);
        assertSent(150, 4, new int[][] {at(0, 1, 60, 0), at(0, 0, 90, begin)}, 60, 90);
    }

    @Test
    void shouldCountABufferThatIsNone() {
        int lost = 0;
        for (int segments = 1; segments <= 2; segments++) {
            for (int[] bad : new int[][] {at(0, 1, 100, BYTES[1] - 99), at(0, 2, 100, 0), at(0, 0, 0, 2 * RING), at(0, 1, 100, -1)}) {
                write(out, bad);
                assertEquals(1, send(100, segments), "it is lost");
                lost++;
                assertEquals(lost, Rig.xstat(port, "tx_bad_buffer"), Arrays.toString(bad));
                assertEquals(lost, port.stats().txErrors());
                assertEquals(0, port.stats().txPackets());
                assertEquals(0, port.stats().txBytes());
                assertEquals(0, out.tail());
                out.head(0);
            }
        }
        assertSent(60, 1, new int[][] {at(0, 0, 60, 2 * RING)}, 60);
    }

    @Test
    void shouldSendNothingIntoARingOfNonsenseAndWakeWhoWantsIt() {
        out.head(SIZE + 1);
        assertEquals(0, send(60, 1));
        assertEquals(1, Rig.xstat(port, "tx_bad_index"));
        out.head(0);
        wake.take();
        assertSent(60, 1, new int[][] {at(0, 0, 60, 2 * RING)}, 60);
        assertEquals(1, wake.take());
        out.polled(true);
        assertSent(60, 1, new int[][] {at(0, 0, 60, 2 * RING)}, 60);
        assertEquals(0, wake.take());
    }
}
