package dev.penstock.bench;

import dev.penstock.bench.report.Row;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** What more cores, queues, flows and packet buffers do to the rate; frame sizes stand in {@link ForwardSuite}. */
final class ScalingSuite implements Suite {
    private static final List<Integer> QUEUES = List.of(1, 2, 4, 8);
    private static final List<Integer> FLOWS = List.of(1, 64, 4096, 65_536);
    private static final List<Integer> MBUFS = List.of(2048, 16_384, 131_072);

    @Override
    public String name() {
        return "scaling";
    }

    @Override
    public String about() {
        return "macswap with 1 and 2 forwarding cores, 1 to 8 queues, several pool sizes; 5tswap over several flows";
    }

    @Override
    public int seconds(Bench bench) {
        return (bench.quick() ? 4 : 13) * Testpmd.seconds(bench);
    }

    @Override
    public List<String> rowNames(Bench bench) {
        List<String> rows = new ArrayList<>(List.of(cores(1), cores(2)));
        queues(bench).forEach(n -> rows.add(queuesRow(n)));
        flows(bench).forEach(n -> rows.add(flowsRow(n)));
        mbufs(bench).forEach(n -> rows.add(mbufsRow(n)));
        return rows;
    }

    private static List<Integer> queues(Bench bench) {
        return bench.quick() ? List.of(8) : QUEUES;
    }

    private static List<Integer> flows(Bench bench) {
        return bench.quick() ? List.of(4096) : FLOWS;
    }

    private static List<Integer> mbufs(Bench bench) {
        return bench.quick() ? List.of() : MBUFS;
    }

    private static String cores(int n) {
        return "macswap on null, " + n + (n == 1 ? " core" : " cores");
    }

    private static String queuesRow(int n) {
        return "macswap on null, " + n + " queues";
    }

    private static String flowsRow(int n) {
        return "5tswap on pcap, " + n + " flows";
    }

    private static String mbufsRow(int n) {
        return "macswap on null, " + n + " mbufs";
    }

    @Override
    public List<Row> run(Bench bench) throws IOException, InterruptedException {
        List<Row> rows = new ArrayList<>();
        List<String> nulls = List.of("net_null0", "net_null1");
        String one = "0@" + bench.firstCpu() + ",1@" + bench.lastCpu();
        // The main lcore sleeps while the others forward, so it may share a processor with one of them.
        String two = "0@" + bench.firstCpu() + ",1@" + bench.firstCpu() + ",2@" + bench.lastCpu();
        row(bench, rows, cores(1), one, nulls, "--forward-mode=macswap", "--nb-cores=1");
        row(bench, rows, cores(2), two, nulls, "--forward-mode=macswap", "--nb-cores=2");
        for (int queues : queues(bench)) {
            row(bench, rows, queuesRow(queues), one, nulls, "--forward-mode=macswap", "--rxq=" + queues,
                    "--txq=" + queues);
        }
        for (int flows : flows(bench)) {
            Path pcap = Traffic.udp(60, flows);
            String arguments = ",infinite_rx=1,rx_pcap=" + pcap;
            row(bench, rows, flowsRow(flows), one, List.of("net_pcap0" + arguments, "net_pcap1" + arguments),
                    "--forward-mode=5tswap", "--total-num-mbufs=262144");
        }
        for (int mbufs : mbufs(bench)) {
            row(bench, rows, mbufsRow(mbufs), one, nulls, "--forward-mode=macswap", "--total-num-mbufs=" + mbufs);
        }
        return rows;
    }

    private void row(Bench bench, List<Row> rows, String row, String lcores, List<String> devices, String... testpmd)
            throws IOException, InterruptedException {
        if (!bench.wants(row)) {
            return;
        }
        List<String> arguments = new ArrayList<>(List.of("--lcores", lcores, "--no-pci", "--in-memory"));
        devices.forEach(device -> arguments.add("--vdev=" + device));
        arguments.addAll(List.of("--", "--stats-period", "1"));
        arguments.addAll(List.of(testpmd));
        rows.add(Testpmd.row(bench, name(), row, arguments, "Rx"));
    }
}
