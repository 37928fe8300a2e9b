package dev.penstock.testkit;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.ProcessBuilder.Redirect;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;

/**
 * Open vSwitch with DPDK and one bridge, in a namespace of its own, with a database, sockets and logs in a folder of its
 * own. It polls one processor without a pause.
 */
public final class OpenVswitch implements AutoCloseable {
    private static final Path DAEMON = Path.of("/usr/lib/openvswitch-switch-dpdk/ovs-vswitchd-dpdk");
    private static final Path HUGE_PAGES = Path.of("/sys/kernel/mm/hugepages/hugepages-2048kB/free_hugepages");
    private static final int MEGABYTES = 256;

    private final Path folder;
    private final NetNamespace namespace = NetNamespace.create();
    private final String database;
    private Process server;
    private Process daemon;

    private OpenVswitch(Path folder) {
        this.folder = folder;
        database = "unix:" + folder.resolve("db.sock");
    }

    /** @return whether it is installed and has memory; else says on standard error what is missing */
    public static boolean available() {
        if (!Root.here()) {
            return false;
        }
        try {
            String lacks = !Files.isExecutable(DAEMON) ? DAEMON + " is missing; sudo apt-get install openvswitch-switch-dpdk"
                    : Long.parseLong(Files.readString(HUGE_PAGES).strip()) < MEGABYTES / 2 + 8
                    ? "Open vSwitch needs " + MEGABYTES + " MB of huge pages; sysctl -w vm.nr_hugepages=256" : null;
            if (lacks != null) {
                System.err.println("SKIPPED: " + lacks);
            }
            return lacks == null;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /**
     * Starts it, with bridge {@code br0}.
     *
     * @param folder where its files go; empty
     * @return it, running
     * @throws IOException when it can't be started
     */
    public static OpenVswitch start(Path folder) throws IOException {
        OpenVswitch ovs = new OpenVswitch(folder);
        try {
            ovs.start();
            return ovs;
        } catch (IOException | RuntimeException e) {
            ovs.close();
            throw e;
        }
    }

    private void start() throws IOException {
        Command.run("ovsdb-tool", "create", folder.resolve("conf.db").toString(), "/usr/share/openvswitch/vswitch.ovsschema");
        server = process("ovsdb-server", folder.resolve("conf.db").toString(), "--remote=p" + database, "--unixctl="
                + folder.resolve("db.ctl"), "--log-file=" + folder.resolve("db.log"));
        long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(10);
        while (!Files.exists(folder.resolve("db.sock"))) {
            if (System.nanoTime() > end || !server.isAlive()) {
                throw new IOException("ovsdb-server does not start: " + Files.readString(folder.resolve("db.log")));
            }
            Thread.onSpinWait();
        }
        int last = Math.min(1, Runtime.getRuntime().availableProcessors() - 1);
        vsctl("--no-wait", "--", "init", "--", "set", "Open_vSwitch", ".", "other_config:dpdk-init=true",
                "other_config:dpdk-lcore-mask=0x1", "other_config:pmd-cpu-mask=0x" + (1 << last),
                "other_config:dpdk-socket-mem=" + MEGABYTES, "other_config:dpdk-extra=--in-memory --no-pci --no-telemetry");
        daemon = process(DAEMON.toString(), database, "--unixctl=" + folder.resolve("vs.ctl"), "--log-file=" + folder.resolve("vs.log"));
        vsctl("add-br", "br0", "--", "set", "bridge", "br0", "datapath_type=netdev");
    }

    private Process process(String... command) throws IOException {
        ProcessBuilder builder = new ProcessBuilder(namespace.inside(command)).redirectErrorStream(true).redirectOutput(Redirect.DISCARD);
        builder.environment().put("OVS_RUNDIR", folder.toString());
        return builder.start();
    }

    private void vsctl(String... arguments) {
        String[] command = new String[arguments.length + 3];
        command[0] = "ovs-vsctl";
        command[1] = "--db=" + database;
        command[2] = "--timeout=30";
        System.arraycopy(arguments, 0, command, 3, arguments.length);
        Command.run(command);
    }

    /**
     * Adds a vhost-user port that connects to a front end's socket, again and again.
     *
     * @param name its name
     * @param socket where the front end listens, now or later
     */
    public void addVhostClient(String name, Path socket) {
        vsctl("add-port", "br0", name, "--", "set", "Interface", name, "type=dpdkvhostuserclient",
                "options:vhost-server-path=" + socket);
    }

    /** @return what it said in its log */
    public String log() {
        try {
            return Files.readString(folder.resolve("vs.log"));
        } catch (IOException e) {
            return e.toString();
        }
    }

    /** Ends it. */
    @Override
    public void close() {
        for (Process process : new Process[] {daemon, server}) {
            if (process != null) {
                process.destroy();
                try {
                    if (!process.waitFor(10, TimeUnit.SECONDS)) {
                        process.destroyForcibly().waitFor();
                    }
                } catch (InterruptedException e) {
                    Thread.currentThread().interrupt();
                }
            }
        }
        namespace.close();
    }
}
