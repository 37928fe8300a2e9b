package dev.penstock.bench;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** The kinds of port on a wire, by the names and arguments that both testpmds know. */
enum PortKind {
    /** Rings shared with the kernel. */
    AF_PACKET("net_af_packet"),
    /** The pool's own memory shared with the kernel. */
    AF_XDP("net_af_xdp");

    private final String driver;

    PortKind(String driver) {
        this.driver = driver;
    }

    /** @return as rows name it */
    String word() {
        return driver.substring(4);
    }

    /** EAL arguments for ports on interfaces, and testpmd's own behind them. */
    List<String> arguments(Bench bench, List<String> interfaces, String... testpmd) {
        return arguments(bench, interfaces, 1, testpmd);
    }

    /**
     * The same, with statistics every so many seconds. Who prints them has the processor of the lab's generator, which must
     * not wait for that when single frames count.
     */
    List<String> arguments(Bench bench, List<String> interfaces, int period, String... testpmd) {
        List<String> all = devices(bench, interfaces);
        all.addAll(List.of("--", "--stats-period", Integer.toString(period), "--total-num-mbufs=16384"));
        all.addAll(Arrays.asList(testpmd));
        return all;
    }

    /** EAL arguments for ports on interfaces. */
    List<String> devices(Bench bench, List<String> interfaces) {
        List<String> all = new ArrayList<>(List.of("-l", bench.lcores(), "--no-pci", "--in-memory"));
        for (int i = 0; i < interfaces.size(); i++) {
            all.add("--vdev=" + driver + i + ",iface=" + interfaces.get(i));
        }
        return all;
    }
}
