package dev.penstock.bench;

import dev.penstock.bench.report.Row;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * l3fwd against DPDK's, whose binary is named by an option: Debian has none. Both replay captures on two ports without
 * end and route them on one lcore. Ours is read from its statistics, DPDK's through its telemetry.
 *
 * <p>DPDK's must take ports without checksum offload and, for the long tables, more rules than its 1024.
 */
final class L3fwdSuite implements Suite {
    private static final Pattern SENT = Pattern.compile("Total packets sent: +(\\d+)");
    private static final Pattern COUNTED = Pattern.compile("\"opackets\": (\\d+)");
    private static final int LOAD_SECONDS = 90;
    private static final int MILLION = 1_000_000;

    @Override
    public String name() {
        return "l3fwd";
    }

    @Override
    public String about() {
        return "l3fwd on captures, one lcore, beside DPDK's when --l3fwd names it";
    }

    @Override
    public int seconds(Bench bench) {
        return bench.repetitions() * (bench.quick() ? 2 : 6) * 2 * (8 + bench.seconds());
    }

    @Override
    public List<String> rowNames(Bench bench) {
        return tables(bench).stream().map(Tables::row).toList();
    }

    @Override
    public List<Row> run(Bench bench) throws IOException, InterruptedException {
        List<Row> rows = new ArrayList<>();
        for (Tables tables : tables(bench)) {
            row(rows, bench, tables);
        }
        return rows;
    }

    /** What a row looks up. */
    private record Tables(String lookup, int rules, int destinations) {
        String row() {
            return lookup + ", " + rules + " rules, " + destinations + " destinations";
        }
    }

    private static List<Tables> tables(Bench bench) {
        List<Tables> all = List.of(new Tables("lpm", 16, 256), new Tables("fib", MILLION, 4096), new Tables("lpm", 50_000, 4096),
                new Tables("fib", MILLION, 256), new Tables("fib", MILLION, 32_768), new Tables("em", 4096, 4096));
        return bench.quick() ? all.subList(0, 2) : all;
    }

    private void row(List<Row> rows, Bench bench, Tables tables) throws IOException, InterruptedException {
        String name = tables.row();
        String lookup = tables.lookup;
        int destinations = tables.destinations;
        if (!bench.wants(name)) {
            return;
        }
        boolean flows = lookup.equals("em");
        Routes routes = new Routes(tables.rules);
        int[] to = routes.destinations(destinations);
        Path rules4 = flows ? routes.flows(to) : routes.prefixes();
        Path capture = Traffic.to(to);
        Path other = Traffic.to(flows ? to : routes.destinations(destinations));
        String lcore = bench.lcores().substring(bench.lcores().lastIndexOf(',') + 1);
        List<String> ports = List.of("--no-pci", "--in-memory", "--vdev", "net_pcap0,rx_pcap=" + capture + ",infinite_rx=1", "--vdev",
                "net_pcap1,rx_pcap=" + other + ",infinite_rx=1");
        // The queue's size is what DPDK's pool grows with, which must hold all packets of its captures.
        List<String> options = List.of("-p", "3", "--lookup=" + lookup, "--config=(0,0," + lcore + "),(1,0," + lcore + ")", "--rule_ipv4=" + rules4,
                "--rule_ipv6=" + Routes.ipv6(flows), "--parse-ptype", "--rx-queue-size=" + Math.min(65_535, 2048 + 2 * destinations));
        String workload = String.join(" ", ports) + " -- " + String.join(" ", options);
        List<String> ours = command(bench.launcher().toString(), List.of("l3fwd", "-l", bench.lcores()), ports, options,
                List.of("--stats-period", "1"));
        List<String> theirs = bench.l3fwd() == null ? null
                : command(bench.l3fwd().toString(), List.of("-l", lcore, "--file-prefix", Peers.PREFIX), ports, options, List.of());
        rows.add(bench.compare(name(), name, "Mpps", true, workload, () -> new Bench.Sample(ours(ours, bench), lookup),
                theirs == null ? null : () -> new Bench.Sample(theirs(theirs, bench), lookup)));
    }

    private static List<String> command(String program, List<String> first, List<String> ports, List<String> options, List<String> last) {
        List<String> command = new ArrayList<>(List.of(program));
        command.addAll(first);
        command.addAll(ports);
        command.add("--");
        command.addAll(options);
        command.addAll(last);
        return command;
    }

    /** Millions of packets a second that ours sent, second by second, the middle one. */
    private static double ours(List<String> command, Bench bench) throws IOException, InterruptedException {
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        return Bench.guarded(process, () -> {
            List<Long> totals = new ArrayList<>();
            StringBuilder said = new StringBuilder();
            try (BufferedReader lines = process.inputReader()) {
                while (totals.size() <= Bench.WARM_UP_SECONDS + bench.seconds()) {
                    String line = lines.readLine();
                    if (line == null) {
                        throw new IOException("ended early: " + String.join(" ", command) + "\n" + said);
                    }
                    said.append(line).append('\n');
                    Matcher m = SENT.matcher(line);
                    if (m.find()) {
                        totals.add(Long.parseLong(m.group(1)));
                    }
                }
            }
            double[] rates = new double[bench.seconds()];
            for (int i = 0; i < rates.length; i++) {
                rates[i] = (totals.get(Bench.WARM_UP_SECONDS + i + 1) - totals.get(Bench.WARM_UP_SECONDS + i)) / 1e6;
            }
            return Row.median(rates);
        });
    }

    /** The same of DPDK's, once it has read its rules and forwards. */
    private static double theirs(List<String> command, Bench bench) throws IOException, InterruptedException {
        Process process = new ProcessBuilder(command).redirectErrorStream(true).redirectOutput(ProcessBuilder.Redirect.DISCARD).start();
        return Bench.guarded(process, () -> {
            long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(LOAD_SECONDS);
            while (sent() == 0) {
                if (!process.isAlive() || System.nanoTime() > end) {
                    throw new IOException("does not forward; run it by hand to see why: " + String.join(" ", command));
                }
                Thread.sleep(200);
            }
            Thread.sleep(TimeUnit.SECONDS.toMillis(1));
            double[] rates = new double[bench.seconds()];
            for (int i = 0; i < rates.length; i++) {
                long from = sent();
                long begun = System.nanoTime();
                Thread.sleep(900);
                long to = sent();
                rates[i] = (to - from) * 1e3 / (System.nanoTime() - begun);
            }
            return Row.median(rates);
        });
    }

    /** What both ports have sent, by telemetry; 0 while that does not answer. */
    private static long sent() throws IOException, InterruptedException {
        Process telemetry = new ProcessBuilder("dpdk-telemetry.py", "-f", Peers.PREFIX).redirectErrorStream(true).start();
        try (var in = telemetry.outputWriter()) {
            in.write("/ethdev/stats,0\n/ethdev/stats,1\n");
        }
        String said = new String(telemetry.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        telemetry.waitFor();
        return COUNTED.matcher(said).results().mapToLong(m -> Long.parseLong(m.group(1))).sum();
    }
}
