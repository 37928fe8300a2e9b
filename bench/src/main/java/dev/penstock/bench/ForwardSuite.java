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
    public List<Row> run(Bench bench) throws IOException, InterruptedException {
        List<Row> rows = new ArrayList<>();
        Path pcap = Traffic.udp64();
        String[][] ports = {
            {"null", "net_null0", "net_null1"},
            {"null copy", "net_null0,copy=1", "net_null1,copy=1"},
            {"pcap 64 B", "net_pcap0,rx_pcap=" + pcap + ",infinite_rx=1", "net_pcap1,rx_pcap=" + pcap + ",infinite_rx=1"},
        };
        for (String[] pair : ports) {
            for (String engine : List.of("io", "macswap", "csum")) {
                List<String> arguments = List.of("-l", bench.lcores(), "--no-pci", "--in-memory", "--vdev", pair[1], "--vdev", pair[2],
                        "--", "--forward-mode=" + engine, "--stats-period", "1");
                Path dpdk = Bench.find("dpdk-testpmd");
                rows.add(bench.compare(name(), engine + " on " + pair[0], "Mpps", true, String.join(" ", arguments),
                        () -> Testpmd.mpps(List.of(bench.launcher().toString(), "testpmd"), bench, arguments, "Rx"),
                        dpdk == null ? null : () -> Testpmd.mpps(List.of(dpdk.toString()), bench, arguments, "Rx")));
            }
        }
        return rows;
    }
}
