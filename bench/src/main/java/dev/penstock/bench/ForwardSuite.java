package dev.penstock.bench;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** testpmd's engines between ports in memory, one forwarding core. */
final class ForwardSuite implements Suite {
    @Override
    public String name() {
        return "forward";
    }

    @Override
    public String about() {
        return "testpmd io, macswap and csum on null and pcap ports, one forwarding core";
    }

    @Override
    public int seconds(Bench bench) {
        return (bench.quick() ? 6 : 24) * Testpmd.seconds(bench);
    }

    @Override
    public List<Row> run(Bench bench) throws IOException, InterruptedException {
        List<Row> rows = new ArrayList<>();
        Path pcap = Traffic.udp64();
        String[][] ports = {
            {"null", "net_null0", "net_null1"},
            {"null copy", "net_null0,copy=1", "net_null1,copy=1"},
            {"pcap of 64 B", "net_pcap0,rx_pcap=" + pcap + ",infinite_rx=1", "net_pcap1,rx_pcap=" + pcap + ",infinite_rx=1"},
        };
        for (String[] pair : ports) {
            for (String engine : bench.quick() ? List.of("io", "macswap") : List.of("io", "macswap", "csum")) {
                row(rows, bench, engine + " on " + pair[0], pair[1], pair[2], engine, 32);
            }
        }
        if (!bench.quick()) {
            sweep(bench, rows);
        }
        return rows;
    }

    private void sweep(Bench bench, List<Row> rows) throws IOException, InterruptedException {
        for (int bytes : new int[] {64, 128, 256, 512, 1024, 1518}) {
            // A frame's last 4 bytes are its check sequence, which no port hands over; the name counts them, as RFC 2544 does.
            Path pcap = Traffic.udp(bytes - 4);
            String arguments = ",rx_pcap=" + pcap + ",infinite_rx=1";
            row(rows, bench, "macswap on pcap, " + bytes + " B", "net_pcap0" + arguments, "net_pcap1" + arguments, "macswap", 32);
        }
        for (int burst = 1; burst <= 256; burst *= 2) {
            row(rows, bench, "macswap on null, burst " + burst, "net_null0", "net_null1", "macswap", burst);
        }
    }

    private void row(List<Row> rows, Bench bench, String name, String first, String second, String engine, int burst)
            throws IOException, InterruptedException {
        if (!bench.wants(name)) {
            return;
        }
        List<String> arguments = List.of("-l", bench.lcores(), "--no-pci", "--in-memory", "--vdev", first, "--vdev", second,
                "--", "--forward-mode=" + engine, "--burst=" + burst, "--stats-period", "1");
        rows.add(Testpmd.row(bench, name(), name, arguments, "Rx"));
    }
}
