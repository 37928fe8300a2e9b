package dev.penstock.drivers.memif;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.penstock.ethdev.Port;
import dev.penstock.mbuf.Mbuf;
import dev.penstock.testkit.Root;
import dev.penstock.testkit.Seed;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.condition.EnabledIf;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Against DPDK's own driver, in both roles: what is sent comes back from its testpmd with the addresses exchanged. */
@Tag("root")
@EnabledIf("available")
class MemifInteropTest {
    private static final int COUNT = 2000;
    /** So many that DPDK, which drops what its ring can't take, always has room. */
    private static final int IN_FLIGHT = 200;

    static boolean available() {
        return Files.isExecutable(Path.of("/usr/bin/dpdk-testpmd")) && Root.here();
    }

    @ParameterizedTest
    @CsvSource({"server, client", "client, server", "'client,zero-copy=yes', server", "server, 'client,zero-copy=yes'"})
    void shouldExchangePacketsWithDpdk(String ours, String theirs) throws IOException, InterruptedException {
        SplittableRandom random = Seed.random("memif interop");
        boolean lends = ours.contains("zero-copy") || theirs.contains("zero-copy");
        assumeTrue(!lends || MemifPair.hasHugePages(96), "needs 96 free huge pages: sysctl -w vm.nr_hugepages=128");
        try (MemifPair pair = new MemifPair(lends ? "--single-file-segments" : "--no-huge")) {
            Port port = pair.open("net_memif0", 1, "id=5,secret=s3,role=" + ours);
            Path log = Files.createTempFile("testpmd", ".log");
            Process testpmd = new ProcessBuilder("dpdk-testpmd", "-l", "0,1",
                    theirs.contains("zero-copy") ? "--in-memory" : "--no-huge", "--single-file-segments",
                    "-m", theirs.contains("zero-copy") ? "128" : "256", "--no-pci", "--no-shconf",
                    "--vdev", "net_memif0,id=5,secret=s3,role=" + theirs + ",socket=" + pair.socket,
                    "--", "--total-num-mbufs=4096", "--forward-mode=macswap", "--port-topology=loop", "--no-lsc-interrupt", "-i",
                    "--auto-start", "--no-flush-rx").redirectErrorStream(true).redirectOutput(log.toFile()).start();
            try {
                MemifPair.waitFor("DPDK is connected", () -> port.link().up());
                List<byte[]> sent = new ArrayList<>();
                List<byte[]> back = new ArrayList<>();
                for (int i = 0; i < COUNT; i++) {
                    byte[] frame = new byte[random.nextInt(60, 1900)];
                    random.nextBytes(frame);
                    sent.add(frame);
                    Mbuf[] one = {pair.packet(frame, random.nextInt(1, 3))};
                    MemifPair.waitFor("the ring has room", () -> {
                        pair.drain(port, 0, back);
                        return sent.size() - back.size() < IN_FLIGHT && port.txBurst(0, one, 0, 1) == 1;
                    });
                }
                MemifPair.waitFor("all came back, not only " + back.size(), () -> {
                    pair.drain(port, 0, back);
                    return back.size() >= COUNT;
                });
                assertEquals(COUNT, back.size());
                for (int i = 0; i < COUNT; i++) {
                    assertArrayEquals(swapped(sent.get(i)), back.get(i), "packet " + i);
                }
            } finally {
                testpmd.destroy();
                assertTrue(testpmd.waitFor(20, TimeUnit.SECONDS), () -> "testpmd does not end: " + log);
                Files.deleteIfExists(log);
            }
            MemifPair.waitFor("the link is down when the peer has gone", () -> !port.link().up());
        }
    }

    private static byte[] swapped(byte[] frame) {
        byte[] b = frame.clone();
        System.arraycopy(frame, 6, b, 0, 6);
        System.arraycopy(frame, 0, b, 6, 6);
        return b;
    }
}
