package dev.penstock.bench;

import dev.penstock.threads.AtExit;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.Writer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

/** A testpmd that is told at its prompt what to do, with what it printed; it goes with the bench, however that ends. */
final class Prompt implements AutoCloseable {
    private static final int LIMIT_SECONDS = 600;
    private static final long WARM_UP_MS = 5000;
    private static final long PAUSE_MS = 10;

    final List<String> lines = new ArrayList<>();
    private final Process process;
    private final BufferedReader out;
    private final Writer in;
    private final AtExit undo;

    Prompt(List<String> command) throws IOException {
        process = new ProcessBuilder(command).redirectErrorStream(true).start();
        undo = new AtExit(process::destroyForcibly);
        CompletableFuture.delayedExecutor(LIMIT_SECONDS, TimeUnit.SECONDS).execute(process::destroyForcibly);
        out = process.inputReader(StandardCharsets.ISO_8859_1);
        in = process.outputWriter(StandardCharsets.ISO_8859_1);
    }

    /** @return the command that starts a testpmd whose lines come one by one */
    static List<String> program(Bench bench, boolean ours) {
        return ours ? List.of(bench.launcher().toString(), "testpmd")
                // its output would come in blocks
                : List.of("stdbuf", "-oL", Bench.find("dpdk-testpmd").toString());
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

    /** Waits until it says what it forwards. */
    void awaitForwarding() throws IOException {
        await("packets/burst=");
    }

    void say(String command) throws IOException {
        in.write(command + "\n");
        in.flush();
    }

    /**
     * Asks for the rates since it was asked last, by its own clock.
     *
     * @param ports how many it has
     * @param side {@code Rx} or {@code Tx}
     * @return packets a second, all ports together
     */
    double pps(int ports, String side) throws IOException {
        say("show port stats all");
        double sum = 0;
        for (int i = 0; i < ports; i++) {
            // Rx first, then Tx, a line each
            sum += Testpmd.eachRate(List.of(await(side + "-pps")), side)[0];
        }
        return sum;
    }

    /**
     * Asks for them for a while, so that what answers is compiled: else the JIT does that on somebody's processor while it counts.
     *
     * @param ports how many it has
     * @param side {@code Rx} or {@code Tx}
     */
    void warmUp(int ports, String side) throws IOException, InterruptedException {
        long end = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(WARM_UP_MS);
        while (System.nanoTime() < end) {
            pps(ports, side);
            Thread.sleep(PAUSE_MS);
        }
    }

    /** Has them go on, or stand still. */
    static void signal(String name, Prompt... all) throws IOException, InterruptedException {
        Peers.signal(name, Arrays.stream(all).map(prompt -> prompt.process).toArray(Process[]::new));
    }

    @Override
    public void close() {
        process.destroyForcibly().onExit().join();
        undo.close();
    }
}
