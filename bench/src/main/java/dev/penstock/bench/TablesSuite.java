package dev.penstock.bench;

import dev.penstock.bench.Bench.Sample;
import dev.penstock.bench.report.Row;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.function.Supplier;

/** The look-ups against DPDK's lpm, lpm6, fib, fib6, member, hash and hash_readwrite_lf_perf_autotest and dpdk-test-fib, in cycles an operation. */
final class TablesSuite implements Suite {
    /** The program that has DPDK's perf tests. */
    private static final String TESTS = "dpdk-test";
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

    /**
     * One table.
     *
     * @param name before each of its rows' names
     * @param program DPDK's
     * @param peer what it runs
     * @param rows the names of the rows behind that
     * @param ours measures ours
     * @param theirs measures DPDK's
     */
    private record Table(String name, String program, String peer, List<String> rows, Bench.Table ours, Bench.Table theirs) {
        List<String> names() {
            return rows.stream().map(row -> name + " " + row).toList();
        }
    }

    @Override
    public List<String> rowNames(Bench bench) {
        return tables(bench).stream().flatMap(table -> table.names().stream()).toList();
    }

    @Override
    public List<Row> run(Bench bench) throws IOException, InterruptedException {
        List<Row> rows = new ArrayList<>();
        for (Table t : tables(bench)) {
            if (t.names().stream().anyMatch(bench::wants)) {
                rows.addAll(bench.table(name(), "cycles", false, "DPDK", t.peer, () -> named(t.name, fresh(bench, t)),
                        Bench.find(t.program) == null ? null : () -> named(t.name, t.theirs.run())));
            }
        }
        return rows;
    }

    /** Measures ours in a JVM of its own, as each of DPDK's tests has a process of its own. */
    private static Map<String, Sample> fresh(Bench bench, Table table) throws IOException, InterruptedException {
        Map<String, Sample> rows = FreshJvm.rows(TablesSuite.class, SECONDS, table.peer, "" + bench.firstCpu(), "" + bench.lastCpu());
        if (!rows.keySet().containsAll(table.rows)) {
            throw new IOException("the JVM of " + table.peer + "'s rows printed only " + rows.keySet());
        }
        return rows;
    }

    /**
     * Measures ours of one of DPDK's tests and prints the rows.
     *
     * @param args what the test is called, and the first and the last processor
     * @throws IOException when the measurement can't be made
     * @throws InterruptedException when ended from outside
     */
    public static void main(String[] args) throws IOException, InterruptedException {
        for (Table table : tables(false, Integer.parseInt(args[1]), Integer.parseInt(args[2]))) {
            if (table.peer.equals(args[0])) {
                FreshJvm.print(table.ours.run());
            }
        }
    }

    private static List<Table> tables(Bench bench) {
        return tables(bench.quick(), bench.firstCpu(), bench.lastCpu());
    }

    private static List<Table> tables(boolean quick, int first, int last) {
        List<String> routes = List.of("add", "lookup", "lookup bulk", "delete");
        List<String> bursts = List.of("add", "lookup bulk", "delete");
        List<Table> all = new ArrayList<>(List.of(
                table(last, "lpm", routes, LpmBench::rows, DpdkTest::routes, DpdkTest::routesRun),
                table(last, "lpm6", routes, Lpm6Bench::rows, DpdkTest::routes6, DpdkTest::routesRun),
                table(last, "fib", bursts, () -> FibBench.rows(4), DpdkTest::fib, DpdkTest::routesRun),
                table(last, "fib6", bursts, Lpm6Bench::fibRows, DpdkTest::routes, DpdkTest::routesRun)));
        if (!quick) {
            int[] memberKeys = {4, 16, 32, 64, 13};
            int[] hashKeys = {4, 8, 16, 32, 48, 64, 9, 13, 37, 40};
            all.add(table(last, "member", MemberBench.names(memberKeys), () -> Sample.all(MemberBench.rows(memberKeys), ""), DpdkTest::member, _ -> ""));
            FibProgramBench program = new FibProgramBench();
            all.add(new Table("fib", "dpdk-test-fib", "dpdk-test-fib, a million routes", List.of("program add", "program lookup", "program delete"),
                    () -> Pinned.on(last, program::rows), () -> program.theirs(last)));
            all.add(table(last, "hash", HashBench.names(hashKeys), () -> Sample.all(HashBench.rows(hashKeys), ""), DpdkTest::hash, _ -> ""));
            String lcores = "0@" + first + ",1@" + last;
            String test = "hash_readwrite_lf_perf_autotest";
            all.add(new Table("hash readwrite", TESTS, test, HashReadWriteBench.NAMES,
                    () -> new HashReadWriteBench(first, last).rows(),
                    () -> DpdkTest.rows(lcores, test, SECONDS, DpdkTest::hashReadWrite, DpdkTest::hashReadWriteRun)));
        }
        return all;
    }

    private static Table table(int cpu, String name, List<String> rows, Supplier<Map<String, Sample>> ours,
            Function<List<String>, Map<String, Double>> reader, Function<List<String>, String> workload) {
        String test = name + "_perf_autotest";
        return new Table(name, TESTS, test, rows, () -> Pinned.on(cpu, ours),
                () -> DpdkTest.rows("0@" + cpu, test, SECONDS, reader, workload));
    }

    private static Map<String, Sample> named(String table, Map<String, Sample> rows) {
        Map<String, Sample> named = new LinkedHashMap<>();
        rows.forEach((row, cycles) -> named.put(table + " " + row, cycles));
        return named;
    }
}
