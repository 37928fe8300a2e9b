package dev.penstock.bench;

import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** The ring against DPDK's ring_perf_autotest, row by row, in cycles. */
final class RingSuite implements Suite {
    @Override
    public String name() {
        return "ring";
    }

    @Override
    public String about() {
        return "enqueue and dequeue on one core and on two, as ring_perf_autotest measures them";
    }

    @Override
    public List<Row> run(Bench bench) throws IOException, InterruptedException {
        String[] cores = bench.lcores().split("[,-]");
        int first = Integer.parseInt(cores[0]);
        int second = Integer.parseInt(cores[cores.length - 1]);
        boolean peer = Bench.find("dpdk-test") != null;
        Map<String, double[]> ours = new LinkedHashMap<>();
        Map<String, double[]> theirs = new LinkedHashMap<>();
        for (int i = 0; i < bench.repetitions(); i++) {
            bench.progress().printf("\r%-40s %d of %d", name(), i + 1, bench.repetitions());
            bench.progress().flush();
            keep(ours, RingBench.rows(first, second), i, bench.repetitions());
            if (peer) {
                List<String> lines = DpdkTest.run(bench.lcores(), "ring_perf_autotest", 60);
                Map<String, Double> rows = DpdkTest.ring(lines);
                if (rows.isEmpty()) {
                    throw new IOException("no rows of ring_perf_autotest in what dpdk-test printed:\n" + DpdkTest.tail(lines));
                }
                keep(theirs, rows, i, bench.repetitions());
            }
        }
        bench.progress().printf("\r%60s\r", "");
        List<Row> rows = new ArrayList<>();
        ours.keySet().removeIf(row -> !bench.wants(row));
        ours.forEach((row, values) -> rows.add(new Row(name(), row, "cycles", false, "DPDK", "ring_perf_autotest, size 4096",
                values, theirs.getOrDefault(row, new double[0]))));
        return rows;
    }

    static void keep(Map<String, double[]> kept, Map<String, Double> rows, int repetition, int repetitions) {
        rows.forEach((row, value) -> kept.computeIfAbsent(row, r -> new double[repetitions])[repetition] = value);
    }
}
