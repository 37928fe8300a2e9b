package dev.penstock.bench;

import dev.penstock.bench.MempoolBench.Caching;
import dev.penstock.bench.MempoolBench.Load;
import java.io.BufferedReader;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The mempool against DPDK's mempool_perf_autotest. That program measures its rows one after the other, 5 s each, and
 * takes an hour for all: the bench reads the first ones, of one core without a cache, and ends it. After each row it
 * is stopped for as long as ours is measured, so that both sides run in turn; what its next row lost by that is added.
 */
final class MempoolSuite implements Suite {
    private static final Pattern ROW = Pattern.compile("mempool_autotest cache=(\\d+) cores=([12]) n_get_bulk=(\\d+) "
            + "n_put_bulk=(\\d+) n_keep=(\\d+) (?:constant_n=0 )?rate_persec=(\\d+)");
    /** How long DPDK's program measures a row: it divides by this, however long it was stopped meanwhile. */
    private static final double ROW_SECONDS = 5;
    private static final int QUICK_ROWS = 6;
    private static final int ROWS = 60;

    /**
     * A row that DPDK's program printed.
     *
     * @param cores how many
     * @param load of each
     * @param rate objects a second
     */
    record Printed(int cores, Load load, double rate) {
        String name() {
            return cores + (cores == 1 ? " core" : " cores") + ", no cache, get " + load.get() + " put " + load.put()
                    + " keep " + load.keep();
        }
    }

    @Override
    public String name() {
        return "mempool";
    }

    @Override
    public String about() {
        return "objects taken and given back on one core without a cache, as mempool_perf_autotest measures them";
    }

    @Override
    public int seconds(Bench bench) {
        return (int) (turns(bench) * rows(bench) * (ROW_SECONDS + 1));
    }

    @Override
    public String lacks() {
        return Bench.find("dpdk-test") != null ? null : "its rows are those of dpdk-test; sudo apt-get install dpdk-dev";
    }

    private static int turns(Bench bench) {
        return bench.quick() ? 1 : bench.repetitions();
    }

    private static int rows(Bench bench) {
        return bench.quick() ? QUICK_ROWS : ROWS;
    }

    @Override
    public List<Row> run(Bench bench) throws IOException, InterruptedException {
        Map<String, Turns> pairs = new LinkedHashMap<>();
        for (int i = 0; i < turns(bench); i++) {
            measure(bench, pairs);
        }
        bench.progress().printf("\r%60s\r", "");
        List<Row> rows = new ArrayList<>();
        pairs.forEach((name, turns) -> rows.add(turns.row(name(), name, "Mobj/s", true, "DPDK",
                "mempool_perf_autotest, " + MempoolBench.POOL + " objects")));
        rows.removeIf(row -> !bench.wants(row.name()));
        return rows;
    }

    private static void measure(Bench bench, Map<String, Turns> pairs) throws IOException, InterruptedException {
        // without stdbuf its rows would come in blocks, the last of them never
        List<String> command = new ArrayList<>(List.of("stdbuf", "-oL", Bench.find("dpdk-test").toString(), "-l", bench.lcores(),
                "--no-pci", "--no-telemetry", "--file-prefix", Peers.PREFIX));
        command.addAll(Peers.memory(512));
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        Thread undo = new Thread(process::destroyForcibly, "bench-undo");
        Runtime.getRuntime().addShutdownHook(undo);
        int read = 0;
        try (BufferedReader out = process.inputReader()) {
            process.outputWriter().append("mempool_perf_autotest\n").flush();
            double stopped = 0;
            for (String line = out.readLine(); line != null && read < rows(bench); line = out.readLine()) {
                if (!line.startsWith("mempool_autotest cache=")) {
                    continue;
                }
                Printed row = row(line);
                long begun = System.nanoTime();
                signal(process, "STOP");
                if (row != null) {
                    double theirs = row.rate * ROW_SECONDS / (ROW_SECONDS - stopped);
                    double ours = row.cores == 1 ? MempoolBench.rate(row.load, 1, bench.firstCpu())
                            : MempoolBench.rate(row.load, 1, bench.firstCpu(), bench.lastCpu());
                    Turns turns = pairs.computeIfAbsent(row.name(), _ -> new Turns());
                    turns.ours(new Bench.Sample(ours / 1e6, row.name()));
                    turns.theirs(new Bench.Sample(theirs / 1e6, row.name()));
                    bench.progress().printf("\r  %-50s", "mempool " + row.name());
                    bench.progress().flush();
                }
                read++;
                signal(process, "CONT");
                stopped = (System.nanoTime() - begun) / 1e9;
            }
        } finally {
            process.destroyForcibly().waitFor();
            Runtime.getRuntime().removeShutdownHook(undo);
        }
        if (read == 0) {
            throw new IOException("no rows of mempool_perf_autotest in what dpdk-test printed");
        }
    }

    private static void signal(Process process, String name) throws IOException, InterruptedException {
        new ProcessBuilder("kill", "-" + name, "" + process.pid()).start().waitFor();
    }

    /**
     * Reads a row of DPDK's.
     *
     * @param line what it printed
     * @return the row, or null for another line
     */
    static Printed row(String line) {
        Matcher m = ROW.matcher(line);
        if (!m.find()) {
            return null;
        }
        Caching caching = m.group(1).equals("0") ? Caching.NONE : Caching.WORKER;
        return new Printed(Integer.parseInt(m.group(2)), new Load(caching, Integer.parseInt(m.group(3)), Integer.parseInt(m.group(4)),
                Integer.parseInt(m.group(5))), Double.parseDouble(m.group(6)));
    }
}
