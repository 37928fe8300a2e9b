package dev.penstock.bench;

import dev.penstock.bench.report.Row;
import java.io.IOException;
import java.util.List;

/** Checksums against cksum_perf_autotest; packet types and header checksums, for which DPDK has no test, alone. */
final class NetSuite implements Suite {
    @Override
    public String name() {
        return "net";
    }

    @Override
    public String about() {
        return "checksums as cksum_perf_autotest measures them; packet type and header checksums alone";
    }

    @Override
    public int seconds(Bench bench) {
        return 8 * bench.repetitions();
    }

    @Override
    public List<String> rowNames(Bench bench) {
        return NetBench.names();
    }

    @Override
    public List<Row> run(Bench bench) throws IOException, InterruptedException {
        return bench.table(name(), "cycles", false, "DPDK", "cksum_perf_autotest", () -> Bench.Sample.all(Pinned.on(bench.lastCpu(), NetBench::rows), ""),
                Bench.find("dpdk-test") == null ? null
                        : () -> DpdkTest.rows("0@" + bench.lastCpu(), "cksum_perf_autotest", 60, DpdkTest::checksum));
    }
}
