package dev.penstock.bench;

import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The first second: packets missed, and until when the rate was below full, at a fixed offered load; cold, with the
 * AOT cache, with the warm-up, and with both. DPDK's null port offers no fixed load, so ours stands alone.
 */
final class WarmupSuite implements Suite {
    private static final Pattern LAST = Pattern.compile("First second: .* slower until (\\d+) ms, missed (\\d+) of (\\d+), lcores waited (\\d+) us");
    private static final int PORT_RATE = 1_000_000;

    @Override
    public String name() {
        return "warmup";
    }

    @Override
    public String about() {
        return "packets missed in the first second of testpmd csum at 2 Mpps, with and without AOT cache and warm-up";
    }

    @Override
    public int seconds(Bench bench) {
        return 4 * 5 * bench.repetitions();
    }

    @Override
    public List<Row> run(Bench bench) throws IOException, InterruptedException {
        List<String> arguments = List.of("-l", bench.lcores(), "--no-pci", "--in-memory", "--no-telemetry", "--vdev",
                "net_null0,rate=" + PORT_RATE, "--vdev", "net_null1,rate=" + PORT_RATE, "--", "--forward-mode=csum", "--no-flush-rx",
                "--first-second", "--stats-period", "9");
        return bench.table(name(), "as named", false, "none", String.join(" ", arguments), () -> {
            Map<String, Double> rows = new LinkedHashMap<>();
            for (boolean aot : new boolean[] {false, true}) {
                for (boolean warm : new boolean[] {false, true}) {
                    String name = (aot ? "AOT cache" : "no AOT cache") + (warm ? ", warm-up" : ", no warm-up");
                    measure(bench, arguments, aot, warm, name, rows);
                }
            }
            return Bench.Sample.all(rows, "");
        }, null);
    }

    private static void measure(Bench bench, List<String> arguments, boolean aot, boolean warm, String name, Map<String, Double> rows)
            throws IOException, InterruptedException {
        // The launcher leaves its cache alone when there are other flags; one that does nothing will do.
        List<String> command = new ArrayList<>(List.of("env", "PENSTOCK_JVM=" + (aot ? "" : "-Dpenstock.bench=cold"),
                bench.launcher().toString(), "testpmd"));
        command.addAll(arguments);
        if (warm) {
            command.add("--warm-up=2000");
        }
        List<String> lines = Bench.runFor(command, 4);
        for (String line : lines) {
            Matcher m = LAST.matcher(line);
            if (m.find()) {
                rows.put(name + ": ms below full rate", Double.parseDouble(m.group(1)));
                rows.put(name + ": packets missed", Double.parseDouble(m.group(2)));
                rows.put(name + ": us without a processor", Double.parseDouble(m.group(4)));
                return;
            }
        }
        throw new IOException("no first second in what this printed: " + String.join(" ", command) + "\n" + String.join("\n", lines));
    }
}
