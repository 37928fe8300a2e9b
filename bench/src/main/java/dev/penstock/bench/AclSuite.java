package dev.penstock.bench;

import dev.penstock.bench.Bench.Sample;
import dev.penstock.bench.report.Row;
import dev.penstock.testkit.ClassBench;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The ACL against dpdk-test-acl, on the same rules and packets: cycles a packet, of the table and of the class. */
final class AclSuite implements Suite {
    private static final Pattern CYCLES = Pattern.compile("([0-9.]+) cycles/pkt");
    private static final Pattern RULES = Pattern.compile("num_rules=(\\d+)");
    private static final Pattern RUN = Pattern.compile("(\\d+) iterations, (\\d+) pkts, 1 categories");
    private static final int SECONDS = 60;
    /** What dpdk-test-acl takes for 100,000 rules, and most it is told to expect. */
    private static final int MEGABYTES = 3072;
    private static final int MAX_RULES = 1 << 17;

    @Override
    public String name() {
        return "acl";
    }

    @Override
    public String about() {
        return "rules like ClassBench's, classified as dpdk-test-acl does";
    }

    @Override
    public int seconds(Bench bench) {
        return bench.repetitions() * sizes(bench).length * ClassBench.Kind.values().length * 5;
    }

    private static int[] sizes(Bench bench) {
        return bench.quick() ? new int[] {1000} : new int[] {100, 1000, 10_000, 100_000};
    }

    @Override
    public List<String> rowNames(Bench bench) {
        List<String> rows = new ArrayList<>();
        for (int size : sizes(bench)) {
            for (ClassBench.Kind kind : ClassBench.Kind.values()) {
                rows.addAll(AclBench.names(kind, size));
            }
        }
        return rows;
    }

    @Override
    public List<Row> run(Bench bench) throws IOException, InterruptedException {
        List<Row> rows = new ArrayList<>();
        for (int size : sizes(bench)) {
            for (ClassBench.Kind kind : ClassBench.Kind.values()) {
                if (AclBench.names(kind, size).stream().noneMatch(bench::wants)) {
                    continue;
                }
                AclBench set = new AclBench(kind, size);
                rows.addAll(bench.table(name(), "cycles", false, "DPDK", "dpdk-test-acl, " + size + " rules of kind " + kind,
                        () -> Sample.all(Pinned.on(bench.lastCpu(), set::rows), workload(size, AclBench.rounds(), AclBench.packets())),
                        Bench.find("dpdk-test-acl") == null ? null : () -> theirs(bench, set)));
            }
        }
        return rows;
    }

    private static Map<String, Sample> theirs(Bench bench, AclBench set) throws IOException, InterruptedException {
        Path folder = Scratch.folder("test");
        Path rules = folder.resolve("rules");
        Path trace = folder.resolve("trace");
        try {
            set.write(rules, trace);
            List<String> command = new ArrayList<>(List.of(Bench.find("dpdk-test-acl").toString(), "--lcores", "0@" + bench.lastCpu(),
                    "--no-pci", "--no-telemetry", "--file-prefix", Peers.PREFIX));
            command.addAll(Peers.memory(MEGABYTES));
            command.addAll(List.of("--", "--rulenum=" + MAX_RULES, "--rulesf=" + rules, "--tracef=" + trace, "--bldcat=1",
                    "--iter=" + AclBench.rounds(), "--verbose=0"));
            String printed = String.join("\n", Bench.runFor(command, SECONDS));
            double cycles = cycles(printed);
            Map<String, Double> rows = new LinkedHashMap<>();
            rows.put(set.tableRow(), cycles);
            rows.put(set.compiledRow(), cycles);
            return Sample.all(rows, workload(printed));
        } finally {
            for (Path file : List.of(rules, trace, folder)) {
                Files.deleteIfExists(file);
            }
        }
    }

    private static String workload(int rules, int rounds, int packets) {
        return rules + " rules, " + rounds + " times " + packets + " packets,";
    }

    /**
     * Reads what dpdk-test-acl says that it ran.
     *
     * @param printed what it printed
     * @return rules, rounds and packets; empty when it does not say so
     */
    static String workload(String printed) {
        Matcher rules = RULES.matcher(printed);
        Matcher run = RUN.matcher(printed);
        return rules.find() && run.find() ? workload(Integer.parseInt(rules.group(1)), Integer.parseInt(run.group(1)),
                Integer.parseInt(run.group(2)) / Integer.parseInt(run.group(1))) : "unknown";
    }

    /**
     * Reads what dpdk-test-acl measured.
     *
     * @param printed what it printed
     * @return cycles a packet
     * @throws IOException when it printed none
     */
    static double cycles(String printed) throws IOException {
        Matcher m = CYCLES.matcher(printed);
        if (!m.find()) {
            throw new IOException("no cycles in what dpdk-test-acl printed:\n" + printed);
        }
        return Double.parseDouble(m.group(1));
    }
}
