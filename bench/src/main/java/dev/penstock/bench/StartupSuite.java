package dev.penstock.bench;

import dev.penstock.bench.report.Row;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** From the command to forwarding. */
final class StartupSuite implements Suite {
    private static final String ROW = "to forwarding";
    private static final String FORWARDING = "packet forwarding - ports=";

    @Override
    public String name() {
        return "startup";
    }

    @Override
    public String about() {
        return "milliseconds from the command until testpmd forwards between two null ports";
    }

    @Override
    public List<String> rowNames(Bench bench) {
        return List.of(ROW);
    }

    @Override
    public List<Row> run(Bench bench) throws IOException, InterruptedException {
        List<String> arguments = List.of("-l", bench.lcores(), "--no-pci", "--in-memory", "--vdev", "net_null0", "--vdev", "net_null1",
                "--", "--forward-mode=io", "--stats-period", "1");
        Path dpdk = Bench.find("dpdk-testpmd");
        // The first run after a build makes the launcher's AOT cache; it is not the one that users wait for each time.
        untilForwarding(List.of(bench.launcher().toString(), "testpmd"), arguments);
        return List.of(bench.compare(name(), ROW, "ms", false, String.join(" ", arguments),
                () -> untilForwarding(List.of(bench.launcher().toString(), "testpmd"), arguments),
                dpdk == null ? null : () -> untilForwarding(List.of(dpdk.toString()), arguments)));
    }

    private static Bench.Sample untilForwarding(List<String> program, List<String> arguments) throws IOException, InterruptedException {
        List<String> command = new ArrayList<>(program);
        command.addAll(arguments);
        long begun = System.nanoTime();
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        try (BufferedReader in = process.inputReader()) {
            for (String line = in.readLine(); line != null; line = in.readLine()) {
                if (line.contains(FORWARDING)) {
                    return new Bench.Sample((System.nanoTime() - begun) / 1e6, Testpmd.workload(List.of(line)));
                }
            }
            throw new IOException("never forwarded: " + String.join(" ", command));
        } finally {
            process.destroyForcibly().waitFor();
        }
    }
}
