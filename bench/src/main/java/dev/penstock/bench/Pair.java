package dev.penstock.bench;

import dev.penstock.threads.AtExit;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.Writer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.BiFunction;

/**
 * Two testpmds on a local socket, that run when they are told to and stand still else, so that several such pairs share two
 * processors in turn: the one that listens forwards on the first, the other on the last.
 */
final class Pair implements AutoCloseable {
    /** How long a start takes, with what is thrown away. */
    static final int START_SECONDS = 8;

    private static final int LIMIT_SECONDS = 600;
    private static final int READY_SECONDS = 20;
    private static final long WARM_UP_MS = 5000;
    /** After a rest, until caches and clocks are as they were. */
    private static final long SETTLE_MS = 25;
    private static final long LOOK_MS = 100;
    private static final String FORWARDS = "packets/burst=";

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

    /** A testpmd, with what it printed. */
    private static final class Side {
        final Process process;
        final BufferedReader out;
        final Writer prompt;
        final List<String> lines = new ArrayList<>();

        Side(List<String> command) throws IOException {
            process = new ProcessBuilder(command).redirectErrorStream(true).start();
            CompletableFuture.delayedExecutor(LIMIT_SECONDS, TimeUnit.SECONDS).execute(process::destroyForcibly);
            out = process.inputReader(StandardCharsets.ISO_8859_1);
            prompt = process.outputWriter(StandardCharsets.ISO_8859_1);
        }

        /** Reads up to the line in which something stands. */
        String await(String text) throws IOException {
            for (String line = out.readLine(); line != null; line = out.readLine()) {
                lines.add(line);
                if (line.contains(text)) {
                    return line;
                }
            }
            throw new IOException("a testpmd ended before it printed '" + text + "'\n" + Testpmd.tail(lines));
        }

        void say(String command) throws IOException {
            prompt.write(command + "\n");
            prompt.flush();
        }
    }

    private final Path folder = Scratch.folder("pair");
    private final List<AtExit> undo = new ArrayList<>();
    private final Way way;
    private Side server;
    private Side client;

    /**
     * Starts a pair, lets it run for a while and has it stand still.
     *
     * @param bench how it is run
     * @param ourServer whether the side that listens is ours
     * @param ourClient whether the side that connects is ours
     * @param device device arguments for a socket; true for the side that listens
     * @param way which way packets go
     * @param frame bytes with check sequence
     * @throws IOException when no packets come
     * @throws InterruptedException when ended from outside
     */
    Pair(Bench bench, boolean ourServer, boolean ourClient, BiFunction<Path, Boolean, String> device, Way way, int frame)
            throws IOException, InterruptedException {
        this.way = way;
        Path socket = folder.resolve("s");
        try {
            server = start(command(bench, ourServer, device.apply(socket, true), true, frame));
            server.await(FORWARDS);
            client = start(command(bench, ourClient, device.apply(socket, false), false, frame));
            if (way != Way.LOOP) {
                client.await(FORWARDS);
            }
            awaitPackets();
            Thread.sleep(WARM_UP_MS);
            Peers.signal("STOP", server.process, client.process);
        } catch (IOException | InterruptedException e) {
            close();
            throw e;
        }
    }

    static String workload(BiFunction<Path, Boolean, String> device, Way way, int frame) {
        Path socket = Path.of("s");
        return device.apply(socket, true) + " " + way.server + "; " + device.apply(socket, false) + " " + way.client + "; " + frame
                + " B with check sequence; a core each";
    }

    private Side start(List<String> command) throws IOException {
        Side side = new Side(command);
        undo.add(new AtExit(side.process::destroyForcibly));
        return side;
    }

    private List<String> command(Bench bench, boolean ours, String device, boolean isServer, int frame) {
        List<String> all = new ArrayList<>();
        if (ours) {
            all.addAll(List.of(bench.launcher().toString(), "testpmd"));
        } else {
            all.addAll(List.of("stdbuf", "-oL", Bench.find("dpdk-testpmd").toString()));
        }
        int mine = isServer ? bench.firstCpu() : bench.lastCpu();
        int other = isServer ? bench.lastCpu() : bench.firstCpu();
        all.addAll(List.of("--lcores", "0@" + other + ",1@" + mine, "--no-pci", "--in-memory", "--single-file-segments",
                "--no-telemetry", "--vdev=" + device, "--", "-i", "--total-num-mbufs=16384", "--port-topology=loop",
                "--txpkts=" + (frame - Tester.CRC), "--forward-mode=" + (isServer ? way.server : way.client)));
        if (isServer || way != Way.LOOP) {
            all.add("--auto-start");
        }
        return all;
    }

    /** The side that receives, or in a loop began it. */
    private Side receiver() {
        return way == Way.TO_SERVER ? server : client;
    }

    /**
     * In a loop as many packets as the rings hold, so that both sides are busy: once more when the link is there, which may have
     * come in the middle of the last ones, so that but few of them went out.
     */
    private void awaitPackets() throws IOException, InterruptedException {
        long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(READY_SECONDS);
        do {
            if (System.nanoTime() > end) {
                throw new IOException("no packets came\n" + Testpmd.tail(server.lines) + "\n" + Testpmd.tail(client.lines));
            }
            fill();
            pps();
            Thread.sleep(LOOK_MS);
        } while (pps() == 0);
        fill();
    }

    private void fill() throws IOException {
        if (way == Way.LOOP) {
            client.say("stop");
            // what did not begin is not what ran
            client.lines.clear();
            client.say("start tx_first 32");
            client.await(FORWARDS);
        }
    }

    /** What it received since it was asked last, by its own clock. */
    private double pps() throws IOException {
        receiver().say("show port stats 0");
        return Testpmd.eachRate(List.of(receiver().await("Rx-pps")), "Rx")[0];
    }

    /**
     * Runs for a moment.
     *
     * @param ms how long it is measured, behind a start that is not
     * @return millions of packets a second
     * @throws IOException when it ended
     * @throws InterruptedException when ended from outside
     */
    double slice(long ms) throws IOException, InterruptedException {
        Peers.signal("CONT", server.process, client.process);
        Thread.sleep(SETTLE_MS);
        pps();
        Thread.sleep(ms);
        double now = pps();
        Peers.signal("STOP", server.process, client.process);
        return now / 1e6;
    }

    /** @return what both programs say that they forward */
    String said() {
        return Testpmd.workload(server.lines) + " / " + Testpmd.workload(client.lines);
    }

    /** @return the mean length of the frames received */
    long frameBytes() {
        return Testpmd.frameBytes(receiver().lines, "Rx");
    }

    @Override
    public void close() throws IOException {
        for (Side side : new Side[] {client, server}) {
            if (side != null) {
                side.process.destroyForcibly().onExit().join();
            }
        }
        undo.forEach(AtExit::close);
        Files.deleteIfExists(folder.resolve("s"));
        Files.deleteIfExists(folder);
    }
}
