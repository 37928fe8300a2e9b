package dev.penstock.bench;

import java.io.IOException;

/** DPDK as Debian has it. */
final class Peers {
    private Peers() {}

    /** Installs what is not there; says so when it can't, and the bench goes on without. */
    static void install() throws IOException, InterruptedException {
        if (Bench.find("dpdk-testpmd") != null && Bench.find("dpdk-test") != null) {
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
