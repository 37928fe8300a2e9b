package dev.penstock.drivers;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.penstock.eal.Eal;
import dev.penstock.eal.Lcore;
import dev.penstock.eal.Memzone;
import dev.penstock.eal.Timer;
import dev.penstock.ethdev.Port;
import dev.penstock.ethdev.PortConfig;
import dev.penstock.ethdev.PortStats;
import dev.penstock.ethdev.Ports;
import dev.penstock.ethdev.RssType;
import dev.penstock.ethdev.RxOffload;
import dev.penstock.ethdev.RxQueueConfig;
import dev.penstock.ethdev.RxWaiter;
import dev.penstock.ethdev.TxOffload;
import dev.penstock.ethdev.TxQueueConfig;
import dev.penstock.linux.NotLinuxException;
import dev.penstock.mbuf.Mbuf;
import dev.penstock.mbuf.MbufPool;
import dev.penstock.net.EtherType;
import dev.penstock.net.Ethernet;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * What a user's unit tests need, in a JVM that believes to run elsewhere than on Linux: lcores, memory, pools, every
 * port in memory and in files; and what is Linux's alone says so.
 */
class PortabilityTest {
    @TempDir
    private Path folder;

    @ParameterizedTest
    @ValueSource(strings = {"Mac OS X", "Windows 11"})
    void shouldForwardBetweenPortsInMemoryAwayFromLinux(String system) throws Exception {
        Process process = new ProcessBuilder(Path.of(System.getProperty("java.home"), "bin", "java").toString(), "-XX:+UseSerialGC",
                "-XX:+UseCondCardMark", "--enable-native-access=ALL-UNNAMED", "-Dos.name=" + system, "-cp",
                System.getProperty("java.class.path"), Elsewhere.class.getName(), folder.toString()).redirectErrorStream(true).start();
        process.getOutputStream().close();
        String output;
        try (var in = process.getInputStream()) {
            output = new String(in.readAllBytes());
        }
        assertTrue(process.waitFor(60, TimeUnit.SECONDS));
        assertEquals("as it should be", output.strip());
    }

    /** The other side: prints what went wrong, or that nothing did. */
    static final class Elsewhere {
        private static final Mbuf[] BURST = new Mbuf[64];

        private Elsewhere() {}

        public static void main(String[] arguments) throws Exception {
            List<String> log = new ArrayList<>();
            try (Eal eal = Eal.start(log::add, "--lcores=0,1@0");
                    MbufPool pool = MbufPool.create(eal, "pool", 2047, 64, MbufPool.DEFAULT_DATA_ROOM, -1);
                    Ports ports = new Ports(eal)) {
                environment(eal);
                memory(ports, pool);
                files(ports, pool, Path.of(arguments[0]));
                onLinuxAlone(ports);
            }
            check(log.stream().noneMatch(line -> line.contains("too few") || line.contains("socket")), log.toString());
            System.out.println("as it should be");
        }

        private static void check(boolean right, String what) {
            if (!right) {
                throw new AssertionError(what);
            }
        }

        private static void environment(Eal eal) throws InterruptedException {
            Memzone zone = eal.reserve("zone", 5000, 4096, -1);
            check(zone.segment().address() % 4096 == 0, "alignment");
            eal.free(zone);
            Lcore worker = eal.workers().getFirst();
            int[] fired = new int[1];
            worker.launch(self -> {
                Timer timer = new Timer();
                timer.reset(self.timers(), 1000, 1000, t -> fired[0]++);
                while (fired[0] < 3) {
                    self.timers().manage();
                }
                return self.id();
            });
            check(worker.await() == 1, "lcore");
            CountDownLatch alarm = new CountDownLatch(1);
            eal.alarms().set(10, alarm::countDown);
            check(alarm.await(10, TimeUnit.SECONDS), "alarm");
            check(eal.telemetry().answer("/eal/lcore/list").equals("{\"/eal/lcore/list\":[0,1]}"), "telemetry");
        }

        private static Port started(Port port, MbufPool pool, PortConfig config) {
            port.configure(config);
            for (int q = 0; q < config.rxQueues(); q++) {
                port.setupRxQueue(q, RxQueueConfig.of(pool));
            }
            for (int q = 0; q < config.txQueues(); q++) {
                port.setupTxQueue(q, TxQueueConfig.DEFAULT);
            }
            port.start();
            return port;
        }

        private static void memory(Ports ports, MbufPool pool) {
            Port source = started(ports.attach("net_null0,size=100"), pool, PortConfig.of(1, 1));
            Port loop = started(ports.attach("net_ring0"), pool, PortConfig.of(1, 1)
                    .withOffloads(RxOffload.VLAN_STRIP | RxOffload.IPV4_CKSUM, TxOffload.VLAN_INSERT));
            Port worse = started(ports.attach("net_fault0,on=[net_null1],drop=1"), pool, PortConfig.of(1, 1).withRss(RssType.IP));
            int n = source.rxBurst(0, BURST, 32);
            for (int i = 0; i < n; i++) {
                Ethernet.write(BURST[i], 0, 2, 4, EtherType.IPV4);
            }
            check(n == 32 && loop.txBurst(0, BURST, 0, n) == n && loop.rxBurst(0, BURST, 64) == n, "ring");
            check(source.txBurst(0, BURST, 0, n) == n, "null");
            check(worse.rxBurst(0, BURST, 32) == 0, "fault");
            PortStats stats = loop.stats();
            check(stats.rxPackets() == 32 && stats.txBytes() == 3200, stats.toString());
            try (RxWaiter waiter = new RxWaiter(1)) {
                check(!waiter.add(loop, 0), "no descriptor");
                waiter.polled(0);
                check(waiter.sleeps() == 1, "pause");
            }
            check(pool.inUseCount() == 0, "leak of " + pool.inUseCount());
        }

        private static void files(Ports ports, MbufPool pool, Path folder) throws Exception {
            Path file = folder.resolve("out.pcap");
            Port writer = started(ports.attach("net_pcap0,tx_pcap=" + file), pool, PortConfig.of(0, 1));
            int n = ports.byName("net_null0").rxBurst(0, BURST, 20);
            check(writer.txBurst(0, BURST, 0, n) == 20, "write");
            writer.close();
            check(Files.size(file) == 24 + 20 * 116, "size " + Files.size(file));
            Port reader = started(ports.attach("net_pcap1,rx_pcap=" + file), pool, PortConfig.of(1, 0));
            n = reader.rxBurst(0, BURST, 64);
            check(n == 20 && BURST[19].pktLen() == 100, "read");
            Mbuf.freeBulk(BURST, 0, n);
        }

        private static void onLinuxAlone(Ports ports) {
            for (String device : List.of("net_tap0", "net_af_packet0,iface=lo", "net_af_xdp0,iface=lo", "net_pcap9,iface=lo",
                    "net_memif0", "net_vhost0,iface=/tmp/none.sock", "net_virtio_user0,path=/tmp/none.sock")) {
                try {
                    ports.attach(device);
                    throw new AssertionError(device + " was made");
                } catch (NotLinuxException e) {
                    check(e.getMessage().contains("Linux"), e.getMessage());
                }
            }
        }
    }
}
