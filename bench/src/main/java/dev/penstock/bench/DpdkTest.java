package dev.penstock.bench;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Runs DPDK 22.11's own performance tests (program dpdk-test) and reads what they print. */
final class DpdkTest {
    private static final Pattern RING = Pattern.compile(
            "legacy APIs: (SP/SC|MP/MC): (single|burst|bulk)(?: \\(size: (\\d+)\\))?: ([0-9.]+)");

    private DpdkTest() {}

    /**
     * Runs one test to its end.
     *
     * @param lcores the EAL's core list
     * @param test its name, such as ring_perf_autotest
     * @param seconds after which it is ended
     * @return what it printed, line by line
     * @throws IOException when it can't be started
     * @throws InterruptedException when ended from outside
     */
    static List<String> run(String lcores, String test, int seconds) throws IOException, InterruptedException {
        Path output = Files.createTempFile("penstock-bench", ".txt");
        Process process = new ProcessBuilder(Bench.find("dpdk-test").toString(), "-l", lcores, "--no-pci", "--no-telemetry",
                "--no-huge", "-m", "512", "--file-prefix", "penstockbench" + ProcessHandle.current().pid())
                .redirectErrorStream(true).redirectOutput(output.toFile()).start();
        try {
            try (var in = process.outputWriter()) {
                in.write(test + "\nquit\n");
            }
            process.waitFor(seconds, TimeUnit.SECONDS);
        } finally {
            process.destroyForcibly().waitFor();
        }
        List<String> lines = Files.readAllLines(output, StandardCharsets.ISO_8859_1);
        Files.delete(output);
        return lines;
    }

    /**
     * The pointer rows of ring_perf_autotest, by the names that {@link RingBench} uses.
     *
     * @param lines what the test printed
     * @return cycles, by row
     */
    static Map<String, Double> ring(List<String> lines) {
        Map<String, Double> rows = new LinkedHashMap<>();
        String section = "";
        for (String line : lines) {
            if (line.startsWith("### Testing")) {
                section = line.contains("empty") ? "empty " : line.contains("two physical cores") ? "2 cores " : "1 core ";
            }
            Matcher m = RING.matcher(line);
            if (m.find()) {
                String size = m.group(3) == null ? "" : " " + m.group(3);
                rows.putIfAbsent(section + m.group(1) + " " + m.group(2) + size, Double.parseDouble(m.group(4)));
            }
        }
        return rows;
    }

    /** The last lines, for an error message. */
    static String tail(List<String> lines) {
        return String.join("\n", new ArrayList<>(lines.subList(Math.max(0, lines.size() - 10), lines.size())));
    }
}
