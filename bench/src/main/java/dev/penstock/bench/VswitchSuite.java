package dev.penstock.bench;

import dev.penstock.bench.report.Row;
import dev.penstock.threads.AtExit;
import java.io.IOException;
import java.lang.ProcessBuilder.Redirect;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;

/**
 * A switch between two vhost ports on the first core, ours and Open vSwitch with DPDK, each learning addresses; DPDK's testpmd
 * on two virtio-user ports on the last core sends each packet that it receives on one back out of the other.
 */
final class VswitchSuite implements Suite {
    private static final List<Integer> FRAMES = List.of(64, 1518);
    private static final Path OVS = Path.of("/usr/lib/openvswitch-switch-dpdk/ovs-vswitchd-dpdk");
    private static final String SCHEMA = "/usr/share/openvswitch/vswitch.ovsschema";
    private static final int LINK_SECONDS = 4;
    private static final int MORE_TURNS = 8;
    /** Both processors poll, so that the JIT has half of one: on a slow machine a switch of ours made a fortieth of its rate in the second second. */
    private static final int WARM_UP_SECONDS = 8 * Bench.WARM_UP_SECONDS;

    @Override
    public String name() {
        return "vswitch";
    }

    @Override
    public String about() {
        return "vswitch and Open vSwitch with DPDK between two vhost ports, learning addresses, 64 and 1518 B";
    }

    @Override
    public int seconds(Bench bench) {
        return (bench.quick() ? 1 : 2) * bench.repetitions() * 2 * (LINK_SECONDS + WARM_UP_SECONDS + bench.seconds() + 2);
    }

    @Override
    public String lacks() {
        return Bench.find("dpdk-testpmd") == null ? "it needs DPDK's testpmd on the other side: sudo apt-get install dpdk" : null;
    }

    /** A switch that runs until it is closed. */
    private interface Running extends AutoCloseable {
        @Override
        void close();
    }

    /** Starts one, with its files in a folder. */
    @FunctionalInterface
    private interface Switch {
        Running start(Path folder) throws IOException, InterruptedException;
    }

    @Override
    public List<String> rowNames(Bench bench) {
        return frames(bench).stream().map(VswitchSuite::row).toList();
    }

    private static List<Integer> frames(Bench bench) {
        return bench.quick() ? FRAMES.subList(0, 1) : FRAMES;
    }

    private static String row(int frame) {
        return "two vhost ports, " + frame + " B";
    }

    @Override
    public List<Row> run(Bench bench) throws IOException, InterruptedException {
        List<Row> rows = new ArrayList<>();
        boolean peer = Files.isExecutable(OVS) && Bench.find("ovsdb-server") != null;
        for (int frame : frames(bench)) {
            String row = row(frame);
            if (!bench.wants(row)) {
                continue;
            }
            Turns turns = new Turns();
            int more = MORE_TURNS;
            for (int turn = 0; turn < bench.repetitions();) {
                bench.progress().printf("\r  %-50s %d of %d", row, turn + 1, bench.repetitions());
                bench.progress().flush();
                double before = CoreDistance.roundTripNs(bench.firstCpu(), bench.lastCpu());
                Bench.Sample ours = mpps(bench, folder -> ours(bench, folder), frame);
                Bench.Sample theirs = peer ? mpps(bench, folder -> new Ovs(bench, folder), frame) : null;
                double after = CoreDistance.roundTripNs(bench.firstCpu(), bench.lastCpu());
                if (CoreDistance.same(before, after) || more-- == 0) {
                    bench.progress().printf("\r  turn %d: %.0f ns to the other core and back; %.2f and %.2f%n", turn + 1, after,
                            ours.value(), peer ? theirs.value() : 0);
                    turns.ours(ours);
                    if (peer) {
                        turns.theirs(theirs);
                    }
                    turn++;
                }
            }
            rows.add(turns.row(name(), row, "Mpps", true, "OVS-DPDK", "testpmd mac between two virtio-user ports, " + frame
                    + " B with check sequence, through a learning switch on one core"));
            bench.done().accept(rows.getLast());
        }
        return rows;
    }

    private static Bench.Sample mpps(Bench bench, Switch which, int frame) throws IOException, InterruptedException {
        Path folder = Scratch.folder("vswitch");
        try (Running _ = which.start(folder)) {
            return traffic(bench, folder, frame);
        } finally {
            try (Stream<Path> all = Files.walk(folder)) {
                for (Path path : all.sorted(Comparator.reverseOrder()).toList()) {
                    Files.deleteIfExists(path);
                }
            }
        }
    }

    private static Running ours(Bench bench, Path folder) throws IOException {
        List<String> command = List.of(bench.launcher().toString(), "vswitch", "--lcores", "0@" + bench.firstCpu(), "--no-pci",
                "--in-memory", "--no-telemetry", "--vdev=net_vhost0,client=1,iface=" + folder.resolve("s0"),
                "--vdev=net_vhost1,client=1,iface=" + folder.resolve("s1"), "--", "--no-prompt");
        Process process = new ProcessBuilder(command).redirectErrorStream(true).redirectOutput(folder.resolve("log").toFile()).start();
        AtExit undo = new AtExit(process::destroyForcibly);
        return () -> {
            process.destroy();
            process.onExit().join();
            undo.close();
        };
    }

    private static Bench.Sample traffic(Bench bench, Path folder, int frame) throws IOException, InterruptedException {
        Path log = folder.resolve("traffic");
        List<String> command = List.of("stdbuf", "-oL", Bench.find("dpdk-testpmd").toString(), "--lcores",
                "0@" + bench.firstCpu() + ",1@" + bench.lastCpu(), "--no-pci", "--in-memory", "--single-file-segments",
                "--no-telemetry", "--vdev=net_virtio_user0,server=1,mac=02:00:00:00:00:01,path=" + folder.resolve("s0"),
                "--vdev=net_virtio_user1,server=1,mac=02:00:00:00:00:02,path=" + folder.resolve("s1"), "--", "-i",
                "--total-num-mbufs=16384", "--forward-mode=mac", "--txpkts=" + (frame - Tester.CRC),
                "--eth-peer=0,02:00:00:00:00:02", "--eth-peer=1,02:00:00:00:00:01");
        Process process = new ProcessBuilder(command).redirectErrorStream(true).redirectOutput(log.toFile()).start();
        return Bench.guarded(process, () -> {
            var prompt = process.outputWriter();
            // both switches take some time to notice that there is a front end
            Thread.sleep(LINK_SECONDS * 1000L);
            prompt.write("start tx_first 32\n");
            prompt.flush();
            Thread.sleep(WARM_UP_SECONDS * 1000L);
            // a switch that was slow at first has lost of what goes round
            prompt.write("stop\nstart tx_first 32\n");
            for (int i = 0; i <= 1 + bench.seconds(); i++) {
                prompt.write("show port stats all\n");
                prompt.flush();
                Thread.sleep(1000);
            }
            prompt.write("quit\n");
            prompt.flush();
            process.waitFor();
            List<String> lines = Files.readAllLines(log, StandardCharsets.ISO_8859_1);
            // each sample is of two ports
            double[] each = Testpmd.eachRate(lines, "Rx");
            double[] sums = new double[each.length / 2];
            Arrays.setAll(sums, i -> each[2 * i] + each[2 * i + 1]);
            if (sums.length < bench.seconds() || sums[sums.length - 1] == 0) {
                throw new IOException("no traffic through the switch\n" + String.join("\n", lines.subList(Math.max(0, lines.size() - 12), lines.size())));
            }
            return new Bench.Sample(Row.median(Arrays.copyOfRange(sums, sums.length - bench.seconds(), sums.length)) / 1e6,
                    Testpmd.workload(lines), Testpmd.frameBytes(lines, "Rx"));
        });
    }

    /** Open vSwitch with a database, sockets and a log of its own. */
    private static final class Ovs implements Running {
        private final Process database;
        private final Process daemon;
        private final AtExit undo;

        Ovs(Bench bench, Path folder) throws IOException, InterruptedException {
            String socket = "unix:" + folder.resolve("db.sock");
            run("ovsdb-tool", "create", folder.resolve("conf.db").toString(), SCHEMA);
            database = start(folder, "ovsdb-server", folder.resolve("conf.db").toString(), "--remote=p" + socket, "--unixctl="
                    + folder.resolve("db.ctl"), "--log-file=" + folder.resolve("db.log"));
            while (!Files.exists(folder.resolve("db.sock"))) {
                Thread.sleep(20);
            }
            run("ovs-vsctl", "--db=" + socket, "--no-wait", "--", "init", "--", "set", "Open_vSwitch", ".",
                    "other_config:dpdk-init=true", "other_config:dpdk-lcore-mask=0x" + Integer.toHexString(1 << bench.lastCpu()),
                    "other_config:pmd-cpu-mask=0x" + Integer.toHexString(1 << bench.firstCpu()), "other_config:dpdk-socket-mem=256",
                    "other_config:dpdk-extra=--in-memory --no-pci --no-telemetry");
            // A bridge is an interface that outlives its daemon: in a network namespace of its own it goes with it.
            daemon = start(folder, "unshare", "--net", OVS.toString(), socket, "--unixctl=" + folder.resolve("vs.ctl"),
                    "--log-file=" + folder.resolve("vs.log"));
            undo = new AtExit(this::kill);
            run("ovs-vsctl", "--db=" + socket, "--timeout=20", "--", "add-br", "br0", "--", "set", "bridge", "br0", "datapath_type=netdev",
                    "--", "add-port", "br0", "v0", "--", "set", "Interface", "v0", "type=dpdkvhostuserclient",
                    "options:vhost-server-path=" + folder.resolve("s0"), "--", "add-port", "br0", "v1", "--", "set", "Interface", "v1",
                    "type=dpdkvhostuserclient", "options:vhost-server-path=" + folder.resolve("s1"));
        }

        private static Process start(Path folder, String... command) throws IOException {
            ProcessBuilder builder = new ProcessBuilder(command).redirectErrorStream(true).redirectOutput(Redirect.DISCARD);
            builder.environment().put("OVS_RUNDIR", folder.toString());
            return builder.start();
        }

        private static void run(String... command) throws IOException, InterruptedException {
            Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
            String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            if (process.waitFor() != 0) {
                throw new IOException(String.join(" ", command) + ": " + said);
            }
        }

        private void kill() {
            daemon.destroyForcibly();
            database.destroyForcibly();
        }

        @Override
        public void close() {
            daemon.destroy();
            daemon.onExit().join();
            database.destroy();
            database.onExit().join();
            undo.close();
        }
    }
}
