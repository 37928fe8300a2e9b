package dev.penstock.bench;

import java.io.IOException;
import java.util.List;

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
    public int seconds(Bench bench) {
        return 25 * bench.repetitions();
    }

    @Override
    public List<Row> run(Bench bench) throws IOException, InterruptedException {
        return bench.table(name(), "cycles", false, "DPDK", "ring_perf_autotest, size 4096",
                () -> Bench.Sample.all(RingBench.fresh(bench.firstCpu(), bench.lastCpu()), ""),
                Bench.find("dpdk-test") == null ? null
                        : () -> DpdkTest.rows(bench.lcores(), "ring_perf_autotest", 60, DpdkTest::ring),
                () -> CoreDistance.roundTripNs(bench.firstCpu(), bench.lastCpu()));
    }
}
