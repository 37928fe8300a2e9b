package dev.penstock.apps.demo;

import dev.penstock.eal.Clock;
import dev.penstock.eal.Eal;
import dev.penstock.eal.Lcore;
import dev.penstock.ethdev.Port;
import dev.penstock.ethdev.PortConfig;
import dev.penstock.ethdev.Ports;
import dev.penstock.ethdev.RxQueueConfig;
import dev.penstock.ethdev.TxQueueConfig;
import dev.penstock.mbuf.MbufPool;
import java.io.IOException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;

/** A capture file through the router and into another file; then the same traffic as fast as a core goes. */
final class MemoryDemo {
    private static final int POOL = 8191;

    private final Screen screen;
    private final Path folder;
    private final int seconds;

    MemoryDemo(Screen screen, Path folder, int seconds) {
        this.screen = screen;
        this.folder = folder;
        this.seconds = seconds;
    }

    void run() throws IOException, InterruptedException {
        Files.createDirectories(folder);
        Path in = folder.resolve("in.pcap");
        Path out = folder.resolve("out.pcap");
        int packets = traffic(in);
        screen.line("Penstock demo: packets from a capture file, through a small router, into another file.");
        screen.line("It needs no root, no network card and no huge pages.%n");
        screen.line("  in.pcap ──▶ net_pcap0 ──▶ router (time to live, addresses) ──▶ net_pcap1 ──▶ out.pcap%n");
        once(in, out, packets);
        flatOut(in);
        screen.line("%nLook at what came out:  tcpdump -nr %s", out);
        // when it starts testpmd throws away what waits, as DPDK's does, and that is the whole file
        screen.line("The same by DPDK's words: ./penstock testpmd --no-huge --vdev net_pcap0,rx_pcap=%s,tx_pcap=/tmp/out.pcap"
                + " -- -i --auto-start --no-flush-rx", in);
        screen.line("What this machine can do: ./penstock doctor");
    }

    private static int traffic(Path file) throws IOException {
        try {
            return DemoTraffic.write(file);
        } catch (FileSystemException e) {
            throw e;
        } catch (IOException e) {
            // a full disk has no name for itself
            throw new IOException(file + ": " + e.getMessage() + "; name another folder with --output", e);
        }
    }

    private void once(Path in, Path out, int packets) throws InterruptedException {
        try (Eal eal = Eal.start("--no-huge", "--in-memory", "--no-telemetry", "--log-level", "error"); Ports ports = new Ports(eal)) {
            MbufPool pool = MbufPool.create(eal, "demo", POOL, 250, MbufPool.DEFAULT_DATA_ROOM, -1);
            Port from = open(ports, "net_pcap0,rx_pcap=" + in, pool);
            Port to = open(ports, "net_pcap1,tx_pcap=" + out, pool);
            Router router = new Router(from, to);
            Lcore lcore = lcore(eal);
            lcore.launch(self -> router.run(self, true));
            lcore.await();
            screen.line("1. Each packet of the file once");
            screen.line("   %s in, %s out, %s lost", Screen.count(from.stats().rxPackets()), Screen.count(to.stats().txPackets()),
                    Screen.count(packets - to.stats().txPackets()));
            for (Router.Kind kind : Router.Kind.values()) {
                if (router.count(kind) > 0) {
                    double share = (double) router.count(kind) / packets;
                    screen.line("   %-7s %5s  %3.0f %%  %s", kind.name().toLowerCase(), Screen.count(router.count(kind)), share * 100,
                            Screen.bar(share));
                }
            }
        }
    }

    private void flatOut(Path in) throws InterruptedException {
        try (Eal eal = Eal.start("--no-huge", "--in-memory", "--no-telemetry", "--log-level", "error"); Ports ports = new Ports(eal)) {
            MbufPool pool = MbufPool.create(eal, "demo", POOL, 250, MbufPool.DEFAULT_DATA_ROOM, -1);
            Port from = open(ports, "net_pcap0,rx_pcap=" + in + ",infinite_rx=1", pool);
            Port to = open(ports, "net_null0", pool);
            Router router = new Router(from, to);
            Lcore lcore = lcore(eal);
            screen.line("%n2. The same traffic again and again for %d s, on one core", seconds);
            long collections = collections();
            long begun = System.nanoTime();
            lcore.launch(self -> router.run(self, false));
            double best = 0;
            long before = 0;
            long beforeBytes = 0;
            long at = begun;
            for (int tenth = 1; tenth <= seconds * 10; tenth++) {
                Thread.sleep(100);
                if (tenth % 5 != 0) {
                    continue;
                }
                long now = System.nanoTime();
                long sent = to.stats().txPackets();
                long bytes = to.stats().txBytes();
                double mpps = (sent - before) * 1e3 / (now - at);
                best = Math.max(best, mpps);
                String text = String.format("   %4.1f s %7.2f Mpps %7.1f Gbit/s  ", (now - begun) / 1e9, mpps, (bytes - beforeBytes) * 8.0 / (now - at));
                if (tenth % 10 == 0) {
                    screen.settle();
                    screen.line("%s%s", text, Screen.bar(mpps / best * 0.75));
                } else {
                    screen.live("%s%s", text, Screen.bar(mpps / best * 0.75));
                }
                before = sent;
                beforeBytes = bytes;
                at = now;
            }
            eal.requestStop();
            lcore.await();
            summary(from, to, router, System.nanoTime() - begun, collections() - collections);
        }
    }

    private void summary(Port from, Port to, Router router, long ns, long collections) {
        long received = from.stats().rxPackets();
        long sent = to.stats().txPackets();
        double perPacketNs = (double) ns / sent;
        screen.line("%n   %s packets in %.1f s: %.1f million a second, %.0f ns (about %.0f cycles) each", Screen.count(sent), ns / 1e9,
                1e3 / perPacketNs, perPacketNs, perPacketNs * Clock.hz() / 1e9);
        long lost = received - sent;
        screen.line("   received %s = sent %s + time to live over %s + refused %s%s", Screen.count(received), Screen.count(sent),
                Screen.count(router.expired()), Screen.count(router.refused()),
                lost == router.expired() + router.refused() ? ": every packet accounted for" : ": THAT DOES NOT ADD UP");
        screen.line("   garbage collections meanwhile: %d", collections);
    }

    private static long collections() {
        return java.lang.management.ManagementFactory.getGarbageCollectorMXBeans().stream().mapToLong(b -> b.getCollectionCount()).sum();
    }

    static Lcore lcore(Eal eal) {
        return eal.workers().isEmpty() ? eal.mainLcore() : eal.workers().getLast();
    }

    static Port open(Ports ports, String device, MbufPool pool) {
        Port port = ports.attach(device);
        port.configure(PortConfig.of(1, 1));
        port.setupRxQueue(0, RxQueueConfig.of(pool));
        port.setupTxQueue(0, TxQueueConfig.DEFAULT);
        port.start();
        return port;
    }
}
