package dev.penstock.bench;

import java.io.File;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** DPDK as Debian has it. */
final class Peers {
    /** DPDK's programs that a bench starts have their run-time files under this name. */
    static final String PREFIX = "penstockbench" + ProcessHandle.current().pid();

    private Peers() {}

    /**
     * Where DPDK's memory lies: in huge pages, as Penstock's does; in others only where there are too few, which is said.
     *
     * @param megabytes what its test takes at the most
     * @return the EAL's arguments
     */
    static List<String> memory(int megabytes) {
        if (HugePages.free((long) megabytes << 20)) {
            return List.of("--in-memory");
        }
        System.err.println("penstock bench: DPDK runs without huge pages, which is slower for it; to mend: sysctl vm.nr_hugepages="
                + megabytes / 2);
        return List.of("--no-huge", "-m", Integer.toString(megabytes));
    }

    /**
     * Sends a signal.
     *
     * @param name such as STOP
     * @param processes to these
     * @throws IOException when there is no kill(1)
     * @throws InterruptedException when ended from outside
     */
    static void signal(String name, Process... processes) throws IOException, InterruptedException {
        List<String> command = new ArrayList<>(List.of("kill", "-" + name));
        Arrays.stream(processes).forEach(process -> command.add("" + process.pid()));
        new ProcessBuilder(command).start().waitFor();
    }

    /** Deletes the run-time folder that DPDK's programs leave behind, root's or a user's. */
    static void tidy() {
        String session = System.getenv().getOrDefault("XDG_RUNTIME_DIR", "/tmp");
        for (Path folder : List.of(Path.of("/var/run/dpdk", PREFIX), Path.of(session, "dpdk", PREFIX))) {
            File[] files = folder.toFile().listFiles();
            if (files != null) {
                Arrays.stream(files).forEach(File::delete);
                folder.toFile().delete();
            }
        }
    }

    /** Installs what is not there; says so when it can't, and the bench goes on without. */
    static void install() throws IOException, InterruptedException {
        if (Bench.find("dpdk-testpmd") != null && Bench.find("dpdk-test") != null) {
            System.err.println("penstock bench: DPDK is installed: " + Bench.find("dpdk-testpmd") + ", " + Bench.find("dpdk-test"));
            return;
        }
        if (Bench.find("apt-get") == null) {
            System.err.println("penstock bench: --install needs apt-get; install DPDK 22.11 by hand, with dpdk-testpmd and dpdk-test");
            return;
        }
        System.err.println("penstock bench: installing dpdk and dpdk-dev");
        int code = new ProcessBuilder("sh", "-c",
                "apt-get update && DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends dpdk dpdk-dev")
                .inheritIO().redirectOutput(ProcessBuilder.Redirect.DISCARD).start().waitFor();
        if (code != 0) {
            System.err.println("penstock bench: could not install them (run as root, or sudo apt-get install dpdk dpdk-dev)");
        }
    }
}
