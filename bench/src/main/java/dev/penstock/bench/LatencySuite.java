package dev.penstock.bench;

import dev.penstock.bench.report.Row;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.HdrHistogram.Histogram;

/** One packet's way through a pair of ports under load: from when it was due to when it came back. */
final class LatencySuite implements Suite {
    private static final double[] PERCENTILES = {50, 90, 99, 99.9, 99.99, 99.999};
    /** Frames a second; far below the NDR of every port here, so that it is the way that is measured and not a queue. */
    private static final int LOAD = 20_000;

    @Override
    public String name() {
        return "latency";
    }

    @Override
    public String about() {
        return "one packet's way through testpmd io between two ports at 20 kpps: p50 to p99.999 and max";
    }

    @Override
    public int seconds(Bench bench) {
        return 2 * bench.repetitions() * PortKind.values().length * (seconds(bench.quick()) + 5);
    }

    private static int seconds(boolean quick) {
        return quick ? 3 : 10;
    }

    @Override
    public String lacks() {
        return Lab.lacks();
    }

    @Override
    public List<String> rowNames(Bench bench) {
        return Stream.of(PortKind.values()).flatMap(kind -> names(kind).stream()).toList();
    }

    private static List<String> names(PortKind kind) {
        List<String> rows = new ArrayList<>();
        for (double p : PERCENTILES) {
            rows.add(row(kind, p));
        }
        rows.add(kind.word() + ", max");
        return rows;
    }

    private static String row(PortKind kind, double percentile) {
        return kind.word() + ", p" + (percentile % 1 == 0 ? "" + (int) percentile : "" + percentile);
    }

    @Override
    public List<Row> run(Bench bench) throws IOException, InterruptedException {
        List<Row> rows = new ArrayList<>();
        for (PortKind kind : PortKind.values()) {
            if (names(kind).stream().noneMatch(bench::wants)) {
                continue;
            }
            List<String> arguments = kind.arguments(bench, List.of("d0", "d1"), Lab.QUIET_SECONDS, "--forward-mode=io");
            rows.addAll(bench.table(name(), "us", false, "DPDK", String.join(" ", arguments) + "; 64 B, " + LOAD + " frames a second",
                    () -> measure(bench, List.of(bench.launcher().toString(), "testpmd"), arguments, kind),
                    Bench.find("dpdk-testpmd") == null ? null
                            : () -> measure(bench, List.of(Bench.find("dpdk-testpmd").toString()), arguments, kind)));
        }
        return rows;
    }

    private static Map<String, Bench.Sample> measure(Bench bench, List<String> program, List<String> arguments, PortKind kind)
            throws IOException, InterruptedException {
        try (Lab lab = new Lab(); Lab.Dut dut = lab.forward(program, arguments);
                Tester tester = new Tester(lab.tester(), bench.firstCpu())) {
            tester.trial(LOAD, 2, 64);
            Tester.Trial trial = tester.trial(LOAD, seconds(bench.quick()), 64);
            if (trial.received() == 0) {
                throw new IOException("nothing came through:\n" + String.join("\n", dut.lines()));
            }
            Map<String, Double> rows = new LinkedHashMap<>();
            Histogram h = trial.latency();
            for (double p : PERCENTILES) {
                rows.put(row(kind, p), h.getValueAtPercentile(p) / 1e3);
            }
            rows.put(kind.word() + ", max", h.getMaxValue() / 1e3);
            return Bench.Sample.all(rows, Testpmd.workload(dut.lines()) + "; " + trial.due() + " frames of 64 B;");
        }
    }
}
