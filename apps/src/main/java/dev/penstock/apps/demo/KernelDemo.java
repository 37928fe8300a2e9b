package dev.penstock.apps.demo;

import dev.penstock.eal.Eal;
import dev.penstock.eal.Lcore;
import dev.penstock.ethdev.Port;
import dev.penstock.ethdev.Ports;
import dev.penstock.linux.Netns;
import dev.penstock.mbuf.Mbuf;
import dev.penstock.mbuf.MbufPool;
import java.io.IOException;
import java.util.List;

/** Two kernel hosts that know nothing of each other but through a forwarder of ours. */
final class KernelDemo {
    private static final int BURST = 32;

    private final Screen screen;
    private final int seconds;

    KernelDemo(Screen screen, int seconds) {
        this.screen = screen;
        this.seconds = seconds;
    }

    void run() throws IOException, InterruptedException {
        screen.line("Penstock demo: two network namespaces, and a forwarder between them.%n");
        screen.line("  host a %s ──▶ net_af_packet0 ──▶ forwarder ──▶ net_af_packet1 ──▶ host b %s%n", DemoNetwork.ADDRESS_A,
                DemoNetwork.ADDRESS_B);
        try (DemoNetwork network = new DemoNetwork()) {
            forward(network);
        }
        screen.line("The namespaces are gone again.");
    }

    private void forward(DemoNetwork network) throws IOException, InterruptedException {
        try (Eal eal = Eal.start("--in-memory", "--no-telemetry", "--log-level", "error")) {
            Ports ports = new Ports(eal);
            MbufPool pool = MbufPool.create(eal, "demo", 8191, 250, MbufPool.DEFAULT_DATA_ROOM, -1);
            Port[] pair = network.middle().within(() -> new Port[] {
                MemoryDemo.open(ports, "net_af_packet0,iface=port-a,framecnt=4096", pool),
                MemoryDemo.open(ports, "net_af_packet1,iface=port-b,framecnt=4096", pool),
            });
            Lcore lcore = MemoryDemo.lcore(eal);
            lcore.launch(self -> {
                Mbuf[] burst = new Mbuf[BURST];
                while (!self.stopRequested()) {
                    pass(pair[0], pair[1], burst);
                    pass(pair[1], pair[0], burst);
                }
                return 0;
            });
            try {
                screen.line("1. ping from a to b");
                tool(network.a(), List.of("ping", "-c", "3", "-i", "0.3", DemoNetwork.ADDRESS_B));
                screen.line("%n2. iperf3 from a to b for %d s", seconds);
                iperf(network);
            } finally {
                eal.requestStop();
                lcore.await();
                screen.line("%n   a to b: %s packets, b to a: %s packets; refused: %s; missed: %s",
                        Screen.count(pair[1].stats().txPackets()), Screen.count(pair[0].stats().txPackets()), Screen.count(refused),
                        Screen.count(pair[0].stats().rxMissed() + pair[1].stats().rxMissed()));
                ports.close();
            }
        }
    }

    private long refused;

    private void pass(Port from, Port to, Mbuf[] burst) {
        int n = from.rxBurst(0, burst, BURST);
        if (n == 0) {
            return;
        }
        int sent = to.txBurst(0, burst, 0, n);
        if (sent < n) {
            Mbuf.freeBulk(burst, sent, n - sent);
            refused += n - sent;
        }
    }

    private void iperf(DemoNetwork network) throws IOException, InterruptedException {
        Process server = network.b().within(() -> new ProcessBuilder("iperf3", "-s", "-1", "-B", DemoNetwork.ADDRESS_B)
                .redirectErrorStream(true).redirectOutput(ProcessBuilder.Redirect.DISCARD).start());
        try {
            Thread.sleep(500);
            tool(network.a(), List.of("iperf3", "-c", DemoNetwork.ADDRESS_B, "-t", Integer.toString(seconds), "-f", "m"));
        } finally {
            server.destroyForcibly().waitFor();
        }
    }

    private void tool(Netns host, List<String> command) throws IOException, InterruptedException {
        Process process;
        try {
            process = host.within(() -> new ProcessBuilder(command).redirectErrorStream(true).start());
        } catch (IllegalStateException e) {
            throw new IOException(command.getFirst() + " is not installed; sudo apt-get install iputils-ping iperf3", e);
        }
        try (var lines = process.inputReader()) {
            for (String line = lines.readLine(); line != null; line = lines.readLine()) {
                if (!line.isBlank()) {
                    screen.line("   %s", line);
                }
            }
        }
        if (process.waitFor() != 0) {
            throw new IOException("'" + String.join(" ", command) + "' failed with exit code " + process.exitValue());
        }
    }
}
