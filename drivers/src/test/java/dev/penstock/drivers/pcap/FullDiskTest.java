package dev.penstock.drivers.pcap;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assertions.fail;

import dev.penstock.eal.Eal;
import dev.penstock.ethdev.Port;
import dev.penstock.ethdev.PortConfig;
import dev.penstock.ethdev.Ports;
import dev.penstock.ethdev.RxQueueConfig;
import dev.penstock.ethdev.TxQueueConfig;
import dev.penstock.mbuf.Mbuf;
import dev.penstock.mbuf.MbufPool;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A file system that fills up under net_pcap. */
class FullDiskTest {
    private static final int FRAME = 1000;
    private static final int RECORD = 16 + FRAME;

    @TempDir
    private Path folder;

    private static int run(String... command) throws IOException, InterruptedException {
        return new ProcessBuilder(command).redirectErrorStream(true).redirectOutput(ProcessBuilder.Redirect.DISCARD).start().waitFor();
    }

    @BeforeEach
    void mount() throws Exception {
        Assumptions.assumeTrue(Files.isWritable(Path.of("/proc/sys/kernel/hostname"))
                && run("mount", "-t", "tmpfs", "-o", "size=4m", "none", folder.toString()) == 0,
                "SKIPPED: mounting a small file system needs root");
    }

    @AfterEach
    void unmount() throws Exception {
        run("umount", folder.toString());
    }

    @Test
    void shouldEndWithAWholePacketOfSeveralInterfacesAndGoOnWhenThereIsRoom() throws Exception {
        Path ballast = Files.write(folder.resolve("ballast"), new byte[2 << 20]);
        Path file = folder.resolve("out.pcapng");
        int written = 0;
        try (Eal eal = Eal.start("-l", "0", "--no-huge", "--in-memory");
                PcapngWriter writer = PcapngWriter.create(file, CaptureFile.MAX_SNAPLEN)) {
            Mbuf packet = MbufPool.create(eal, "pool", 7, 0, MbufPool.DEFAULT_DATA_ROOM, -1).alloc();
            packet.append(FRAME);
            int[] interfaces = {writer.addInterface("one"), writer.addInterface("two")};
            try {
                while (written < 100_000) {
                    writer.write(interfaces[written % 2], packet, written, PcapngWriter.INBOUND);
                    written++;
                }
                fail("the disk is never full");
            } catch (IOException full) {
                written -= writer.pendingPackets();
                writer.discard();
            }
            Files.delete(ballast);
            for (int i = 0; i < 500; i++) {
                writer.write(interfaces[written % 2], packet, written, PcapngWriter.OUTBOUND);
                written++;
            }
            packet.free();
        }
        try (PcapReader reader = PcapReader.open(file)) {
            for (int i = 0; i < written; i++) {
                assertTrue(reader.next(), "packet " + i + " of " + written);
                assertEquals(i, reader.timestampNs());
                assertEquals(FRAME, reader.capturedLength());
            }
            assertFalse(reader.next());
        }
    }

    @Test
    void shouldDropCountAndSayOnceWhatAFullDiskDoesNotTakeAndWriteAgainWhenItDoes() throws Exception {
        List<String> log = new CopyOnWriteArrayList<>();
        try (Eal eal = Eal.start(log::add, "-l", "0", "--no-huge", "--in-memory"); Ports ports = new Ports(eal)) {
            MbufPool pool = MbufPool.create(eal, "pool", 255, 0, MbufPool.DEFAULT_DATA_ROOM, -1);
            Path file = folder.resolve("out.pcap");
            Port port = ports.attach("net_pcap0,tx_pcap=" + file);
            port.configure(PortConfig.of(1, 1));
            port.setupRxQueue(0, RxQueueConfig.of(pool));
            port.setupTxQueue(0, TxQueueConfig.DEFAULT);
            port.start();
            Path ballast = Files.write(folder.resolve("ballast"), new byte[2 << 20]);
            int sent = 0;
            while (port.stats().txErrors() == 0) {
                sent += send(port, pool);
                assertTrue(sent < 100_000, "the disk is never full");
            }
            sent += send(port, pool);
            port.stop();
            assertBalanced(port, sent, file);
            assertEquals(1, log.stream().filter(l -> l.contains("can't be written: No space left on device")).count(), log.toString());

            Files.delete(ballast);
            long errors = port.stats().txErrors();
            port.start();
            sent += send(port, pool);
            port.stop();
            assertEquals(errors, port.stats().txErrors());
            assertBalanced(port, sent, file);
            assertEquals(pool.size(), pool.availCount());
        }
    }

    private static void assertBalanced(Port port, int sent, Path file) throws IOException {
        assertEquals(sent, port.stats().txPackets() + port.stats().txErrors());
        assertEquals(port.stats().txErrors(), port.xstats().stream().filter(x -> x.name().equals("tx_unwritten")).findFirst()
                .orElseThrow().value());
        assertEquals(port.stats().txPackets(), (Files.size(file) - 24) / RECORD, "packets in the file");
        assertEquals(0, (Files.size(file) - 24) % RECORD, "the file ends with a whole packet");
    }

    private static int send(Port port, MbufPool pool) {
        Mbuf[] one = new Mbuf[1];
        for (int i = 0; i < 500; i++) {
            one[0] = pool.alloc();
            one[0].append(FRAME);
            assertEquals(1, port.txBurst(0, one, 0, 1));
        }
        return 500;
    }

    @Test
    void shouldEndWithAWholePacketUnderATapAndCountThoseInTheFile() throws Exception {
        try (Eal eal = Eal.start("-l", "0", "--no-huge", "--in-memory"); Ports ports = new Ports(eal)) {
            MbufPool pool = MbufPool.create(eal, "pool", 255, 0, MbufPool.DEFAULT_DATA_ROOM, -1);
            Path file = folder.resolve("out.pcap");
            Port port = ports.attach("net_pcaptap0,on=[net_null0,size=" + FRAME + "],dir=rx,file=" + file);
            port.configure(PortConfig.of(1, 1));
            port.setupRxQueue(0, RxQueueConfig.of(pool));
            port.setupTxQueue(0, TxQueueConfig.DEFAULT);
            port.start();
            Path ballast = Files.write(folder.resolve("ballast"), new byte[1 << 20]);
            Mbuf[] burst = new Mbuf[32];
            for (int i = 0; i < 50_000; i += 32) {
                Mbuf.freeBulk(burst, 0, port.rxBurst(0, burst, 32));
            }
            Files.delete(ballast);
            // In two rounds of what fits into a buffer, of which the disk takes a part.
            long deadline = System.nanoTime() + 5_000_000_000L;
            long before = named(port, "tap_captured");
            while (named(port, "tap_captured") <= before && System.nanoTime() < deadline) {
                Thread.sleep(200);
                Mbuf.freeBulk(burst, 0, port.rxBurst(0, burst, 32));
            }
            port.stop();
            Thread.sleep(300);
            long captured = named(port, "tap_captured");
            assertEquals(port.stats().rxPackets(), captured + named(port, "tap_uncaptured"));
            port.close();
            assertEquals(captured, (Files.size(file) - 24) / RECORD, "packets in the file");
            assertEquals(0, (Files.size(file) - 24) % RECORD, "the file ends with a whole packet");
            try (PcapReader reader = PcapReader.open(file)) {
                for (long i = 0; i < captured; i++) {
                    assertTrue(reader.next());
                    assertEquals(FRAME, reader.capturedLength());
                }
            }
        }
    }

    private static long named(Port port, String name) {
        return port.xstats().stream().filter(x -> x.name().equals(name)).findFirst().orElseThrow().value();
    }

    @Test
    void shouldLeaveNoFileOfACaptureThatCouldNotBegin() throws Exception {
        Path ballast = folder.resolve("ballast");
        assertThrows(IOException.class, () -> Files.write(ballast, new byte[8 << 20]));
        String start = "/pdump/start,to=" + folder.resolve("out.pcapng");
        try (Eal eal = Eal.start("-l", "0", "--no-huge", "--in-memory"); Ports ports = new Ports(eal)) {
            ports.attach("net_null0").configure(PortConfig.of(1, 1));
            String refused = eal.telemetry().answer(start);
            assertTrue(refused.contains("No space left"), refused);
            Files.delete(ballast);
            String begun = eal.telemetry().answer(start);
            assertTrue(begun.contains("\"id\":1"), begun);
        }
        assertTrue(Files.size(folder.resolve("out.pcapng")) > 0);
    }
}
