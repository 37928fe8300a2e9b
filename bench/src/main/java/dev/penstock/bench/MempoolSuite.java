package dev.penstock.bench;

import dev.penstock.bench.MempoolBench.Caching;
import dev.penstock.bench.MempoolBench.Load;
import java.io.BufferedReader;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The mempool against DPDK's mempool_perf_autotest. That program measures 5 s a row and takes an hour for all, so
 * each repetition reads its first rows only (one core, no cache, one object taken at a time) and measures ours
 * after them, a minute later.
 */
final class MempoolSuite implements Suite {
    private static final Pattern ROW = Pattern.compile("mempool_autotest cache=(\\d+) cores=1 n_get_bulk=(\\d+) "
            + "n_put_bulk=(\\d+) n_keep=(\\d+) (?:constant_n=0 )?rate_persec=(\\d+)");
    private static final int ROWS = 10;

    @Override
    public String name() {
        return "mempool";
    }

    @Override
    public String about() {
        return "objects taken and given back on one core, as mempool_perf_autotest measures them";
    }

    @Override
    public List<Row> run(Bench bench) throws IOException, InterruptedException {
        String[] cores = bench.lcores().split("[,-]");
        int cpu = Integer.parseInt(cores[cores.length - 1]);
        Map<Load, List<double[]>> pairs = new LinkedHashMap<>();
        for (int i = 0; i < bench.repetitions(); i++) {
            if (Bench.find("dpdk-test") != null) {
                bench.progress().printf("\r%-40s %d of %d", name(), i + 1, bench.repetitions());
                bench.progress().flush();
                measure(cpu, bench.seconds(), pairs);
            }
        }
        bench.progress().printf("\r%60s\r", "");
        List<Row> rows = new ArrayList<>();
        pairs.forEach((load, values) -> rows.add(new Row(name(), "1 core, no cache, get " + load.get() + " put " + load.put()
                + " keep " + load.keep(), "Mobj/s", true, "DPDK", "mempool_perf_autotest, 8191 objects",
                values.stream().mapToDouble(v -> v[0] / 1e6).toArray(), values.stream().mapToDouble(v -> v[1] / 1e6).toArray())));
        return rows;
    }

    private static void measure(int cpu, int seconds, Map<Load, List<double[]>> pairs) throws IOException, InterruptedException {
        // without stdbuf its rows would come in blocks, the last of them never
        Process process = new ProcessBuilder("stdbuf", "-oL", Bench.find("dpdk-test").toString(), "-l", "" + cpu, "--no-pci",
                "--no-telemetry", "--no-huge", "-m", "512", "--file-prefix", "penstockbench" + ProcessHandle.current().pid())
                .redirectErrorStream(true).start();
        List<Map.Entry<Load, Double>> theirs = new ArrayList<>();
        try (BufferedReader out = process.inputReader()) {
            process.outputWriter().append("mempool_perf_autotest\n").flush();
            for (String line = out.readLine(); line != null && theirs.size() < ROWS; line = out.readLine()) {
                Map.Entry<Load, Double> row = row(line);
                if (row != null) {
                    theirs.add(row);
                }
            }
        } finally {
            process.destroy();
            if (!process.waitFor(2, TimeUnit.SECONDS)) {
                process.destroyForcibly().waitFor();
            }
        }
        if (theirs.isEmpty()) {
            throw new IOException("no rows of mempool_perf_autotest in what dpdk-test printed");
        }
        for (Map.Entry<Load, Double> row : theirs) {
            pairs.computeIfAbsent(row.getKey(), k -> new ArrayList<>())
                    .add(new double[] {MempoolBench.rate(row.getKey(), cpu, seconds), row.getValue()});
        }
    }

    /**
     * Reads a row of DPDK's.
     *
     * @param line what it printed
     * @return the load and the objects a second, or null for another line
     */
    static Map.Entry<Load, Double> row(String line) {
        Matcher m = ROW.matcher(line);
        if (!m.find()) {
            return null;
        }
        Caching caching = m.group(1).equals("0") ? Caching.NONE : Caching.WORKER;
        return Map.entry(new Load(caching, Integer.parseInt(m.group(2)), Integer.parseInt(m.group(3)),
                Integer.parseInt(m.group(4))), Double.parseDouble(m.group(5)));
    }
}
