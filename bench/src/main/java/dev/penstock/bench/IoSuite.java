package dev.penstock.bench;

import dev.penstock.bench.report.Row;
import dev.penstock.testkit.NetNamespace;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * What ports on the kernel's interfaces receive, send and forward: af_packet and af_xdp on a veth pair, tap. Rows of af_xdp
 * say as well which part of each core's time was the kernel's.
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
        return 8 * (bench.quick() ? 1 : 2) * (Testpmd.seconds(bench) + 2 * (WARM_UP_SECONDS - Bench.WARM_UP_SECONDS) * bench.repetitions() + 4);
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
            PortKind xdp = PortKind.AF_XDP;
            timed(bench, rows, "af_xdp rx", frame, xdp.arguments(bench, List.of("d0"), "--forward-mode=rxonly"), "Rx", true);
            timed(bench, rows, "af_xdp tx", frame, xdp.arguments(bench, List.of("d0"), sending(frame)), "Tx", false);
            timed(bench, rows, "af_xdp io", frame, xdp.arguments(bench, List.of("d0", "d1"), "--forward-mode=io"), "Tx", true);
            timed(bench, rows, "af_xdp macswap", frame, xdp.arguments(bench, List.of("d0", "d1"), "--forward-mode=macswap"), "Tx", true);
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
    private void timed(Bench bench, List<Row> rows, String kind, int frame, List<String> arguments, String side, boolean flooded)
            throws IOException, InterruptedException {
        String row = kind + ", " + frame + " B";
        List<Turns> shares = List.of(new Turns(), new Turns());
        row(bench, rows, row, arguments, side, (lab, program) -> {
            try (Lab.Dut dut = lab.forward(program, arguments);
                    Flood flood = flooded ? new Flood(lab.tester(), "g0", bench.firstCpu(), frame - Tester.CRC) : null) {
                Thread.sleep(1000L * WARM_UP_SECONDS);
                int before = Testpmd.rates(dut.lines(), side).length;
                KernelTime forwarder = KernelTime.read(bench.lastCpu());
                KernelTime sender = KernelTime.read(bench.firstCpu());
                Thread.sleep(1000L * bench.seconds() + 500);
                double[] percent = {percent(bench.lastCpu(), forwarder), percent(bench.firstCpu(), sender)};
                if (flood != null) {
                    flood.check();
                }
                double[] rates = Testpmd.rates(dut.lines(), side);
                String said = Testpmd.workload(dut.lines());
                for (int core = 0; core < percent.length; core++) {
                    Bench.Sample share = new Bench.Sample(percent[core], said);
                    if (program.contains("testpmd")) {
                        shares.get(core).ours(share);
                    } else {
                        shares.get(core).theirs(share);
                    }
                }
                return new Bench.Sample(Row.median(Arrays.copyOfRange(rates, Math.min(before, rates.length - 1), rates.length)) / 1e6,
                        said);
            }
        });
        if (bench.wants(row)) {
            String[] cores = flooded ? new String[] {"core that forwards", "core that sends"} : new String[] {"core that forwards"};
            for (int i = 0; i < cores.length; i++) {
                rows.add(shares.get(i).row(name(), row + ": kernel on the " + cores[i], "% time", false, "DPDK", String.join(" ", arguments)));
            }
        }
    }

    /** Half a tick in a second at least, so that there is a ratio. */
    private static double percent(int cpu, KernelTime before) throws IOException {
        return Math.max(0.5, 100 * KernelTime.read(cpu).since(before));
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
