package dev.penstock.bench;

import dev.penstock.bench.Bench.Sample;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.function.Supplier;

/** The look-ups against DPDK's lpm, lpm6, fib, fib6, member, hash and hash_readwrite_lf_perf_autotest and dpdk-test-fib, in cycles an operation. */
final class TablesSuite implements Suite {
    private static final int SECONDS = 240;

    @Override
    public String name() {
        return "tables";
    }

    @Override
    public String about() {
        return "lpm, lpm6, fib, fib6, member and hash as DPDK's perf tests measure them, and fib as dpdk-test-fib does";
    }

    @Override
    public int seconds(Bench bench) {
        return bench.repetitions() * (bench.quick() ? 60 : 300);
    }

    @Override
    public List<Row> run(Bench bench) throws IOException, InterruptedException {
        List<Row> rows = new ArrayList<>();
        table(bench, rows, "lpm", LpmBench::rows, DpdkTest::routes, DpdkTest::routesRun);
        table(bench, rows, "lpm6", Lpm6Bench::rows, DpdkTest::routes6, DpdkTest::routesRun);
        table(bench, rows, "fib", () -> FibBench.rows(4), DpdkTest::routes, DpdkTest::routesRun);
        table(bench, rows, "fib6", Lpm6Bench::fibRows, DpdkTest::routes, DpdkTest::routesRun);
        if (!bench.quick()) {
            table(bench, rows, "member", () -> Sample.all(MemberBench.rows(4, 16, 32, 64, 13), ""), DpdkTest::member, _ -> "");
            if (wanted(bench, "program")) {
                FibProgramBench program = new FibProgramBench();
                rows.addAll(bench.table(name(), "cycles", false, "DPDK", "dpdk-test-fib, a million routes",
                        () -> named("fib", Pinned.on(bench.lastCpu(), program::rows)),
                        Bench.find("dpdk-test-fib") == null ? null : () -> named("fib", program.theirs(bench.lastCpu()))));
            }
            table(bench, rows, "hash", () -> Sample.all(HashBench.rows(4, 8, 16, 32, 48, 64, 9, 13, 37, 40), ""), DpdkTest::hash, _ -> "");
            if (wanted(bench, "hash readwrite")) {
                String test = "hash_readwrite_lf_perf_autotest";
                String lcores = "0@" + bench.firstCpu() + ",1@" + bench.lastCpu();
                HashReadWriteBench ours = new HashReadWriteBench(bench.firstCpu(), bench.lastCpu());
                rows.addAll(bench.table(name(), "cycles", false, "DPDK", test, () -> named("hash readwrite", ours.rows()),
                        Bench.find("dpdk-test") == null ? null : () -> named("hash readwrite",
                                DpdkTest.rows(lcores, test, SECONDS, DpdkTest::hashReadWrite, DpdkTest::hashReadWriteRun))));
            }
        }
        return rows;
    }

    /** Whether rows of a table may be wanted: {@code lpm} is not to run lpm6. */
    private static boolean wanted(Bench bench, String table) {
        if (table.equals("hash") && bench.only().startsWith("hash readwrite")) {
            return false;
        }
        return bench.only().isEmpty() || bench.only().equals(table) || bench.only().startsWith(table + " ")
                || table.equals("program") && bench.only().startsWith("fib program");
    }

    private void table(Bench bench, List<Row> rows, String table, Supplier<Map<String, Sample>> ours,
            Function<List<String>, Map<String, Double>> reader, Function<List<String>, String> workload) throws IOException, InterruptedException {
        if (!wanted(bench, table)) {
            return;
        }
        String test = table + "_perf_autotest";
        String lcore = "0@" + bench.lastCpu();
        rows.addAll(bench.table(name(), "cycles", false, "DPDK", test,
                () -> named(table, Pinned.on(bench.lastCpu(), ours)),
                Bench.find("dpdk-test") == null ? null : () -> named(table, DpdkTest.rows(lcore, test, SECONDS, reader, workload))));
    }

    private static Map<String, Sample> named(String table, Map<String, Sample> rows) {
        Map<String, Sample> named = new LinkedHashMap<>();
        rows.forEach((row, cycles) -> named.put(table + " " + row, cycles));
        return named;
    }
}
