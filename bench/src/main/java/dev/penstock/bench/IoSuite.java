package dev.penstock.bench;

import dev.penstock.bench.report.Row;
import dev.penstock.testkit.NetNamespace;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * What ports on the kernel's interfaces receive, send and forward: af_packet and af_xdp on a veth pair, tap. Rows of af_xdp
 * say as well which part of each core's time was the kernel's; both sides are there at once and run in turn, see {@link Rounds}.
 */
final class IoSuite implements Suite {
    private static final List<Integer> FRAMES = List.of(64, 1518);
    /** The generator has the processor on which our JIT's threads work in the first seconds: to 3.5 s on a slow machine of two. */
    private static final int WARM_UP_SECONDS = 4 * Bench.WARM_UP_SECONDS;

    @Override
    public String name() {
        return "io";
    }

    @Override
    public String about() {
        return "testpmd rxonly and txonly on af_packet, af_xdp and tap, io and macswap on af_xdp, 64 and 1518 B; one generator for both";
    }

    @Override
    public int seconds(Bench bench) {
        int once = Testpmd.seconds(bench) + 2 * (WARM_UP_SECONDS - Bench.WARM_UP_SECONDS) * bench.repetitions() + 4;
        return 4 * (bench.quick() ? 1 : 2) * (once + bench.repetitions() * (2 * XdpPort.START_SECONDS + 4 * bench.seconds()));
    }

    @Override
    public String lacks() {
        return Lab.lacks();
    }

    @Override
    public List<String> rowNames(Bench bench) {
        List<String> rows = new ArrayList<>();
        for (int frame : frames(bench)) {
            for (String kind : List.of("af_packet rx", "af_packet tx", "af_xdp rx", "af_xdp tx", "af_xdp io", "af_xdp macswap", "tap tx", "tap rx")) {
                rows.add(kind + ", " + frame + " B");
            }
        }
        return rows;
    }

    private static List<Integer> frames(Bench bench) {
        return bench.quick() ? FRAMES.subList(0, 1) : FRAMES;
    }

    @Override
    public List<Row> run(Bench bench) throws IOException, InterruptedException {
        List<Row> rows = new ArrayList<>();
        for (int frame : frames(bench)) {
            PortKind packet = PortKind.AF_PACKET;
            rx(bench, rows, packet.word(), frame, packet.arguments(bench, List.of("d0"), "--forward-mode=rxonly"), "g0");
            tx(bench, rows, packet.word(), frame, packet.arguments(bench, List.of("d0"), sending(frame)));
            for (XdpPort.Way way : XdpPort.Way.values()) {
                xdp(bench, rows, way, frame);
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

    /** One generator for all runs of both sides, since each start of one has a rate of its own; but a tap's is there for as long as its program. */
    private void rx(Bench bench, List<Row> rows, String kind, int frame, List<String> arguments, String device)
            throws IOException, InterruptedException {
        String row = kind + " rx, " + frame + " B";
        if (!bench.wants(row)) {
            return;
        }
        if (device.equals("t0")) {
            row(bench, rows, row, arguments, "Rx", (lab, program) -> Bench.guarded(generator(bench, lab.device(), device, frame),
                    () -> Testpmd.mpps(lab.device(program), bench, arguments, "Rx", WARM_UP_SECONDS)));
            return;
        }
        try (Lab lab = new Lab()) {
            rows.add(Bench.guarded(generator(bench, lab.tester(), device, frame), () -> compare(bench, row, arguments, "Rx",
                    program -> Testpmd.mpps(lab.device(program), bench, arguments, "Rx", WARM_UP_SECONDS))));
        }
    }

    /** Swapped cores: it has the one that the device's forwarder leaves free. */
    private static Process generator(Bench bench, NetNamespace space, String device, int frame) throws IOException {
        List<String> command = new ArrayList<>(List.of(bench.launcher().toString(), "testpmd", "--lcores",
                "0@" + bench.lastCpu() + ",1@" + bench.firstCpu(), "--no-pci", "--in-memory", "--no-huge", "--no-telemetry",
                "--vdev=net_af_packet0,iface=" + device, "--", "--stats-period", "9", "--total-num-mbufs=16384"));
        command.addAll(List.of(sending(frame)));
        return Lab.startWhen(space, device, command);
    }

    private void tx(Bench bench, List<Row> rows, String kind, int frame, List<String> arguments)
            throws IOException, InterruptedException {
        row(bench, rows, kind + " tx, " + frame + " B", arguments, "Tx",
                (lab, program) -> Testpmd.mpps(lab.device(program), bench, arguments, "Tx", WARM_UP_SECONDS));
    }

    /** A rate, and the kernel's part of the time of the core that forwards and, with a flood, of the one that sends. */
    private void xdp(Bench bench, List<Row> rows, XdpPort.Way way, int frame) throws IOException, InterruptedException {
        String row = way.row(frame);
        if (!bench.wants(row)) {
            return;
        }
        boolean peer = Bench.find("dpdk-testpmd") != null;
        String workload = String.join(" ", way.arguments(bench, frame)) + " (" + way.side + ")";
        List<String> cores = way.isFlooded() ? List.of("core that forwards", "core that sends") : List.of("core that forwards");
        List<Turns> turns = Stream.generate(Turns::new).limit(1 + cores.size()).toList();
        try {
            for (int turn = 0; turn < bench.repetitions() && turns.getFirst().refused().isEmpty(); turn++) {
                bench.progress().printf("\r  %-50s %d of %d", row, turn + 1, bench.repetitions());
                bench.progress().flush();
                turn(bench, turns, peer, way, frame);
            }
        } finally {
            // also the turns that were whole before something ended them
            bench.progress().printf("\r%70s\r", "");
            if (!turns.getFirst().isEmpty()) {
                rows.add(turns.getFirst().row(name(), row, "Mpps", true, "DPDK", workload));
                bench.done().accept(rows.getLast());
                for (int i = 0; i < cores.size(); i++) {
                    rows.add(turns.get(1 + i).row(name(), row + ": kernel on the " + cores.get(i), "% time", false, "DPDK", workload));
                }
            }
        }
    }

    private static void turn(Bench bench, List<Turns> turns, boolean peer, XdpPort.Way way, int frame) throws IOException, InterruptedException {
        List<XdpPort> both = new ArrayList<>();
        try {
            for (boolean ours : peer ? new boolean[] {true, false} : new boolean[] {true}) {
                both.add(new XdpPort(bench, ours, way, frame));
            }
            Rounds.Beside rates = Rounds.run(bench, both).getFirst();
            List<Bench.Sample> rate = peer ? List.of(rates.own(), rates.peer()) : List.of(rates.own());
            bench.progress().println(rate.stream().map(r -> String.format(" %.2f", r.value())).collect(Collectors.joining()));
            add(turns.getFirst(), rate);
            add(turns.get(1), both.stream().map(XdpPort::kernelWhereForwarded).toList());
            if (way.isFlooded()) {
                add(turns.get(2), both.stream().map(XdpPort::kernelWhereSent).toList());
            }
        } finally {
            both.forEach(XdpPort::close);
        }
    }

    private static void add(Turns turns, List<Bench.Sample> both) {
        turns.ours(both.getFirst());
        if (both.size() > 1) {
            turns.theirs(both.getLast());
        }
    }

    /** One run in a lab of its own. */
    @FunctionalInterface
    private interface Run {
        Bench.Sample of(Lab lab, List<String> program) throws IOException, InterruptedException;
    }

    /** One run of a program. */
    @FunctionalInterface
    private interface ProgramRun {
        Bench.Sample of(List<String> program) throws IOException, InterruptedException;
    }

    private void row(Bench bench, List<Row> rows, String row, List<String> arguments, String side, Run run)
            throws IOException, InterruptedException {
        if (bench.wants(row)) {
            rows.add(compare(bench, row, arguments, side, program -> {
                try (Lab lab = new Lab()) {
                    return run.of(lab, program);
                }
            }));
        }
    }

    private Row compare(Bench bench, String row, List<String> arguments, String side, ProgramRun run) throws IOException, InterruptedException {
        Path dpdk = Bench.find("dpdk-testpmd");
        return bench.compare(name(), row, "Mpps", true, String.join(" ", arguments) + " (" + side + ")",
                () -> run.of(List.of(bench.launcher().toString(), "testpmd")), dpdk == null ? null : () -> run.of(List.of(dpdk.toString())));
    }
}
