package dev.penstock.drivers.virtiouser;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.penstock.drivers.kernel.Rig;
import dev.penstock.eal.Eal;
import dev.penstock.ethdev.Port;
import dev.penstock.ethdev.PortConfig;
import dev.penstock.ethdev.Ports;
import dev.penstock.ethdev.RxQueueConfig;
import dev.penstock.ethdev.TxQueueConfig;
import dev.penstock.mbuf.Mbuf;
import dev.penstock.mbuf.MbufPool;
import dev.penstock.testkit.Command;
import dev.penstock.testkit.Seed;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIf;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** DPDK's vhost port as the back end, looping back what it gets: each frame comes home as it left. */
@Tag("root")
@EnabledIf("dev.penstock.testkit.Root#here")
class VirtioUserInteropTest {
    private static final int FRAMES = 2000;
    /** Its Ethernet type is one for experiments. */
    private static final short PROBE = (short) 0x88b5;

    @TempDir
    Path folder;

    private Eal eal = Eal.start(line -> { }, "--no-huge", "--in-memory");
    private Ports ports = new Ports(eal);
    private MbufPool pool = MbufPool.create(eal, "pool", 4095, 0, MbufPool.DEFAULT_DATA_ROOM, -1);
    private final Mbuf[] burst = new Mbuf[32];
    private int probes;
    private int echoes;
    private Process testpmd;

    @AfterEach
    void stop() throws InterruptedException {
        ports.close();
        if (testpmd != null) {
            end();
        }
        Command.run("rm", "-rf", "/var/run/dpdk/vhost" + ProcessHandle.current().pid());
        assertEquals(0, pool.inUseCount(), "all packets are back in the pool");
        eal.close();
    }

    private void end() throws InterruptedException {
        testpmd.destroy();
        if (!testpmd.waitFor(5, TimeUnit.SECONDS)) {
            testpmd.destroyForcibly().waitFor();
        }
        testpmd = null;
    }

    private String socket() {
        return folder.resolve("vhost.sock").toString();
    }

    private void testpmd(boolean client, int queues) throws Exception {
        List<String> command = new ArrayList<>(List.of("stdbuf", "-oL", "dpdk-testpmd", "-l", "0,1", "--no-huge", "-m", "128", "--no-pci",
                "--no-telemetry", "--file-prefix=vhost" + ProcessHandle.current().pid(),
                "--vdev=net_vhost0,iface=" + socket() + ",queues=" + queues + (client ? ",client=1" : ""), "--",
                "--auto-start", "--forward-mode=io", "--total-num-mbufs=8192", "--rxq=" + queues, "--txq=" + queues,
                "--port-topology=loop", "--disable-link-check", "--stats-period=1"));
        testpmd = new ProcessBuilder(command).redirectErrorStream(true).redirectOutput(folder.resolve("log").toFile())
                .redirectInput(ProcessBuilder.Redirect.from(Path.of("/dev/null").toFile())).start();
        // DPDK's port may stay deaf when a front end comes while it is being started
        long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(15);
        while (!log().contains("packet forwarding - ports=1")) {
            assertTrue(System.nanoTime() < end && testpmd.isAlive(), () -> "testpmd does not start: " + log());
            Thread.sleep(20);
        }
    }

    private Port port(String arguments, int queues) {
        Port port = ports.attach("net_virtio_user0,path=" + socket() + arguments + ",queues=" + queues);
        port.configure(PortConfig.of(queues, queues));
        for (int q = 0; q < queues; q++) {
            port.setupRxQueue(q, RxQueueConfig.of(pool));
            port.setupTxQueue(q, TxQueueConfig.DEFAULT);
        }
        port.start();
        return port;
    }

    private void awaitLink(Port port, boolean up) throws Exception {
        long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(15);
        while (port.link().up() != up) {
            assertTrue(System.nanoTime() < end, () -> "no link " + log());
            Thread.sleep(20);
        }
    }

    private String log() {
        try {
            return Files.readString(folder.resolve("log"));
        } catch (IOException e) {
            return e.toString();
        }
    }

    /** DPDK throws away what it would send on a queue in the moment after the link came up: probes until one came back. */
    private void awaitEcho(Port port, int queue) throws Exception {
        long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(15);
        int quiet = 0;
        for (boolean came = false; !came || quiet < 20; Thread.sleep(5)) {
            assertTrue(System.nanoTime() < end, () -> "no echo, " + port.xstats() + log());
            if (!came) {
                burst[0] = frame(PROBE);
                if (port.txBurst(queue, burst, 0, 1) == 1) {
                    probes++;
                } else {
                    burst[0].free();
                }
            }
            int got = port.rxBurst(queue, burst, 32);
            Mbuf.freeBulk(burst, 0, got);
            echoes += got;
            came |= got > 0;
            quiet = got > 0 ? 0 : quiet + 1;
        }
    }

    private Mbuf frame(short type) {
        Mbuf m = pool.alloc();
        m.append(60);
        m.putShort(12, type);
        return m;
    }

    /** Whether it is the echo of a probe, which may come late from a peer that was held up. */
    private boolean isEcho(Mbuf m) {
        boolean echo = m.pktLen() == 60 && m.getShort(12) == PROBE;
        echoes += echo ? 1 : 0;
        return echo;
    }

    private void exchange(Port port, int queues) throws Exception {
        SplittableRandom random = Seed.random("virtio-user exchange");
        for (int queue = 0; queue < queues; queue++) {
            awaitEcho(port, queue);
            Deque<byte[]> expected = new ArrayDeque<>();
            int sent = 0;
            long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(15);
            while (sent < FRAMES || !expected.isEmpty()) {
                assertTrue(System.nanoTime() < end, () -> expected.size() + " frames are missing, " + port.xstats() + log());
                int n = Math.min(FRAMES - sent, expected.size() > 128 ? 0 : 1 + random.nextInt(32));
                for (int i = 0; i < n; i++) {
                    byte[] frame = new byte[random.nextBoolean() ? 60 : 60 + random.nextInt(1455)];
                    random.nextBytes(frame);
                    frame[12] = 8;
                    frame[13] = 0;
                    Mbuf m = pool.alloc();
                    m.append(frame.length);
                    m.write(0, frame, 0, frame.length);
                    burst[i] = m;
                    expected.add(frame);
                }
                int taken = port.txBurst(queue, burst, 0, n);
                for (int i = taken; i < n; i++) {
                    burst[i].free();
                    expected.removeLast();
                }
                sent += taken;
                int got = port.rxBurst(queue, burst, 32);
                for (int i = 0; i < got; i++) {
                    if (!isEcho(burst[i])) {
                        byte[] all = new byte[burst[i].pktLen()];
                        burst[i].read(0, all, 0, all.length);
                        assertArrayEquals(expected.remove(), all);
                    }
                    burst[i].free();
                }
                if (got == 0) {
                    Thread.sleep(1);
                }
            }
        }
        port.xstats().stream().filter(x -> x.name().startsWith("rejected")).forEach(x -> assertEquals(0, x.value(), x.name()));
    }

    @ParameterizedTest
    @CsvSource({"packed_vq=0,mrg_rxbuf=1,in_order=1,false", "packed_vq=0,mrg_rxbuf=0,in_order=0,true",
        "packed_vq=1,mrg_rxbuf=1,in_order=0,true", "packed_vq=1,mrg_rxbuf=0,in_order=1,false",
        "packed_vq=1,mrg_rxbuf=1,in_order=1,false", "packed_vq=0,mrg_rxbuf=1,in_order=0,true"})
    void shouldExchangeFramesWithDpdk(String packed, String merge, String order, boolean server) throws Exception {
        String arguments = "," + packed + "," + merge + "," + order + (server ? ",server=1" : "");
        testpmd(server, 1);
        Port port = port(arguments, 1);
        awaitLink(port, true);
        exchange(port, 1);
        assertEquals(FRAMES + echoes, port.stats().rxPackets());
        assertEquals(FRAMES + probes, port.stats().txPackets());
    }

    @Test
    void shouldExchangeFramesOnSeveralQueues() throws Exception {
        testpmd(false, 2);
        Port port = port(",packed_vq=1", 2);
        awaitLink(port, true);
        exchange(port, 2);
    }

    @ParameterizedTest
    @CsvSource({"0,false", "1,false", "0,true"})
    void shouldGoOnWithTheNextBackEnd(int packed, boolean server) throws Exception {
        testpmd(server, 1);
        Port port = port(",packed_vq=" + packed + (server ? ",server=1" : ""), 1);
        awaitLink(port, true);
        exchange(port, 1);
        testpmd.destroyForcibly().waitFor();
        awaitLink(port, false);
        if (!server) {
            Files.delete(Path.of(socket()));
            testpmd(false, 1);
            awaitLink(port, true);
            exchange(port, 1);
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1})
    void shouldCountWhatIsLostWithAKilledBackEnd(int packed) throws Exception {
        testpmd(false, 1);
        Port port = port(",packed_vq=" + packed, 1);
        awaitLink(port, true);
        awaitEcho(port, 0);
        long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(15);
        int kill = 2000 + Seed.random("killed under traffic").nextInt(20000);
        long sent = 0;
        long received = 0;
        boolean killed = false;
        while (port.link().up()) {
            assertTrue(System.nanoTime() < end, () -> "the link stays up, " + port.stats() + log());
            int n = sent - received < 128 ? 32 : 0;
            for (int i = 0; i < n; i++) {
                burst[i] = frame((short) 0x800);
            }
            int taken = n == 0 ? 0 : port.txBurst(0, burst, 0, n);
            Mbuf.freeBulk(burst, taken, n - taken);
            sent += taken;
            if (!killed && received > kill) {
                testpmd.destroyForcibly();
                killed = true;
            }
            int got = port.rxBurst(0, burst, 32);
            for (int i = 0; i < got; i++) {
                received += isEcho(burst[i]) ? 0 : 1;
                burst[i].free();
            }
        }
        assertEquals(sent - received + probes - echoes, port.stats().txPackets() - port.stats().rxPackets());
        long counted = Rig.xstat(port, "tx_unreturned") + Rig.xstat(port, "rx_unread");
        long missing = sent - received - counted;
        assertTrue(missing >= 0 && missing <= 32, "not only the burst in its hands is missing: " + sent + " sent, " + received
                + " received, " + counted + " counted as lost");
    }

    @Test
    void shouldExchangeFramesAfterAStopAndStart() throws Exception {
        testpmd(false, 1);
        Port port = port("", 1);
        awaitLink(port, true);
        exchange(port, 1);
        port.stop();
        port.start();
        exchange(port, 1);
    }

    @Test
    void shouldSendAndReceiveWithoutACopyInHugePages() throws Exception {
        long free = Long.parseLong(Files.readString(Path.of("/sys/kernel/mm/hugepages/hugepages-2048kB/free_hugepages")).strip());
        assumeTrue(free >= 16, "needs 16 free huge pages: sysctl -w vm.nr_hugepages=64");
        ports.close();
        eal.close();
        eal = Eal.start(line -> { }, "--in-memory");
        ports = new Ports(eal);
        pool = MbufPool.create(eal, "pool", 4095, 0, MbufPool.DEFAULT_DATA_ROOM, -1);
        testpmd(false, 1);
        Port port = port("", 1);
        awaitLink(port, true);
        exchange(port, 1);
        assertEquals(0, Rig.xstat(port, "tx_copied"));
    }
}
