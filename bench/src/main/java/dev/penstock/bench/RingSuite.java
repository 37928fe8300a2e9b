package dev.penstock.bench;

import dev.penstock.bench.report.Row;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/**
 * The ring against DPDK's ring_perf_autotest, row by row, in cycles. A row of two cores lasts two milliseconds, in which a ring stays in
 * the state that it comes into by chance: a turn is the median of some processes of each side.
 */
final class RingSuite implements Suite {
    private static final int PROCESSES = 3;

    @Override
    public String name() {
        return "ring";
    }

    @Override
    public String about() {
        return "enqueue and dequeue on one core and on two, as ring_perf_autotest measures them";
    }

    @Override
    public int seconds(Bench bench) {
        return 18 * PROCESSES * bench.repetitions();
    }

    @Override
    public List<String> rowNames(Bench bench) {
        List<String> rows = new ArrayList<>();
        for (String sync : List.of("SP/SC", "MP/MC")) {
            for (String way : List.of("single", "burst 8", "bulk 8", "burst 32", "bulk 32")) {
                rows.add("1 core " + sync + " " + way);
            }
            rows.addAll(List.of("empty " + sync + " bulk 8", "2 cores " + sync + " bulk 8", "2 cores " + sync + " bulk 32"));
        }
        return rows;
    }

    @Override
    public List<Row> run(Bench bench) throws IOException, InterruptedException {
        return bench.table(name(), "cycles", false, "DPDK", "ring_perf_autotest, size 4096",
                () -> RingBench.fresh(bench.firstCpu(), bench.lastCpu()),
                Bench.find("dpdk-test") == null ? null
                        : () -> DpdkTest.rows(bench.lcores(), "ring_perf_autotest", 60, DpdkTest::ring),
                PROCESSES, () -> CoreDistance.roundTripNs(bench.firstCpu(), bench.lastCpu()));
    }
}
