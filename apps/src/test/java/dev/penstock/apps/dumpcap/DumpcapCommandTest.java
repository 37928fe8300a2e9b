package dev.penstock.apps.dumpcap;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.penstock.drivers.pcap.PcapFormat;
import dev.penstock.drivers.pcap.PcapReader;
import dev.penstock.drivers.pcap.PcapngWriter;
import dev.penstock.eal.Eal;
import dev.penstock.ethdev.Port;
import dev.penstock.ethdev.PortConfig;
import dev.penstock.ethdev.Ports;
import dev.penstock.ethdev.RxQueueConfig;
import dev.penstock.ethdev.TxQueueConfig;
import dev.penstock.mbuf.Mbuf;
import dev.penstock.mbuf.MbufPool;
import dev.penstock.testkit.Descriptors;
import dev.penstock.testkit.RandomFrames;
import dev.penstock.testkit.Seed;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.Channels;
import java.nio.channels.WritableByteChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

class DumpcapCommandTest {
    private static final String PREFIX = "penstock-dumpcap-" + ProcessHandle.current().pid();
    /** A frame of UDP that says so to filters, no more. */
    private static final byte[] FRAME = new byte[100];

    static {
        FRAME[12] = 8;
        FRAME[14] = 0x45;
        FRAME[23] = 17;
    }

    @TempDir
    private Path folder;

    private Eal eal;
    private Ports ports;
    private MbufPool pool;
    private Thread traffic;
    private final AtomicBoolean done = new AtomicBoolean();
    private final StringWriter printed = new StringWriter();

    @BeforeEach
    void start() {
        eal = Eal.start(l -> { }, "--no-huge", "--file-prefix=" + PREFIX);
        ports = new Ports(eal);
        pool = MbufPool.create(eal, "pool", 255, 0, MbufPool.DEFAULT_DATA_ROOM, -1);
        Port port = ports.attach("net_ring0");
        port.configure(PortConfig.of(1, 1));
        port.setupRxQueue(0, RxQueueConfig.of(pool));
        port.setupTxQueue(0, TxQueueConfig.DEFAULT);
        port.start();
        assertTrue(eal.telemetry().socket() != null);
        traffic = Thread.ofPlatform().start(() -> {
            Mbuf[] burst = new Mbuf[1];
            while (!done.get()) {
                burst[0] = pool.alloc();
                burst[0].append(FRAME.length);
                burst[0].write(0, FRAME, 0, FRAME.length);
                port.txBurst(0, burst, 0, 1);
                port.rxBurst(0, burst, 1);
                burst[0].free();
            }
        });
    }

    @AfterEach
    void stop() throws InterruptedException {
        done.set(true);
        traffic.join();
        ports.close();
        eal.close();
    }

    private int run(String... arguments) {
        printed.getBuffer().setLength(0);
        PrintWriter to = new PrintWriter(printed);
        String[] all = new String[arguments.length + 1];
        all[0] = "--file-prefix=" + PREFIX;
        System.arraycopy(arguments, 0, all, 1, arguments.length);
        return new CommandLine(new DumpcapCommand()).setOut(to).setErr(to).setExecutionExceptionHandler((e, c, p) -> {
            to.println("penstock: " + e.getMessage());
            return 1;
        }).execute(all);
    }

    private static int packets(Path file, int captured) throws IOException {
        int n = 0;
        try (PcapReader reader = PcapReader.open(file)) {
            while (reader.next()) {
                assertEquals(FRAME.length, reader.originalLength());
                assertEquals(captured, reader.capturedLength());
                assertArrayEquals(Arrays.copyOf(FRAME, captured),
                        reader.data().asSlice(reader.dataOffset(), captured).toArray(ValueLayout.JAVA_BYTE));
                n++;
            }
        }
        return n;
    }

    @Test
    void shouldCaptureSoMany() throws IOException {
        Path file = folder.resolve("c");
        assertEquals(0, run("-w", file.toString(), "-i", "net_ring0", "-c", "500", "--", "udp"), printed::toString);
        assertEquals(500, packets(file, FRAME.length));
        String text = printed.toString();
        assertTrue(text.startsWith("Capturing on 'net_ring0'") && text.contains("File: " + file) && text.contains("Packets captured: 500")
                && text.matches("(?s).*Packets received/dropped on interface 'net_ring0': \\d+/\\d+ \\([0-9.]+\\)\\R"), text);
        assertEquals("{\"/pdump/list\":[]}", eal.telemetry().answer("/pdump/list"));
    }

    @Test
    void shouldWritePcapAndCutPackets() throws IOException {
        Path file = folder.resolve("p");
        assertEquals(0, run("-P", "-q", "-s", "60", "-w", file.toString(), "-a", "packets:7", "-f", "not tcp"), printed::toString);
        assertEquals(7, packets(file, 60));
        assertEquals(0xa1b23c4d, ByteBuffer.wrap(Files.readAllBytes(file)).order(ByteOrder.nativeOrder()).getInt());
        assertEquals("", printed.toString());
    }

    @Test
    void shouldTakeWhatScriptsForDpdkAndTcpdumpSay() throws IOException {
        Path file = folder.resolve("whole");
        // no limit, for both of them
        assertEquals(0, run("-q", "-s", "0", "--output-file", file.toString(), "-c", "3"), printed::toString);
        assertEquals(3, packets(file, FRAME.length));
        long plain = Files.size(file);
        assertEquals(0, run("-q", "--capture-comment", "für später", "-w", file.toString(), "-c", "3"), printed::toString);
        assertEquals(3, packets(file, FRAME.length));
        // in UTF-8 12 bytes, the option's code and length, and the end of options
        assertEquals(plain + 12 + 4 + 4, Files.size(file));
        ByteBuffer header = ByteBuffer.wrap(Files.readAllBytes(file)).order(ByteOrder.nativeOrder());
        assertEquals(List.of(48, 48), List.of(header.getInt(4), header.getInt(44)));
        assertEquals(List.of((short) 1, (short) 12), List.of(header.getShort(24), header.getShort(26)));
        assertEquals("für später", new String(header.array(), 28, 12, StandardCharsets.UTF_8));
        assertEquals(0, run("-P", "-q", "-s", "0", "--output-file=" + file, "-c", "3"), printed::toString);
        assertEquals(PcapngWriter.MAX_SNAPLEN, ByteBuffer.wrap(Files.readAllBytes(file)).order(ByteOrder.nativeOrder()).getInt(16));
        assertEquals(3, packets(file, FRAME.length));
    }

    @Test
    void shouldEndInTimeOrBySize() throws IOException {
        Path file = folder.resolve("d");
        assertEquals(0, run("-w", file.toString(), "-a", "duration:1", "tcp"), printed::toString);
        assertEquals(0, packets(file, 0));
        assertEquals(0, run("-w", file.toString(), "-a", "filesize:10", "-g"), printed::toString);
        assertTrue(Files.size(file) >= 10240 && Files.size(file) < 10240 + 1000, Files.size(file) + " bytes");
    }

    @Test
    void shouldEndWithTheProgram() throws Exception {
        Path file = folder.resolve("e");
        Thread end = Thread.ofPlatform().start(() -> {
            while (!eal.telemetry().answer("/pdump/list").matches(".*\"captured\":[1-9].*")) {
                Thread.onSpinWait();
            }
            done.set(true);
            ports.close();
        });
        assertEquals(0, run("-w", file.toString(), "--dir", "rx"), printed::toString);
        end.join();
        assertTrue(packets(file, FRAME.length) > 0);
    }

    /** So that a kill -9 leaves nothing in the folder for temporary files. */
    @Test
    void shouldHaveNoFileButItsOutputWhileItCaptures() throws Exception {
        Assumptions.assumeTrue(Files.isReadable(Path.of("/proc/net/unix")));
        Path file = folder.resolve("out.pcapng");
        Thread capture = Thread.ofPlatform().start(() -> run("-q", "-w", file.toString()));
        while (!Files.exists(file) || Files.size(file) == 0) {
            Thread.onSpinWait();
        }
        List<Path> sockets = ownSockets("/stream").toList();
        assertFalse(sockets.isEmpty());
        for (Path socket : sockets) {
            assertFalse(Files.exists(socket.getParent()), socket + " is left behind when this is killed");
        }
        done.set(true);
        traffic.join();
        ports.close();
        capture.join();
    }

    /** Where sockets of this process were bound. */
    private static Stream<Path> ownSockets(String part) throws IOException {
        Set<String> own = new HashSet<>(Descriptors.links());
        return Files.readAllLines(Path.of("/proc/net/unix")).stream().map(line -> line.strip().split("\\s+"))
                .filter(words -> words.length == 8 && words[7].contains(part) && own.contains("socket:[" + words[6] + "]"))
                .map(words -> Path.of(words[7]));
    }

    @Test
    void shouldListPortsAndSayWhatIsWrong() {
        assertEquals(0, run("-D"));
        assertEquals("0. net_ring0", printed.toString().strip());
        String file = folder.resolve("x").toString();
        for (String[] wrong : new String[][] {{"no program has ports foo", "-i", "foo", "-w", file}, {"at word 2", "-w", file, "tcp", "prt"},
            {"-a soon is not understood", "-a", "soon"}, {"given twice", "-f", "tcp", "udp"}, {"-c 0 is not", "-c", "0"},
            {"give rx, tx or both", "--dir", "up", "-w", file}, {"--capture-comment is too long", "--capture-comment", "x".repeat(65_536), "-w", file},
            {"snaplen=-1 is not from", "-s", "-1", "-w", file}}) {
            assertTrue(run(Arrays.copyOfRange(wrong, 1, wrong.length)) != 0);
            assertTrue(printed.toString().contains(wrong[0]), printed::toString);
        }
        assertEquals("{\"/pdump/list\":[]}", eal.telemetry().answer("/pdump/list"));
    }

    @Test
    void shouldPassOrRefuseAnyStream() throws IOException {
        SplittableRandom random = Seed.random("streams");
        RandomFrames noise = new RandomFrames(random, 2);
        int refused = 0;
        for (int i = 0; i < 300; i++) {
            ByteArrayOutputStream bytes = new ByteArrayOutputStream();
            for (int n = random.nextInt(20); n >= 0; n--) {
                byte[] body = noise.noise();
                ByteBuffer block = ByteBuffer.allocate(12 + (body.length & ~3)).order(ByteOrder.nativeOrder());
                int length = random.nextInt(4) == 0 ? random.nextInt() : block.capacity();
                int type = random.nextInt(9) == 8 ? PcapFormat.SECTION_HEADER : random.nextInt(8);
                block.putInt(type).putInt(length).put(body, 0, body.length & ~3).putInt(length);
                bytes.writeBytes(block.array());
            }
            try (CaptureStream stream = new CaptureStream(Channels.newChannel(new ByteArrayInputStream(bytes.toByteArray())),
                    Channels.newChannel(new ByteArrayOutputStream()), random.nextBoolean(), 2, 100, new byte[i % 7])) {
                while (stream.pass(true)) {
                    // on
                }
            } catch (IOException e) {
                refused++;
            }
        }
        assertTrue(refused > 0);
        assertThrows(IOException.class, () -> {
            try (CaptureStream stream = new CaptureStream(Channels.newChannel(new ByteArrayInputStream(new byte[9])),
                    Channels.newChannel(new ByteArrayOutputStream()), false, 0, 1, new byte[0])) {
                stream.pass(true);
            }
        });
    }

    @Test
    void shouldSayWhatHadNoRoom() throws IOException {
        WritableByteChannel full = new WritableByteChannel() {
            @Override
            public int write(ByteBuffer from) throws IOException {
                throw new IOException("No space left on device");
            }

            @Override
            public boolean isOpen() {
                return true;
            }

            @Override
            public void close() {}
        };
        CaptureStream stream = new CaptureStream(Channels.newChannel(new ByteArrayInputStream(new byte[0])), full, true, 1, 65535, new byte[0]);
        assertEquals("the capture can't be written: No space left on device; make room, or name another file with -w",
                assertThrows(IOException.class, stream::close).getMessage());
    }
}
