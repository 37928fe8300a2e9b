package dev.penstock.drivers.pdump;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.penstock.drivers.MemoryPorts;
import dev.penstock.drivers.pcap.PcapException;
import dev.penstock.drivers.pcap.PcapReader;
import dev.penstock.drivers.pcap.PcapngWriter;
import dev.penstock.ethdev.Port;
import dev.penstock.ethdev.PortConfig;
import dev.penstock.mbuf.Mbuf;
import dev.penstock.mbuf.MbufPool;
import dev.penstock.testkit.Frames;
import dev.penstock.testkit.Seed;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.lang.foreign.ValueLayout;
import java.net.SocketException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedByInterruptException;
import java.nio.channels.FileChannel;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.channels.WritableByteChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PdumpTest extends MemoryPorts {
    private static final int BURST = 32;

    @TempDir
    private Path folder;

    private final Port ring = started("net_ring0");
    private final Mbuf[] burst = new Mbuf[BURST];

    PdumpTest() {
        super(4095);
    }

    @AfterEach
    void giveBack() {
        ports.close();
        assertEquals("{\"/mempool/list\":[\"pool\"]}", eal.telemetry().answer("/mempool/list"));
    }

    private String ask(String request) {
        return eal.telemetry().answer(request);
    }

    private String awaitAnswer(String request, String wanted) throws InterruptedException {
        String answer = ask(request);
        while (!answer.equals(wanted)) {
            Thread.sleep(1);
            answer = ask(request);
        }
        return answer;
    }

    private static byte[] frame(int protocol, int bytes) {
        byte[] data = new byte[bytes];
        for (int i = 0; i < bytes; i++) {
            data[i] = (byte) i;
        }
        return Frames.ethernet(2, 1, 0x0800, Frames.ipv4(0xc6120001, 0xc6120002, protocol, 0, new byte[0], data));
    }

    /** Sends a frame and receives it again. */
    private void pass(Port port, byte[] frame) {
        burst[0] = pool.alloc();
        burst[0].append(frame.length);
        burst[0].write(0, frame, 0, frame.length);
        assertEquals(1, port.txBurst(0, burst, 0, 1));
        assertEquals(1, port.rxBurst(0, burst, BURST));
        burst[0].free();
    }

    @Test
    void shouldWriteWhatPassesBothWays() throws Exception {
        Path file = folder.resolve("both");
        assertEquals("{\"/pdump/start\":{\"id\":1,\"ports\":{\"net_ring0\":{\"captured\":0,\"dropped\":0}}}}",
                ask("/pdump/start,to=" + file + ",snaplen=100,filter=ip proto 17").replaceAll("\\{\"(dropped)\":0,\"(captured)\":0}",
                        "{\"$2\":0,\"$1\":0}"));
        byte[] shorter = frame(17, 30);
        byte[] longer = frame(17, 300);
        pass(ring, shorter);
        pass(ring, frame(6, 40));
        pass(ring, longer);
        String stopped = ask("/pdump/stop,1");
        assertTrue(stopped.contains("\"captured\":4") && stopped.contains("\"dropped\":0"), stopped);
        pass(ring, shorter);
        List<byte[]> expected = List.of(shorter, shorter, longer, longer);
        try (PcapReader reader = PcapReader.open(file)) {
            for (byte[] packet : expected) {
                assertTrue(reader.next());
                assertEquals(packet.length, reader.originalLength());
                assertEquals(Math.min(100, packet.length), reader.capturedLength());
                byte[] head = reader.data().asSlice(reader.dataOffset(), reader.capturedLength()).toArray(ValueLayout.JAVA_BYTE);
                assertArrayEquals(Arrays.copyOf(packet, head.length), head);
            }
            assertTrue(!reader.next(), "nothing after the end");
        }
        assertEquals("{\"/pdump/list\":[]}", ask("/pdump/list"));
    }

    @Test
    void shouldCaptureChainsAndOneDirection() throws Exception {
        Path file = folder.resolve("rx");
        ask("/pdump/start,to=" + file + ",dir=rx,port=0");
        Mbuf head = pool.alloc();
        Mbuf tail = pool.alloc();
        head.append(20);
        tail.append(5000 > tail.tailroom() ? tail.tailroom() : 5000);
        int length = head.dataLen() + tail.dataLen();
        assertTrue(head.chain(tail));
        burst[0] = head;
        assertEquals(1, ring.txBurst(0, burst, 0, 1));
        assertEquals(1, ring.rxBurst(0, burst, BURST));
        burst[0].free();
        ask("/pdump/stop,1");
        try (PcapReader reader = PcapReader.open(file)) {
            assertTrue(reader.next());
            assertEquals(length, reader.capturedLength());
            assertTrue(!reader.next());
        }
    }

    @Test
    void shouldCountWhatAReaderIsTooSlowFor() throws Exception {
        Path path = folder.resolve("socket");
        try (ServerSocketChannel listener = listen(path)) {
            ask("/pdump/start,to=" + path);
            try (SocketChannel reader = listener.accept()) {
                byte[] frame = frame(17, 1000);
                int sent = 0;
                while (!ask("/pdump/list").matches(".*\"dropped\":[1-9].*")) {
                    pass(ring, frame);
                    sent++;
                }
                // does not read for a second, so the stream is cut
                String stopped = ask("/pdump/stop,1");
                assertTrue(stopped.contains("\"failure\":\"its reader does not read\""), stopped);
                long seen = number(stopped, "captured") + number(stopped, "dropped");
                assertEquals(2 * sent, seen, "each is captured or counted");
                assertEquals(number(stopped, "captured"), packets(all(reader)), "those that are captured are in the stream");
            }
        }
    }

    private static long number(String json, String key) {
        return Long.parseLong(json.replaceAll(".*\"" + key + "\":(\\d+).*", "$1"));
    }

    private static byte[] all(SocketChannel from) throws IOException {
        ByteArrayOutputStream all = new ByteArrayOutputStream();
        ByteBuffer part = ByteBuffer.allocate(1 << 16);
        while (from.read(part) >= 0) {
            all.write(part.array(), 0, part.position());
            part.clear();
        }
        return all.toByteArray();
    }

    /** How many whole packets there are in what may end within one. */
    private static long packets(byte[] capture) throws IOException {
        long packets = 0;
        try (PcapReader reader = PcapReader.of(capture)) {
            while (reader.next()) {
                packets++;
            }
        } catch (PcapException e) {
            assertTrue(e.getMessage().contains("the file ends within"), e.getMessage());
        }
        return packets;
    }

    private static ServerSocketChannel listen(Path path) throws IOException {
        ServerSocketChannel listener = ServerSocketChannel.open(StandardProtocolFamily.UNIX);
        listener.bind(UnixDomainSocketAddress.of(path));
        return listener;
    }

    @Test
    void shouldEndByItselfWhenTheReaderIsGone() throws Exception {
        Path path = folder.resolve("socket");
        try (ServerSocketChannel listener = listen(path)) {
            ask("/pdump/start,to=" + path);
            listener.accept().close();
            awaitAnswer("/pdump/list", "{\"/pdump/list\":[]}");
            awaitAnswer("/mempool/list", "{\"/mempool/list\":[\"pool\"]}");
        }
        pass(ring, frame(17, 10));
    }

    @Test
    void shouldEndWithThePorts() throws Exception {
        Path path = folder.resolve("socket");
        try (ServerSocketChannel listener = listen(path)) {
            ask("/pdump/start,to=" + path);
            try (SocketChannel reader = listener.accept()) {
                pass(ring, frame(17, 10));
                ports.close();
                ByteBuffer all = ByteBuffer.allocate(10_000);
                while (reader.read(all) >= 0) {
                    // to the end
                }
                assertTrue(all.position() > 2 * 44, "both packets: " + all);
                assertEquals("{\"/pdump/list\":null}", ask("/pdump/list"));
            }
        }
    }

    @Test
    void shouldGoOnWhenAPortGoes() throws Exception {
        Port other = started("net_ring1");
        Path file = folder.resolve("gone");
        ask("/pdump/start,to=" + file);
        pass(other, frame(17, 10));
        other.close();
        pass(ring, frame(17, 10));
        String stopped = ask("/pdump/stop,1");
        assertTrue(stopped.contains("\"net_ring1\":{") && !stopped.contains("error"), stopped);
        try (PcapReader reader = PcapReader.open(file)) {
            for (int i = 0; i < 4; i++) {
                assertTrue(reader.next());
            }
        }
    }

    @Test
    void shouldEndAtAPortThatIsConfiguredAnew() {
        Path file = folder.resolve("anew");
        ask("/pdump/start,to=" + file);
        pass(ring, frame(17, 10));
        ring.stop();
        ring.configure(PortConfig.of(1, 1));
        String stopped = assertTimeoutPreemptively(Duration.ofMinutes(1), () -> ask("/pdump/stop,1"));
        assertTrue(stopped.contains("\"captured\":2"), stopped);
    }

    @Test
    void shouldTakeItsTapsBackWhenItCanNotBegin() throws Exception {
        Path file = folder.resolve("half");
        MbufPool copies = MbufPool.with(eal, "copies", 63).cacheSize(0).create();
        List<Port> two = new ArrayList<>(List.of(ring, ring)) {
            @Override
            public Port get(int index) {
                if (index == 1) {
                    throw new IllegalStateException("the port has gone meanwhile");
                }
                return super.get(index);
            }
        };
        try (PcapngWriter writer = PcapngWriter.to(FileChannel.open(file, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE), 100)) {
            assertThrows(IllegalStateException.class,
                    () -> new Capture(two, true, true, (head, there, length) -> true, 100, writer, false, copies, c -> { }));
        }
        pass(ring, frame(17, 10));
        assertEquals(0, copies.inUseCount(), "nobody copies any more");
        copies.close();
    }

    /** As a slow disk does, or a processor that others use: a file has no reader who could be to blame. */
    @Test
    void shouldWriteAFileToItsEndHoweverLongItTakes() throws Exception {
        MbufPool copies = MbufPool.with(eal, "copies", 63).cacheSize(0).create();
        ByteBuffer file = ByteBuffer.allocate(10_000);
        WritableByteChannel slow = new WritableByteChannel() {
            @Override
            public int write(ByteBuffer from) throws IOException {
                try {
                    Thread.sleep(file.position() == 0 ? 0 : 1500);
                } catch (InterruptedException e) {
                    throw new ClosedByInterruptException();
                }
                int n = from.remaining();
                file.put(from);
                return n;
            }

            @Override
            public boolean isOpen() {
                return true;
            }

            @Override
            public void close() {}
        };
        Capture capture = new Capture(List.of(ring), true, true, (head, there, length) -> true, 100, PcapngWriter.to(slow, 100), false, copies,
                c -> { });
        pass(ring, frame(17, 10));
        capture.close();
        assertNull(capture.failure());
        try (PcapReader reader = PcapReader.of(Arrays.copyOf(file.array(), file.position()))) {
            assertTrue(reader.next() && reader.next() && !reader.next());
        }
    }

    /** As a full disk, or one who stops a reader's stream, at any byte: a packet that did not get there is no captured one. */
    @Test
    void shouldCountAsCapturedWhatIsInTheFileWhereverThatEnds() throws Exception {
        SplittableRandom random = Seed.random("pdump-cut");
        for (int round = 0; round < 20; round++) {
            MbufPool copies = MbufPool.with(eal, "copies", 63).cacheSize(0).create();
            int header = 200;
            CutChannel cut = new CutChannel(header + random.nextInt(6000));
            Capture capture = new Capture(List.of(ring), true, true, (head, there, length) -> true, 200, PcapngWriter.to(cut, 200), false,
                    copies, c -> { });
            int sent = 1 + random.nextInt(40);
            for (int i = 0; i < sent; i++) {
                pass(ring, frame(17, random.nextInt(300)));
            }
            capture.close();
            assertEquals(packets(cut.taken.toByteArray()), capture.copied(0), "captured, of " + sent + " up to " + cut.room);
            assertEquals(2 * sent, capture.copied(0) + capture.lost(0), "captured or counted");
            assertEquals(cut.refused ? "java.io.IOException: No space left on device" : null, capture.failure());
        }
    }

    /** Takes some bytes, in pieces, and no more. */
    private static final class CutChannel implements WritableByteChannel {
        private final ByteArrayOutputStream taken = new ByteArrayOutputStream();
        private final int room;
        private boolean refused;

        private CutChannel(int room) {
            this.room = room;
        }

        @Override
        public int write(ByteBuffer from) throws IOException {
            int n = Math.min(Math.min(from.remaining(), room - taken.size()), 500);
            if (n == 0) {
                refused = true;
                throw new IOException("No space left on device");
            }
            for (int i = 0; i < n; i++) {
                taken.write(from.get());
            }
            return n;
        }

        @Override
        public boolean isOpen() {
            return true;
        }

        @Override
        public void close() {}
    }

    @Test
    void shouldNotWaitForAListenerThatTakesNobodyUp() throws Exception {
        Path path = folder.resolve("deaf");
        List<SocketChannel> waiting = new ArrayList<>();
        try (ServerSocketChannel listener = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
            listener.bind(UnixDomainSocketAddress.of(path), 1);
            assertThrows(SocketException.class, () -> {
                while (true) {
                    SocketChannel client = SocketChannel.open(StandardProtocolFamily.UNIX);
                    waiting.add(client);
                    client.configureBlocking(false);
                    client.connect(UnixDomainSocketAddress.of(path));
                }
            });
            String answer = assertTimeoutPreemptively(Duration.ofMinutes(1), () -> ask("/pdump/start,to=" + path));
            assertTrue(answer.contains("\"error\":\"can't write to " + path), answer);
        } finally {
            for (SocketChannel client : waiting) {
                client.close();
            }
        }
    }

    @Test
    void shouldSayWhatIsWrong() throws IOException {
        Path there = Files.createFile(folder.resolve("there"));
        for (String[] wrong : new String[][] {{"", "'' is not understood; give to=PATH"}, {"to=", "to=PATH is missing"},
            {"to=" + there, "it is there already"}, {"to=" + folder.resolve("no/file"), "can't write to"},
            {"to=" + folder.resolve("x") + ",port=foo", "no port foo that is set up; there are net_ring0"},
            {"to=" + folder.resolve("x") + ",dir=up", "give rx, tx or both"},
            {"to=" + folder.resolve("x") + ",snaplen=0", "snaplen=0 is not from 1 to 262144"},
            {"to=" + folder.resolve("x") + ",filter=tcp prt", "at word 2"}, {"to=x,color=red", "'color=red' is not understood"}}) {
            String answer = ask("/pdump/start," + wrong[0]);
            assertTrue(answer.contains("\"error\":") && answer.contains(wrong[1]), answer);
        }
        assertTrue(ask("/pdump/stop,7").contains("no capture 7 runs"));
        assertTrue(ask("/pdump/stop").contains("give the number of a capture"));
        assertEquals("{\"/pdump/list\":[]}", ask("/pdump/list"));
        assertTrue(Files.notExists(folder.resolve("x")));
    }

    /** Captures come and go at a port under full load; nothing is lost, nothing leaks. */
    @Test
    void shouldComeAndGoUnderLoad() throws Exception {
        AtomicBoolean done = new AtomicBoolean();
        long[] passed = new long[1];
        Thread forwarder = Thread.ofPlatform().start(() -> {
            byte[] frame = frame(17, 20);
            while (!done.get()) {
                pass(ring, frame);
                passed[0]++;
            }
        });
        List<Path> files = new ArrayList<>();
        long captured = 0;
        for (int i = 1; i <= 30; i++) {
            Path file = folder.resolve("f" + i);
            files.add(file);
            ask("/pdump/start,to=" + file);
            String list = ask("/pdump/list");
            while (list.contains("\"captured\":0")) {
                Thread.onSpinWait();
                list = ask("/pdump/list");
            }
            String stopped = ask("/pdump/stop," + i);
            assertFalse(stopped.contains("failure"), stopped);
            captured += number(stopped, "captured");
        }
        done.set(true);
        forwarder.join();
        long read = 0;
        for (Path file : files) {
            try (PcapReader reader = PcapReader.open(file)) {
                while (reader.next()) {
                    read++;
                }
            }
        }
        assertEquals(captured, read);
        assertEquals(passed[0], ring.stats().rxPackets());
    }
}
