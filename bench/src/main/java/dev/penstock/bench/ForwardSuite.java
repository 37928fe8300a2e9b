package dev.penstock.bench;

import dev.penstock.bench.report.Row;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** testpmd's engines between ports in memory, one forwarding core. */
final class ForwardSuite implements Suite {
    /** Of one side, a second a run: two processes with 15 points. */
    private static final int SWEEPS_SECONDS = 20;

    private static final List<String> PORTS = List.of("null", "null copy", "pcap of 64 B", "ring");
    /** Where packets go round: the ports make none, testpmd sends the first burst of each. */
    private static final String RING = PORTS.getLast();
    private static final List<String> ENGINES = List.of("io", "macswap", "csum");
    private static final List<Integer> SIZES = List.of(64, 128, 256, 512, 1024, 1518);
    private static final List<Integer> BURSTS = List.of(1, 2, 4, 8, 16, 32, 64, 128, 256);

    @Override
    public String name() {
        return "forward";
    }

    @Override
    public String about() {
        return "testpmd io, macswap and csum on null, pcap and ring ports, one forwarding core";
    }

    @Override
    public int seconds(Bench bench) {
        int sweeps = bench.quick() ? 0 : 2 * bench.repetitions() * SWEEPS_SECONDS * (1 + bench.seconds()) / 2;
        return ports(bench).size() * ENGINES.size() * Testpmd.seconds(bench) + sweeps;
    }

    @Override
    public List<String> rowNames(Bench bench) {
        List<String> rows = new ArrayList<>();
        ports(bench).forEach(pair -> ENGINES.forEach(engine -> rows.add(engine + " on " + pair)));
        if (!bench.quick()) {
            SIZES.forEach(bytes -> rows.add(sizeRow(bytes)));
            BURSTS.forEach(burst -> rows.add(burstRow(burst)));
        }
        return rows;
    }

    private static List<String> ports(Bench bench) {
        return bench.quick() ? PORTS.subList(0, PORTS.indexOf(RING)) : PORTS;
    }

    @Override
    public List<Row> run(Bench bench) throws IOException, InterruptedException {
        List<Row> rows = new ArrayList<>();
        Path pcap = Traffic.udp64();
        String[][] ports = {
            {"net_null0", "net_null1"},
            {"net_null0,copy=1", "net_null1,copy=1"},
            {"net_pcap0,rx_pcap=" + pcap + ",infinite_rx=1", "net_pcap1,rx_pcap=" + pcap + ",infinite_rx=1"},
            {"net_ring0", "net_ring1"},
        };
        for (int i = 0; i < ports(bench).size(); i++) {
            for (String engine : ENGINES) {
                row(rows, bench, engine + " on " + PORTS.get(i), ports[i][0], ports[i][1], engine);
            }
        }
        if (!bench.quick()) {
            for (Sweep sweep : sweeps(bench)) {
                rows.addAll(sweep.rows(bench, name()));
            }
        }
        return rows;
    }

    /** macswap against frame size and against burst. */
    private static List<Sweep> sweeps(Bench bench) throws IOException {
        List<String> pcaps = new ArrayList<>(List.of("-l", bench.lcores(), "--no-pci", "--in-memory"));
        Map<String, List<String>> sizes = new LinkedHashMap<>();
        for (int bytes : SIZES) {
            // A frame's last 4 bytes are its check sequence, which no port hands over; the name counts them, as RFC 2544 does.
            String arguments = ",rx_pcap=" + Traffic.udp(bytes - 4) + ",infinite_rx=1";
            int port = 2 * sizes.size();
            pcaps.addAll(List.of("--vdev", "net_pcap" + port + arguments, "--vdev", "net_pcap" + (port + 1) + arguments));
            sizes.put(sizeRow(bytes), List.of("set portlist " + port + "," + (port + 1)));
        }
        Map<String, List<String>> bursts = new LinkedHashMap<>();
        for (int burst : BURSTS) {
            bursts.put(burstRow(burst), List.of("set burst " + burst));
        }
        List<String> nulls = List.of("-l", bench.lcores(), "--no-pci", "--in-memory", "--vdev", "net_null0", "--vdev", "net_null1");
        return List.of(new Sweep(prompt(pcaps), sizes), new Sweep(prompt(nulls), bursts));
    }

    private static String sizeRow(int bytes) {
        return "macswap on pcap, " + bytes + " B";
    }

    private static String burstRow(int burst) {
        return "macswap on null, burst " + burst;
    }

    private static List<String> prompt(List<String> eal) {
        List<String> all = new ArrayList<>(eal);
        all.addAll(List.of("--", "-i", "--forward-mode=macswap", "--total-num-mbufs=32768"));
        return all;
    }

    private void row(List<Row> rows, Bench bench, String name, String first, String second, String engine)
            throws IOException, InterruptedException {
        if (!bench.wants(name)) {
            return;
        }
        List<String> arguments = new ArrayList<>(List.of("-l", bench.lcores(), "--no-pci", "--in-memory", "--vdev", first, "--vdev", second,
                "--", "--forward-mode=" + engine, "--stats-period", "1"));
        if (name.endsWith(" on " + RING)) {
            arguments.add("--tx-first");
        }
        rows.add(Testpmd.row(bench, name(), name, arguments, "Rx"));
    }
}
