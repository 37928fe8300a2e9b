package dev.penstock.bench;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** What ports on the kernel's interfaces receive and send: af_packet and af_xdp on a veth pair, tap. */
final class IoSuite implements Suite {
    private static final List<Integer> FRAMES = List.of(64, 1518);

    @Override
    public String name() {
        return "io";
    }

    @Override
    public String about() {
        return "testpmd rxonly and txonly on af_packet, af_xdp and tap, 64 and 1518 B; one generator for both sides";
    }

    @Override
    public int seconds(Bench bench) {
        return 3 * 2 * (bench.quick() ? 1 : 2) * (Testpmd.seconds(bench) + 4);
    }

    @Override
    public String lacks() {
        return Lab.lacks();
    }

    @Override
    public List<Row> run(Bench bench) throws IOException, InterruptedException {
        List<Row> rows = new ArrayList<>();
        for (int frame : bench.quick() ? FRAMES.subList(0, 1) : FRAMES) {
            for (PortKind kind : PortKind.values()) {
                rx(bench, rows, kind.word(), frame, kind.arguments(bench, List.of("d0"), "--forward-mode=rxonly"), "g0");
                tx(bench, rows, kind.word(), frame, kind.arguments(bench, List.of("d0"), sending(frame)));
            }
            List<String> tap = new ArrayList<>(List.of("-l", bench.lcores(), "--no-pci", "--in-memory", "--vdev=net_tap0,iface=t0", "--",
                    "--stats-period", "1", "--total-num-mbufs=16384"));
            tx(bench, rows, "tap", frame, plus(tap, sending(frame)));
            rx(bench, rows, "tap", frame, plus(tap, "--forward-mode=rxonly"), "t0");
        }
        return rows;
    }

    private static String[] sending(int frame) {
        return new String[] {"--forward-mode=txonly", "--txpkts=" + (frame - Tester.CRC)};
    }

    private static List<String> plus(List<String> arguments, String... more) {
        List<String> all = new ArrayList<>(arguments);
        all.addAll(List.of(more));
        return all;
    }

    private void rx(Bench bench, List<Row> rows, String kind, int frame, List<String> arguments, String generator)
            throws IOException, InterruptedException {
        row(bench, rows, kind + " rx, " + frame + " B", arguments, "Rx", (lab, program) -> {
            // Swapped cores: the generator has the one that the device's forwarder leaves free.
            List<String> command = new ArrayList<>(List.of(bench.launcher().toString(), "testpmd", "--lcores",
                    "0@" + bench.lastCpu() + ",1@" + bench.firstCpu(), "--no-pci", "--in-memory", "--no-huge", "--no-telemetry",
                    "--vdev=net_af_packet0,iface=" + generator, "--", "--stats-period", "9", "--total-num-mbufs=16384"));
            command.addAll(List.of(sending(frame)));
            Process process = Lab.startWhen(generator.equals("t0") ? lab.device() : lab.tester(), generator, command);
            try {
                return Testpmd.mpps(lab.device(program), bench, arguments, "Rx");
            } finally {
                process.destroyForcibly().waitFor();
            }
        });
    }

    private void tx(Bench bench, List<Row> rows, String kind, int frame, List<String> arguments)
            throws IOException, InterruptedException {
        row(bench, rows, kind + " tx, " + frame + " B", arguments, "Tx",
                (lab, program) -> Testpmd.mpps(lab.device(program), bench, arguments, "Tx"));
    }

    /** One run in a lab of its own. */
    @FunctionalInterface
    private interface Run {
        Bench.Sample of(Lab lab, List<String> program) throws IOException, InterruptedException;
    }

    private void row(Bench bench, List<Row> rows, String row, List<String> arguments, String side, Run run)
            throws IOException, InterruptedException {
        if (!bench.wants(row)) {
            return;
        }
        Path dpdk = Bench.find("dpdk-testpmd");
        rows.add(bench.compare(name(), row, "Mpps", true, String.join(" ", arguments) + " (" + side + ")",
                () -> once(run, List.of(bench.launcher().toString(), "testpmd")),
                dpdk == null ? null : () -> once(run, List.of(dpdk.toString()))));
    }

    private static Bench.Sample once(Run run, List<String> program) throws IOException, InterruptedException {
        try (Lab lab = new Lab()) {
            return run.of(lab, program);
        }
    }
}
