package dev.penstock.bench;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.BiFunction;

/**
 * One run of two testpmds on a local socket: the one that listens forwards on the first core, the other on the last. The
 * rate is what the receiving side receives; in a loop, what the connecting side does. It is the greatest of the run's seconds:
 * where a hypervisor moves the two processors to and from each other, the rate changes several times over within a run, and the
 * best second is that in which they are near each other.
 *
 * @param bench how it is run
 * @param ourServer whether the side that listens is ours
 * @param ourClient whether the side that connects is ours
 * @param device device arguments for a socket; true for the side that listens
 * @param way which way packets go
 * @param frame bytes with check sequence
 */
record Pair(Bench bench, boolean ourServer, boolean ourClient, BiFunction<Path, Boolean, String> device, Way way, int frame) {
    /** Start and end of a run. */
    static final int OVERHEAD_SECONDS = 4;
    private static final int READY_SECONDS = 20;
    private static final long LINK_MS = 1500;
    private static final String SAMPLE = "Port statistics ====";

    /** Which way packets go. */
    enum Way {
        TO_CLIENT("txonly", "rxonly"), TO_SERVER("rxonly", "txonly"), LOOP("io", "io");

        final String server;
        final String client;

        Way(String server, String client) {
            this.server = server;
            this.client = client;
        }
    }

    static String workload(BiFunction<Path, Boolean, String> device, Way way, int frame) {
        Path socket = Path.of("s");
        return device.apply(socket, true) + " " + way.server + "; " + device.apply(socket, false) + " " + way.client + "; " + frame
                + " B with check sequence; a core each";
    }

    /** Runs once: millions of packets a second, and what both programs say that they forward. */
    Bench.Sample run() throws IOException, InterruptedException {
        Path folder = Files.createTempDirectory("penstock-pair");
        Path socket = folder.resolve("s");
        Path serverLog = folder.resolve("server");
        Path clientLog = folder.resolve("client");
        try {
            Process server = start(command(true, socket), serverLog);
            return Bench.guarded(server, () -> {
                await(server, serverLog, 1);
                Process client = start(command(false, socket), clientLog);
                return Bench.guarded(client, () -> {
                    Path log = way == Way.TO_SERVER ? serverLog : clientLog;
                    double mpps = rate(client, log);
                    return new Bench.Sample(mpps, Testpmd.workload(lines(serverLog)) + " / " + Testpmd.workload(lines(clientLog)),
                            Testpmd.frameBytes(lines(log), "Rx"));
                });
            });
        } catch (IOException e) {
            throw new IOException(e.getMessage() + "\n" + tail(serverLog) + "\n" + tail(clientLog), e);
        } finally {
            for (Path path : List.of(socket, serverLog, clientLog, folder)) {
                Files.deleteIfExists(path);
            }
        }
    }

    private double rate(Process client, Path log) throws IOException, InterruptedException {
        if (way == Way.LOOP) {
            var prompt = client.outputWriter();
            // its link may take a moment to come up; then as many as the rings hold, so that both sides are busy
            Thread.sleep(LINK_MS);
            prompt.write("start tx_first 32\n");
            for (int i = 0; i <= Bench.WARM_UP_SECONDS + bench.seconds(); i++) {
                prompt.write("show port stats 0\n");
                prompt.flush();
                Thread.sleep(1000);
            }
            prompt.write("quit\n");
            prompt.flush();
            client.waitFor();
        } else {
            int idle = lines(log).stream().filter(l -> l.contains(SAMPLE)).toList().size();
            await(client, log, (way == Way.TO_SERVER ? idle : 0) + Bench.WARM_UP_SECONDS + 2 + bench.seconds());
        }
        double[] rates = way == Way.LOOP ? Testpmd.eachRate(lines(log), "Rx") : Testpmd.rates(lines(log), "Rx");
        // the last may be of a part of a second
        int end = way == Way.LOOP ? rates.length : rates.length - 1;
        if (end < bench.seconds()) {
            throw new IOException("no rates");
        }
        return Arrays.stream(rates, end - bench.seconds(), end).max().orElseThrow() / 1e6;
    }

    private List<String> command(boolean server, Path socket) {
        List<String> all = new ArrayList<>();
        if (server ? ourServer : ourClient) {
            all.addAll(List.of(bench.launcher().toString(), "testpmd"));
        } else {
            all.addAll(List.of("stdbuf", "-oL", Bench.find("dpdk-testpmd").toString()));
        }
        int mine = server ? bench.firstCpu() : bench.lastCpu();
        int other = server ? bench.lastCpu() : bench.firstCpu();
        all.addAll(List.of("--lcores", "0@" + other + ",1@" + mine, "--no-pci", "--in-memory", "--single-file-segments",
                "--no-telemetry", "--vdev=" + device.apply(socket, server), "--", "--total-num-mbufs=16384", "--port-topology=loop",
                "--txpkts=" + (frame - Tester.CRC), "--forward-mode=" + (server ? way.server : way.client)));
        all.addAll(way == Way.LOOP && !server ? List.of("-i") : List.of("--stats-period=1", "--auto-start"));
        return all;
    }

    private static Process start(List<String> command, Path log) throws IOException {
        return new ProcessBuilder(command).redirectErrorStream(true).redirectOutput(log.toFile()).start();
    }

    private static void await(Process process, Path log, int samples) throws IOException, InterruptedException {
        long end = System.nanoTime() + READY_SECONDS * 1_000_000_000L;
        while (lines(log).stream().filter(l -> l.contains(SAMPLE)).count() < samples) {
            if (!process.isAlive() || System.nanoTime() > end) {
                throw new IOException("a testpmd never forwarded");
            }
            Thread.sleep(20);
        }
    }

    private static List<String> lines(Path log) throws IOException {
        return Files.exists(log) ? Files.readAllLines(log, StandardCharsets.ISO_8859_1) : List.of();
    }

    private static String tail(Path log) throws IOException {
        List<String> all = lines(log);
        return String.join("\n", all.subList(Math.max(0, all.size() - 12), all.size()));
    }
}
