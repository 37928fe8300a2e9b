package dev.penstock.bench;

import dev.penstock.bench.report.Row;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/**
 * Many points of a curve from one testpmd, ours or DPDK's, which is told at its prompt what to forward next: a process for
 * each would spend most of its time on starting.
 *
 * @param arguments EAL arguments, {@code --}, testpmd arguments
 * @param points the commands before each start, by row
 */
record Sweep(List<String> arguments, Map<String, List<String>> points) {
    /** Thrown away at the start of each point, and of the process, in which ours compiles. */
    private static final long WARM_UP_MS = 400;
    private static final long FIRST_MS = 1500;
    private static final int READY_SECONDS = 20;
    private static final String START = " packet forwarding - ports=";

    /**
     * Both testpmds in turn.
     *
     * @param bench how it is run
     * @param suite the rows' suite
     * @return the rows that are wanted, in millions of packets a second
     * @throws IOException when one says nothing that can be read
     * @throws InterruptedException when ended from outside
     */
    List<Row> rows(Bench bench, String suite) throws IOException, InterruptedException {
        Map<String, List<String>> wanted = new LinkedHashMap<>(points);
        wanted.keySet().removeIf(row -> !bench.wants(row));
        if (wanted.isEmpty()) {
            return List.of();
        }
        Sweep sweep = new Sweep(arguments, wanted);
        Path dpdk = Bench.find("dpdk-testpmd");
        return bench.table(suite, "Mpps", true, "DPDK", String.join(" ", arguments) + "; one process, told what to forward",
                () -> sweep.run(List.of(bench.launcher().toString(), "testpmd"), bench),
                // its output would come in blocks
                dpdk == null ? null : () -> sweep.run(List.of("stdbuf", "-oL", dpdk.toString()), bench));
    }

    private static long milliseconds(Bench bench) {
        return bench.quick() ? 400 : 600L * bench.seconds();
    }

    /**
     * Runs once through all points.
     *
     * @param program the command that starts it
     * @param bench how long
     * @return millions of packets a second, all ports together, and what ran, by row
     * @throws IOException when it says nothing that can be read
     * @throws InterruptedException when ended from outside
     */
    Map<String, Bench.Sample> run(List<String> program, Bench bench) throws IOException, InterruptedException {
        List<String> command = new ArrayList<>(program);
        command.addAll(arguments);
        Path log = Scratch.file("output", ".txt");
        try {
            Process process = new ProcessBuilder(command).redirectErrorStream(true).redirectOutput(log.toFile()).start();
            Bench.guarded(process, () -> {
                try (var prompt = process.outputWriter()) {
                    long warmUp = FIRST_MS;
                    int starts = 0;
                    for (List<String> commands : points.values()) {
                        for (String line : commands) {
                            prompt.write(line + "\n");
                        }
                        prompt.write("start\n");
                        prompt.flush();
                        await(process, log, ++starts, warmUp);
                        prompt.write("show port stats all\n");
                        prompt.flush();
                        Thread.sleep(milliseconds(bench));
                        prompt.write("show port stats all\nstop\n");
                        warmUp = WARM_UP_MS;
                    }
                    prompt.write("quit\n");
                }
                return process.waitFor(10, TimeUnit.SECONDS);
            });
            return read(Files.readAllLines(log, StandardCharsets.ISO_8859_1), List.copyOf(points.keySet()));
        } finally {
            Files.delete(log);
        }
    }

    /** Waits until the program has started as often as this, and then on. */
    private static void await(Process process, Path log, int starts, long ms) throws IOException, InterruptedException {
        long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(READY_SECONDS);
        while (Files.readAllLines(log, StandardCharsets.ISO_8859_1).stream().filter(l -> l.contains(START)).count() < starts) {
            if (!process.isAlive() || System.nanoTime() > end) {
                throw new IOException("did not start for the " + starts + ". time:\n" + Testpmd.tail(Files.readAllLines(log, StandardCharsets.ISO_8859_1)));
            }
            Thread.sleep(10);
        }
        Thread.sleep(ms);
    }

    /**
     * Reads what it printed: for each start what it forwards, and the statistics twice; the second time counts.
     *
     * @param lines what it printed
     * @param names the rows, in the order in which they were started
     * @return millions of packets a second, and what ran, by row
     * @throws IOException when some were not measured
     */
    static Map<String, Bench.Sample> read(List<String> lines, List<String> names) throws IOException {
        Map<String, Bench.Sample> rows = new LinkedHashMap<>();
        for (int from = 0, to; from < lines.size(); from = to) {
            to = from + 1;
            while (to < lines.size() && !lines.get(to).contains(START)) {
                to++;
            }
            List<String> run = lines.subList(from, to);
            double[] rates = Testpmd.eachRate(run, "Rx");
            if (run.getFirst().contains(START) && rates.length >= 2) {
                double[] second = Arrays.copyOfRange(rates, rates.length / 2, rates.length);
                String name = names.get(Math.min(rows.size(), names.size() - 1));
                // what was counted before the second time only
                List<String> shown = run.subList(last(run, rates.length / 2), run.size());
                rows.put(name, new Bench.Sample(Arrays.stream(second).sum() / 1e6, Testpmd.workload(run), Testpmd.frameBytes(shown, "Rx")));
            }
        }
        if (rows.size() != names.size()) {
            throw new IOException(rows.size() + " of " + names.size() + " rates in what this printed:\n" + Testpmd.tail(lines));
        }
        return rows;
    }

    /** Where the last so many ports begin to be shown. */
    private static int last(List<String> run, int ports) {
        int at = run.size();
        for (int left = ports; left > 0;) {
            left -= run.get(--at).contains("Rx-pps:") ? 1 : 0;
        }
        return at;
    }
}
