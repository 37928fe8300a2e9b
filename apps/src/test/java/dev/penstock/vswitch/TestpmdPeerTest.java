package dev.penstock.vswitch;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.penstock.ethdev.Port;
import dev.penstock.ethdev.PortConfig;
import dev.penstock.ethdev.RxQueueConfig;
import dev.penstock.ethdev.TxQueueConfig;
import dev.penstock.testkit.Frames;
import dev.penstock.testkit.Root;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.condition.EnabledIf;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** A container with DPDK's testpmd on a port of the switch, which answers each frame, is killed, and comes back. */
@Tag("root")
@EnabledIf("available")
class TestpmdPeerTest {
    private static final long HOST = 0x0200_0000_0001L;
    private static final long PEER = 0x0200_0000_0002L;
    private static final long WAIT_NS = 20_000_000_000L;

    @TempDir
    private Path folder;

    static boolean available() {
        return Files.isExecutable(Path.of("/usr/bin/dpdk-testpmd")) && Root.here();
    }

    private Process testpmd(String vdev) throws IOException {
        return new ProcessBuilder("dpdk-testpmd", "-l", "0,1", "--no-huge", "-m", "256", "--no-pci", "--no-shconf", "--vdev",
                vdev + folder.resolve("s"), "--", "--total-num-mbufs=4096",
                "--forward-mode=macswap", "--port-topology=loop", "--no-lsc-interrupt", "-i", "--auto-start", "--no-flush-rx")
                .redirectErrorStream(true).redirectOutput(folder.resolve("log").toFile()).start();
    }

    /** Sends frames until one has come back. */
    private static int answered(TestSwitch real) {
        byte[] ask = Frames.ethernet(PEER, HOST, 0x88b5, new byte[46]);
        int sent = 0;
        for (long begin = System.nanoTime(); System.nanoTime() - begin < WAIT_NS;) {
            real.send("host", ask);
            sent++;
            real.poll();
            try {
                Thread.sleep(5);
            } catch (InterruptedException e) {
                throw new IllegalStateException(e);
            }
            real.poll();
            List<byte[]> back = real.take("host");
            if (!back.isEmpty()) {
                assertArrayEquals(Frames.ethernet(HOST, PEER, 0x88b5, new byte[46]), back.getFirst());
                return sent;
            }
        }
        throw new AssertionError("no answer; " + real.stats("peer"));
    }

    private static void end(Process process) throws InterruptedException {
        process.destroyForcibly();
        assertTrue(process.waitFor(10, TimeUnit.SECONDS));
    }

    @ParameterizedTest
    @CsvSource({"'net_memif0,role=server,socket-abstract=no,socket=', 'net_memif0,role=client,socket-abstract=no,socket='",
        "'net_vhost0,iface=', 'net_virtio_user0,path='", "'net_virtio_user0,server=1,path=', 'net_vhost0,client=1,iface='"})
    void shouldServeAPeerThatWasKilledAndCameBack(String ours, String theirs) throws IOException, InterruptedException {
        try (TestSwitch real = new TestSwitch(1, 100, 300)) {
            Port port = real.ports.attach(ours + folder.resolve("s"));
            port.configure(PortConfig.of(1, 1));
            port.setupRxQueue(0, RxQueueConfig.of(real.pool));
            port.setupTxQueue(0, TxQueueConfig.DEFAULT);
            port.start();
            PortSettings settings = new PortSettings().flood(PortSettings.Flood.UNKNOWN, PortSettings.UNLIMITED);
            real.vswitch.add("peer", port, settings);
            real.add("host", settings);
            Process first = testpmd(theirs);
            try {
                answered(real);
                assertEquals(1, real.vswitch.addresses(real.vswitch.port("peer")), "the peer's address");
            } finally {
                end(first);
            }
            long before = real.dropped("peer", Drop.TX_FULL);
            for (int i = 0; i < 2000; i++) {
                real.send("host", Frames.ethernet(PEER, HOST, 0x88b5, new byte[46]));
                real.poll();
                real.take("host");
            }
            assertTrue(real.dropped("peer", Drop.TX_FULL) > before, "what a peer that is gone loses is named");
            Process second = testpmd(theirs);
            try {
                answered(real);
            } finally {
                end(second);
            }
            real.poll();
            real.take("host");
            assertEquals(0, real.imbalance());
        }
    }
}
