package dev.penstock.bench;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** What more cores, queues, flows and packet buffers do to the rate; frame sizes stand in {@link ForwardSuite}. */
final class ScalingSuite implements Suite {
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
    public List<Row> run(Bench bench) throws IOException, InterruptedException {
        List<Row> rows = new ArrayList<>();
        List<String> nulls = List.of("net_null0", "net_null1");
        String one = "0@" + bench.firstCpu() + ",1@" + bench.lastCpu();
        // The main lcore sleeps while the others forward, so it may share a processor with one of them.
        String two = "0@" + bench.firstCpu() + ",1@" + bench.firstCpu() + ",2@" + bench.lastCpu();
        row(bench, rows, "macswap on null, 1 core", one, nulls, "--forward-mode=macswap", "--nb-cores=1");
        row(bench, rows, "macswap on null, 2 cores", two, nulls, "--forward-mode=macswap", "--nb-cores=2");
        for (int queues : bench.quick() ? new int[] {8} : new int[] {1, 2, 4, 8}) {
            row(bench, rows, "macswap on null, " + queues + " queues", one, nulls, "--forward-mode=macswap", "--rxq=" + queues,
                    "--txq=" + queues);
        }
        for (int flows : bench.quick() ? new int[] {4096} : new int[] {1, 64, 4096, 65536}) {
            Path pcap = Traffic.udp(60, flows);
            String arguments = ",infinite_rx=1,rx_pcap=" + pcap;
            row(bench, rows, "5tswap on pcap, " + flows + " flows", one, List.of("net_pcap0" + arguments, "net_pcap1" + arguments),
                    "--forward-mode=5tswap", "--total-num-mbufs=262144");
        }
        for (int mbufs : bench.quick() ? new int[0] : new int[] {2048, 16384, 131072}) {
            row(bench, rows, "macswap on null, " + mbufs + " mbufs", one, nulls, "--forward-mode=macswap", "--total-num-mbufs=" + mbufs);
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
