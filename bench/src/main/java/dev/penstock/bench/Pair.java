package dev.penstock.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.BiFunction;

/**
 * Two testpmds on a local socket, that run when they are told to and stand still else, so that several such pairs share two
 * processors in turn: the one that listens forwards on the first, the other on the last.
 */
final class Pair implements Contestant {
    /** How long a start takes, with what is thrown away. */
    static final int START_SECONDS = 8;

    private static final int READY_SECONDS = 20;
    private static final long LOOK_MS = 100;

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

    private final Path folder = Scratch.folder("pair");
    private final Way way;
    private Prompt server;
    private Prompt client;

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
            server = new Prompt(command(bench, ourServer, device.apply(socket, true), true, frame));
            server.awaitForwarding();
            client = new Prompt(command(bench, ourClient, device.apply(socket, false), false, frame));
            if (way != Way.LOOP) {
                client.awaitForwarding();
            }
            awaitPackets();
            receiver().warmUp(1, "Rx");
            Prompt.signal("STOP", server, client);
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

    private List<String> command(Bench bench, boolean ours, String device, boolean isServer, int frame) {
        List<String> all = new ArrayList<>(Prompt.program(bench, ours));
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
    private Prompt receiver() {
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
            client.awaitForwarding();
        }
    }

    private double pps() throws IOException {
        return receiver().pps(1, "Rx");
    }

    @Override
    public double slice(long ms) throws IOException, InterruptedException {
        Prompt.signal("CONT", server, client);
        Thread.sleep(SETTLE_MS);
        pps();
        Thread.sleep(ms);
        double now = pps();
        Prompt.signal("STOP", server, client);
        return now / 1e6;
    }

    @Override
    public String said() {
        return Testpmd.workload(server.lines) + " / " + Testpmd.workload(client.lines);
    }

    @Override
    public long frameBytes() {
        return Testpmd.frameBytes(receiver().lines, "Rx");
    }

    @Override
    public void close() throws IOException {
        for (Prompt side : new Prompt[] {client, server}) {
            if (side != null) {
                side.close();
            }
        }
        Files.deleteIfExists(folder.resolve("s"));
        Files.deleteIfExists(folder);
    }
}
