package dev.penstock.bench;

import dev.penstock.bench.report.Curve;
import dev.penstock.bench.report.Row;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/**
 * The first second: packets missed, and until when the rate was below full, at a fixed offered load; cold, with the
 * AOT cache, with the warm-up, and with both. DPDK's null port offers no fixed load, so ours stands alone.
 */
final class WarmupSuite implements Suite {
    private static final Pattern LAST = Pattern.compile("First second: .* slower until (\\d+) ms, missed (\\d+) of (\\d+), lcores waited (\\d+) us");
    private static final Pattern EACH = Pattern.compile("  +\\d+ +(\\d+\\.\\d{3}) +\\d+");
    private static final List<String> SETTINGS = List.of("no AOT cache, no warm-up", "no AOT cache, warm-up", "AOT cache, no warm-up", "AOT cache, warm-up");
    private static final int SAMPLES = 100;
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
    public List<String> rowNames(Bench bench) {
        return SETTINGS.stream().flatMap(setting -> Stream.of(": ms below full rate", ": packets missed", ": us without a processor")
                .map(setting::concat)).toList();
    }

    @Override
    public List<Row> run(Bench bench) throws IOException, InterruptedException {
        List<String> arguments = List.of("-l", bench.lcores(), "--no-pci", "--in-memory", "--no-telemetry", "--vdev",
                "net_null0,rate=" + PORT_RATE, "--vdev", "net_null1,rate=" + PORT_RATE, "--", "--forward-mode=csum", "--no-flush-rx",
                "--first-second", "--stats-period", "9");
        Map<String, List<double[]>> seconds = new LinkedHashMap<>();
        List<Row> rows = bench.table(name(), "as named", false, "none", String.join(" ", arguments), () -> {
            Map<String, Double> measured = new LinkedHashMap<>();
            for (String setting : SETTINGS) {
                measure(bench, arguments, setting.startsWith("AOT"), setting.endsWith(", warm-up"), setting, measured, seconds);
            }
            return Bench.Sample.all(measured, "");
        }, null);
        Map<String, double[]> lines = new LinkedHashMap<>();
        seconds.forEach((name, turns) -> lines.put(name, middle(turns)));
        bench.curves().add(new Curve("warmup: testpmd csum at 2 Mpps in its first second", "Mpps in each 10 ms, medians; from ms on",
                IntStream.range(0, SAMPLES).mapToObj(i -> Integer.toString(10 * i)).toList(), lines, false));
        return rows;
    }

    private static double[] middle(List<double[]> turns) {
        return IntStream.range(0, SAMPLES).mapToDouble(i -> Row.median(turns.stream().mapToDouble(turn -> turn[i]).toArray())).toArray();
    }

    private static void measure(Bench bench, List<String> arguments, boolean aot, boolean warm, String name, Map<String, Double> rows,
            Map<String, List<double[]>> seconds)
            throws IOException, InterruptedException {
        // The launcher leaves its cache alone when there are other flags; one that does nothing will do.
        List<String> command = new ArrayList<>(List.of("env", "PENSTOCK_JVM=" + (aot ? "" : "-Dpenstock.bench=cold"),
                bench.launcher().toString(), "testpmd"));
        command.addAll(arguments);
        if (warm) {
            command.add("--warm-up=2000");
        }
        List<String> lines = Bench.runFor(command, 4);
        List<Double> second = new ArrayList<>();
        for (String line : lines) {
            Matcher each = EACH.matcher(line);
            if (each.matches() && second.size() < SAMPLES) {
                second.add(Double.parseDouble(each.group(1)));
            }
            Matcher m = LAST.matcher(line);
            if (m.find()) {
                rows.put(name + ": ms below full rate", Double.parseDouble(m.group(1)));
                rows.put(name + ": packets missed", Double.parseDouble(m.group(2)));
                rows.put(name + ": us without a processor", Double.parseDouble(m.group(4)));
                if (second.size() == SAMPLES) {
                    seconds.computeIfAbsent(name, _ -> new ArrayList<>()).add(second.stream().mapToDouble(Double::doubleValue).toArray());
                }
                return;
            }
        }
        throw new IOException("no first second in what this printed: " + String.join(" ", command) + "\n" + String.join("\n", lines));
    }
}
