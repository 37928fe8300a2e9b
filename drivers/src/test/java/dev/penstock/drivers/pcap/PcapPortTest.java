package dev.penstock.drivers.pcap;

import static dev.penstock.drivers.kernel.Rig.xstat;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.penstock.drivers.MemoryPorts;
import dev.penstock.ethdev.Port;
import dev.penstock.ethdev.PortConfig;
import dev.penstock.ethdev.PortEvent;
import dev.penstock.ethdev.RxQueueConfig;
import dev.penstock.ethdev.TxQueueConfig;
import dev.penstock.mbuf.Mbuf;
import dev.penstock.mbuf.MbufPool;
import dev.penstock.testkit.Allocation;
import dev.penstock.testkit.Command;
import dev.penstock.testkit.Seed;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

class PcapPortTest extends MemoryPorts {
    private static final int BURST = 32;

    @TempDir
    private Path folder;

    private final Mbuf[] burst = new Mbuf[BURST];

    PcapPortTest() {
        super(1024);
    }

    /** A port with all its queues. */
    private Port all(String devargs) {
        Port port = ports.attach(devargs);
        return start(port, port.info().maxRxQueues(), port.info().maxTxQueues());
    }

    private Path capture(String name, int... lengths) throws IOException {
        List<Captures.Packet> packets = new ArrayList<>();
        SplittableRandom random = new SplittableRandom(7);
        for (int i = 0; i < lengths.length; i++) {
            byte[] data = new byte[lengths[i]];
            random.nextBytes(data);
            packets.add(new Captures.Packet(data, data.length, 1_700_000_000_000_000_000L + i * 1_000_001L));
        }
        return Files.write(folder.resolve(name), Captures.pcap(ByteOrder.LITTLE_ENDIAN, true, packets));
    }

    private static int[] same(int count, int length) {
        int[] lengths = new int[count];
        Arrays.fill(lengths, length);
        return lengths;
    }

    private static byte[] bytes(Mbuf m) {
        MemorySegment to = MemorySegment.ofArray(new byte[m.pktLen()]);
        assertTrue(m.readPacket(0, to, 0, m.pktLen()));
        return to.toArray(ValueLayout.JAVA_BYTE);
    }

    private static List<byte[]> contents(Path file) throws IOException {
        List<byte[]> list = new ArrayList<>();
        try (PcapReader reader = PcapReader.open(file)) {
            while (reader.next()) {
                list.add(reader.data().asSlice(reader.dataOffset(), reader.capturedLength()).toArray(ValueLayout.JAVA_BYTE));
            }
        }
        return list;
    }

    private static void assertSame(List<byte[]> expected, List<byte[]> actual) {
        assertEquals(expected.size(), actual.size());
        for (int i = 0; i < expected.size(); i++) {
            assertArrayEquals(expected.get(i), actual.get(i), "packet " + i);
        }
    }

    private int forward(Port in, int rxq, Port out, int txq) {
        int total = 0;
        for (int n; (n = in.rxBurst(rxq, burst, BURST)) > 0; total += n) {
            assertEquals(n, out.txBurst(txq, burst, 0, n));
        }
        return total;
    }

    @Test
    void shouldNotEmptyWhatIsRead() throws IOException {
        Path from = capture("in.pcap", same(3, 64));
        Path link = Files.createSymbolicLink(folder.resolve("link.pcap"), from);
        Path hard = Files.createLink(folder.resolve("hard.pcap"), from);
        for (Path to : List.of(from, link, hard, folder.resolve(".").resolve("in.pcap"))) {
            String devargs = "net_pcap0,tx_pcap=" + to + ",rx_pcap=" + from;
            assertEquals("net_pcap0: tx_pcap=" + to + " is the file of rx_pcap=" + from + " and would be emptied; give another file to write",
                    assertThrows(IllegalArgumentException.class, () -> ports.attach(devargs)).getMessage());
        }
        Port reads = ports.attach("net_pcap0,rx_pcap=" + from);
        assertThrows(IllegalArgumentException.class, () -> ports.attach("net_pcap1,tx_pcap=" + link));
        assertEquals(3, contents(from).size());
        reads.close();
        ports.attach("net_pcap1,tx_pcap=" + link).close();
        assertEquals(0, contents(from).size());
    }

    @Test
    @EnabledOnOs(OS.LINUX)
    void shouldGoOnReadingAPipeWhenItIsStartedAgain() throws IOException, InterruptedException {
        byte[] all = Files.readAllBytes(capture("in.pcap", 64, 65, 66));
        Path pipe = folder.resolve("pipe");
        Command.run("mkfifo", pipe.toString());
        CountDownLatch end = new CountDownLatch(1);
        Thread writer = Thread.ofPlatform().start(() -> {
            try (OutputStream out = Files.newOutputStream(pipe)) {
                out.write(all);
                end.await();
            } catch (IOException | InterruptedException e) {
                throw new AssertionError(e);
            }
        });
        Port port = all("net_pcap0,rx_pcap=" + pipe);
        for (int i = 0; i < 3; i++) {
            assertEquals(1, port.rxBurst(0, burst, 1));
            assertEquals(64 + i, burst[0].pktLen());
            burst[0].free();
            port.stop();
            port.start();
        }
        end.countDown();
        writer.join();
        assertEquals(0, port.rxBurst(0, burst, 1));
        port.stop();
        port.start();
        assertEquals(0, port.rxBurst(0, burst, 1));
        assertEquals(0, port.stats().rxErrors());
    }

    @Test
    void shouldStayStoppedWhenAQueueCannotBeStarted() throws IOException {
        Path from = capture("in.pcap", same(2, 64));
        byte[] all = Files.readAllBytes(from);
        Port port = all("net_pcap0,rx_pcap=" + from);
        Mbuf.freeBulk(burst, 0, port.rxBurst(0, burst, BURST));
        port.stop();
        Files.write(from, new byte[0]);
        assertThrows(UncheckedIOException.class, port::start);
        assertEquals(Port.State.CONFIGURED, port.state());
        Files.write(from, all);
        port.start();
        assertEquals(2, port.rxBurst(0, burst, BURST));
        Mbuf.freeBulk(burst, 0, 2);
    }

    @Test
    void shouldCopyAFileOfAllSizesThroughAPortWithChainsForLongOnes() throws IOException {
        int[] lengths = new int[200];
        SplittableRandom random = Seed.random("pcap port sizes");
        for (int i = 0; i < lengths.length; i++) {
            lengths[i] = i % 10 == 0 ? random.nextInt(20_000) : random.nextInt(14, 1519);
        }
        lengths[1] = MbufPool.DEFAULT_DATA_ROOM - Mbuf.HEADROOM;
        lengths[2] = lengths[1] + 1;
        lengths[3] = 0;
        lengths[4] = 65_535;
        Path from = capture("in.pcap", lengths);
        Path to = folder.resolve("out.pcap");
        Port port = all("net_pcap0,rx_pcap=" + from + ",tx_pcap=" + to);
        assertEquals(200, forward(port, 0, port, 0));
        port.stop();
        assertSame(contents(from), contents(to));
        assertEquals(200, port.stats().rxPackets());
        assertEquals(200, port.stats().txPackets());
        assertEquals(Arrays.stream(lengths).sum(), port.stats().rxBytes());
        assertEquals(Arrays.stream(lengths).sum(), port.stats().txBytes());
        port.resetStats();
        assertEquals(0, port.stats().rxPackets());
    }

    @Test
    void shouldChainALongFrameAndKeepItsTime() throws IOException {
        Port port = all("net_pcap0,rx_pcap=" + capture("in.pcap", 100, 9000));
        assertEquals(2, port.rxBurst(0, burst, BURST));
        assertEquals(1, burst[0].nbSegs());
        assertEquals(5, burst[1].nbSegs(), "2048 behind the headroom, then 2176 each");
        assertEquals(9000, burst[1].pktLen());
        assertEquals(2048, burst[1].dataLen());
        assertEquals(port.id(), burst[1].port());
        assertEquals(1_700_000_000_001_000_001L, burst[1].timestamp());
        assertTrue((burst[1].olFlags() & pool.dynamicFields().lookupFlag("rte_dynflag_rx_timestamp")) != 0);
        assertArrayEquals(contents(folder.resolve("in.pcap")).get(1), bytes(burst[1]));
        Mbuf.freeBulk(burst, 0, 2);
    }

    @Test
    void shouldDeliverAFileForEverWithInfiniteRx() throws IOException {
        Path from = capture("in.pcap", 64, 512, 0, 1500, 65);
        List<byte[]> expected = contents(from);
        Port port = all("net_pcap0,rx_pcap=" + from + ",infinite_rx=1");
        for (int round = 0, i = 0; round < 50; round++) {
            int n = port.rxBurst(0, burst, 7);
            assertEquals(7, n);
            for (int k = 0; k < n; k++, i++) {
                assertArrayEquals(expected.get(i % 5), bytes(burst[k]));
                assertEquals(port.id(), burst[k].port());
            }
            assertEquals(7, port.txBurst(0, burst, 0, 7), "dropped, as no tx_pcap is given");
        }
        assertEquals(350, port.stats().rxPackets());
        assertEquals(350, port.stats().txPackets());
        assertEquals(port.stats().rxBytes(), port.stats().txBytes());
        assertEquals(70 * (64 + 512 + 1500 + 65), port.stats().rxBytes());
    }

    @Test
    void shouldRefuseInfiniteRxOfWhatItCannotKeep() throws IOException {
        for (String part : List.of("--mbuf-size", "no packets", "cut short")) {
            Path file = switch (part) {
                case "--mbuf-size" -> capture("long", 100, 2049);
                case "no packets" -> capture("empty");
                default -> {
                    Path whole = capture("cut", 100, 100);
                    yield Files.write(whole, Arrays.copyOf(Files.readAllBytes(whole), 200));
                }
            };
            Port port = ports.attach("net_pcap0,rx_pcap=" + file + ",infinite_rx=1");
            port.configure(PortConfig.of(1, 1));
            String message = assertThrows(IllegalArgumentException.class,
                    () -> port.setupRxQueue(0, RxQueueConfig.of(pool))).getMessage();
            assertTrue(message.contains(part) && message.contains(file.toString()), message);
            port.close();
        }
    }

    @Test
    void shouldReceiveNothingAndWriteWhatIsSentWhenOnlyTxIsGiven() throws IOException {
        Path to = folder.resolve("out.pcap");
        Port port = all("eth_pcap0,tx_pcap=" + to);
        assertEquals(0, port.rxBurst(0, burst, BURST));
        assertTrue(pool.allocBulk(burst, 0, 3));
        for (int i = 0; i < 3; i++) {
            burst[i].append(60 + i);
        }
        assertEquals(3, port.txBurst(0, burst, 0, 3));
        port.close();
        byte[] file = Files.readAllBytes(to);
        MemorySegment head = MemorySegment.ofArray(file);
        assertEquals(0xa1b23c4d, head.get(ValueLayout.JAVA_INT_UNALIGNED, 0), "nanoseconds, own byte order");
        assertEquals(65535, head.get(ValueLayout.JAVA_INT_UNALIGNED, 16));
        assertEquals(1, head.get(ValueLayout.JAVA_INT_UNALIGNED, 20), "Ethernet");
        try (PcapReader reader = PcapReader.open(to)) {
            for (int i = 0; i < 3; i++) {
                assertTrue(reader.next());
                assertEquals(60 + i, reader.capturedLength());
                assertEquals(System.currentTimeMillis(), reader.timestampNs() / 1e6, 60_000);
            }
            assertFalse(reader.next());
        }
    }

    @Test
    void shouldCutWhatItWritesAtTheSnapLength() throws IOException {
        Path from = capture("in.pcap", 50, 100, 101, 5000);
        Path to = folder.resolve("out.pcap");
        Port port = all("net_pcap0,snaplen=100,rx_pcap=" + from + ",tx_pcap=" + to);
        forward(port, 0, port, 0);
        port.close();
        int[] expected = {50, 100, 101, 5000};
        try (PcapReader reader = PcapReader.open(to)) {
            for (int length : expected) {
                assertTrue(reader.next());
                assertEquals(Math.min(100, length), reader.capturedLength());
                assertEquals(length, reader.originalLength());
            }
        }
    }

    @Test
    void shouldHaveAQueueForEachFile() throws IOException {
        String args = "net_pcap0";
        for (int q = 0; q < 3; q++) {
            args += ",rx_pcap=" + capture("in" + q, same(10 + q, 64));
        }
        for (int q = 0; q < 2; q++) {
            args += ",tx_pcap=" + folder.resolve("out" + q);
        }
        Port port = all(args);
        assertEquals(3, port.info().maxRxQueues());
        assertEquals(2, port.info().maxTxQueues());
        for (int q = 0; q < 3; q++) {
            assertEquals(10 + q, forward(port, q, port, q % 2));
            assertEquals(10 + q, port.queueStats(q).rxPackets());
        }
        port.stop();
        assertEquals(22, contents(folder.resolve("out0")).size());
        assertEquals(11, contents(folder.resolve("out1")).size());
        assertEquals(0x0270_6361_7000L, port.info().mac());
    }

    @Test
    void shouldReadAFileOnTwoQueuesAtOnce() throws IOException {
        Path file = capture("in", same(100, 64));
        Port port = all("net_pcap0,rx_pcap=" + file + ",rx_pcap=" + file);
        assertEquals(100, forward(port, 0, port, 0));
        assertEquals(100, forward(port, 1, port, 1));
    }

    @Test
    void shouldCountADamagedFileAndGoOnWithoutIt() throws IOException {
        Path file = capture("in", same(10, 64));
        Files.write(file, Arrays.copyOf(Files.readAllBytes(file), 24 + 7 * 80 + 33));
        Port port = all("net_pcap0,rx_pcap=" + file);
        assertEquals(7, forward(port, 0, port, 0));
        assertEquals(0, port.rxBurst(0, burst, BURST));
        assertEquals(1, port.stats().rxErrors());
        assertEquals(1, xstat(port, "rx_file_damaged"));
    }

    @Test
    void shouldCountPacketsThatAreNotEthernet() throws IOException {
        Captures c = new Captures(ByteOrder.BIG_ENDIAN).section();
        for (int link : new int[] {1, 113}) {
            c.block(1, new Captures(ByteOrder.BIG_ENDIAN).shorts(link, 0).ints(0));
        }
        for (int i = 0; i < 10; i++) {
            c.block(6, new Captures(ByteOrder.BIG_ENDIAN).ints(i % 2, 0, 0, 60, 60).raw(new byte[60]));
        }
        Port port = all("net_pcap0,rx_pcap=" + Files.write(folder.resolve("two"), c.bytes()));
        assertEquals(5, forward(port, 0, port, 0));
        assertEquals(5, xstat(port, "rx_not_ethernet"));
        assertEquals(5, port.stats().rxErrors());
    }

    @Test
    void shouldCountWhatAnEmptyPoolLoses() throws IOException {
        Port port = all("net_pcap0,rx_pcap=" + capture("in", same(100, 64)));
        Mbuf[] all = new Mbuf[1024];
        assertTrue(pool.allocBulk(all, 0, 1004));
        int received = 0;
        Mbuf[] more = new Mbuf[200];
        for (int i = 0; i < 200; i++) {
            int n = port.rxBurst(0, burst, BURST);
            System.arraycopy(burst, 0, more, received, n);
            received += n;
        }
        assertEquals(20, received);
        assertEquals(80, port.stats().rxNoMbuf());
        Mbuf.freeBulk(all, 0, 1004);
        Mbuf.freeBulk(more, 0, received);
    }

    @Test
    void shouldCountALongFrameThatAnEmptyPoolLosesAndLeakNothing() throws IOException {
        Port port = all("net_pcap0,rx_pcap=" + capture("in", 9000, 64));
        Mbuf[] all = new Mbuf[1024];
        assertTrue(pool.allocBulk(all, 0, 1021));
        assertEquals(1, port.rxBurst(0, burst, BURST));
        assertEquals(64, burst[0].pktLen());
        assertEquals(1, burst[0].nbSegs());
        assertEquals(1, port.stats().rxNoMbuf());
        burst[0].free();
        Mbuf.freeBulk(all, 0, 1021);
    }

    @Test
    void shouldTakeTheLinkDownAtTheEndOfFileWhenAsked() throws IOException {
        Port port = ports.attach("net_pcap0,eof=1,rx_pcap=" + capture("in", same(40, 64)));
        assertFalse(port.link().up());
        int[] events = new int[1];
        port.addListener((p, event) -> events[0] += event == PortEvent.LINK_CHANGED ? 1 : 0);
        start(port, 1, 1);
        for (int round = 1; round <= 2; round++) {
            assertTrue(port.link().up());
            assertEquals(40, forward(port, 0, port, 0));
            assertEquals(0, port.rxBurst(0, burst, BURST));
            assertFalse(port.link().up());
            assertEquals(round, events[0], "once for each time the file ends");
            port.stop();
            port.start();
        }
    }

    @Test
    void shouldSayWhatIsWrongWithArguments() throws IOException {
        Path in = capture("in", 64);
        assertRefused("net_pcap0", "rx_pcap=FILE");
        assertRefused("net_pcap0,rx_pcap=/nowhere/x.pcap", "no such file");
        assertRefused("net_pcap0,tx_pcap=/nowhere/x.pcap", "no such folder");
        assertRefused("net_pcap0,rx_pcap=" + folder, "can't be opened");
        assertRefused("net_pcap0,infinite_rx=1,eof=1,rx_pcap=" + in, "exclude each other");
        assertRefused("net_pcap0,snaplen=0,rx_pcap=" + in, "snaplen=0");
        assertRefused("net_pcap0,rx_pcap=" + Files.writeString(folder.resolve("text"), "no capture"), "not a capture");
        assertRefused("net_pcap0" + (",rx_pcap=" + in).repeat(17), "more than 16");
    }

    private void assertRefused(String devargs, String part) {
        String message = assertThrows(IllegalArgumentException.class, () -> ports.attach(devargs)).getMessage();
        assertTrue(message.contains(part) && message.startsWith("net_pcap0: "), message);
    }

    @Test
    void shouldCountWhatADiskThatIsFullLoses() throws IOException {
        Path full = Path.of("/dev/full");
        org.junit.jupiter.api.Assumptions.assumeTrue(Files.exists(full), "no /dev/full on this system");
        String message = assertThrows(IllegalArgumentException.class, () -> ports.attach("net_pcap0,tx_pcap=" + full)).getMessage();
        assertTrue(message.contains("No space left"), message);
    }

    @Test
    void shouldAllocateNothingForAPacket() throws IOException {
        Port endless = all("net_pcap0,infinite_rx=1,rx_pcap=" + capture("endless", same(100, 64)));
        Port once = all("net_pcap1,rx_pcap=" + capture("once", same(200_000, 64)) + ",tx_pcap=" + folder.resolve("out"));
        Runnable infinite = () -> run(endless, endless, 200);
        Runnable file = () -> run(once, once, 200);
        Runnable write = () -> run(endless, once, 200);
        for (Runnable path : List.of(infinite, file, write)) {
            assertEquals(0, Allocation.steadyBytesOf(path));
        }
    }

    private void run(Port in, Port out, int bursts) {
        for (int i = 0; i < bursts; i++) {
            int n = in.rxBurst(0, burst, BURST);
            out.txBurst(0, burst, 0, n);
        }
    }

    @Test
    void shouldWriteWhatTsharkReads() throws Exception {
        Path capinfos = Path.of("/usr/bin/capinfos");
        org.junit.jupiter.api.Assumptions.assumeTrue(Files.exists(capinfos), "no capinfos; apt-get install wireshark-common");
        Path to = folder.resolve("out.pcap");
        Port port = all("net_pcap0,rx_pcap=" + capture("in", 60, 70, 9000) + ",tx_pcap=" + to);
        forward(port, 0, port, 0);
        port.close();
        Process run = new ProcessBuilder(capinfos.toString(), "-c", "-d", "-E", "-t", to.toString()).redirectErrorStream(true).start();
        String out = new String(run.getInputStream().readAllBytes());
        assertEquals(0, run.waitFor(), out);
        assertTrue(out.contains("nanosecond") && out.contains("Ethernet") && out.contains("= 3") || out.contains("packets:  3")
                || out.contains("Number of packets:   3"), out);
        assertTrue(out.contains("9130 bytes"), out);
    }

    @Test
    void shouldDeliverTheFileFromItsStartToQueuesThatAreMadeAnew() throws IOException {
        Path from = capture("in.pcap", 64, 65, 66, 67, 68);
        List<byte[]> expected = contents(from);
        Port port = all("net_pcap0,rx_pcap=" + from);
        for (int taken : new int[] {5, 2, 5}) {
            for (int i = 0; i < taken; i++) {
                assertEquals(1, port.rxBurst(0, burst, 1));
                assertArrayEquals(expected.get(i), bytes(burst[0]));
                burst[0].free();
            }
            port.stop();
            port.configure(PortConfig.of(1, 1));
            port.setupRxQueue(0, RxQueueConfig.of(pool));
            port.setupTxQueue(0, TxQueueConfig.DEFAULT);
            port.start();
        }
    }
}
