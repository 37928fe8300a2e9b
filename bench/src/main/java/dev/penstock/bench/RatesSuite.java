package dev.penstock.bench;

import dev.penstock.bench.report.Row;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** NDR and PDR of testpmd io between two ports, found by search with a generator at fixed rates. */
final class RatesSuite implements Suite {
    private static final double PDR = 0.005;
    private static final int WARM_UPS = 3;

    @Override
    public String name() {
        return "rates";
    }

    @Override
    public String about() {
        return "NDR (no loss) and PDR (0.5 % lost) of testpmd io between two af_packet or af_xdp ports, RFC 2544";
    }

    @Override
    public int seconds(Bench bench) {
        return 2 * bench.repetitions() * (bench.quick() ? 25 : 4 * 45);
    }

    @Override
    public String lacks() {
        return Lab.lacks();
    }

    @Override
    public List<String> rowNames(Bench bench) {
        List<String> rows = new ArrayList<>();
        for (PortKind kind : kinds(bench)) {
            for (int frame : frames(bench)) {
                rows.addAll(names(kind, frame));
            }
        }
        return rows;
    }

    private static List<PortKind> kinds(Bench bench) {
        return bench.quick() ? List.of(PortKind.AF_PACKET) : List.of(PortKind.values());
    }

    private static List<Integer> frames(Bench bench) {
        return bench.quick() ? List.of(64) : List.of(64, 1518);
    }

    private static List<String> names(PortKind kind, int frame) {
        return List.of("NDR, " + kind.word() + " " + frame + " B", "PDR, " + kind.word() + " " + frame + " B");
    }

    @Override
    public List<Row> run(Bench bench) throws IOException, InterruptedException {
        List<Row> rows = new ArrayList<>();
        for (PortKind kind : kinds(bench)) {
            for (int frame : frames(bench)) {
                if (names(kind, frame).stream().noneMatch(bench::wants)) {
                    continue;
                }
                List<String> arguments = kind.arguments(bench, List.of("d0", "d1"), Lab.QUIET_SECONDS, "--forward-mode=io");
                rows.addAll(bench.table(name(), "Mpps", true, "DPDK", String.join(" ", arguments) + "; " + frame + " B",
                        () -> search(bench, List.of(bench.launcher().toString(), "testpmd"), arguments, kind, frame),
                        Bench.find("dpdk-testpmd") == null ? null
                                : () -> search(bench, List.of(Bench.find("dpdk-testpmd").toString()), arguments, kind, frame)));
            }
        }
        return rows;
    }

    private static double logged(Tester.Trial trial, double seconds, StringBuilder log) {
        log.append(String.format(" %.3f: %d not sent, %d missed, %d lost;", trial.due() / seconds / 1e6, trial.due() - trial.sent(), trial.missed(),
                trial.sent() - trial.received() - trial.missed()));
        return trial.loss();
    }

    private static Map<String, Bench.Sample> search(Bench bench, List<String> program, List<String> arguments, PortKind kind, int frame)
            throws IOException, InterruptedException {
        double seconds = bench.quick() ? 0.5 : 1;
        try (Lab lab = new Lab(); Lab.Dut dut = lab.forward(program, arguments);
                Tester tester = new Tester(lab.tester(), bench.firstCpu())) {
            // What comes through of all that can be sent bounds the search. These trials warm both up; so do some at a lower
            // rate, with the small bursts and empty polls that a path meets there alone.
            Tester.Trial all = null;
            for (int i = 0; i < WARM_UPS; i++) {
                all = tester.trial(5e6, seconds, frame);
            }
            if (all.received() == 0) {
                throw new IOException("nothing came through:\n" + String.join("\n", dut.lines()));
            }
            double through = all.received() / seconds;
            for (int i = 0; i < WARM_UPS; i++) {
                tester.trial(through / 2, seconds, frame);
            }
            double max = Math.min(1.2 * all.sent() / seconds, 1.5 * through);
            Map<String, Double> rows = new LinkedHashMap<>();
            String port = kind.word() + " " + frame + " B";
            StringBuilder log = new StringBuilder();
            double ndr = Search.greatest(0, max, 0, rate -> logged(tester.trial(rate, seconds, frame), seconds, log));
            rows.put("NDR, " + port, ndr / 1e6);
            rows.put("PDR, " + port, Search.greatest(ndr, max, PDR, rate -> logged(tester.trial(rate, seconds, frame), seconds, log)) / 1e6);
            bench.progress().printf("\r  %s, through %.3f Mpps;%s%n", program.getFirst(), through / 1e6, log);
            return Bench.Sample.all(rows, Testpmd.workload(dut.lines()) + "; trials of " + seconds + " s;");
        }
    }
}
