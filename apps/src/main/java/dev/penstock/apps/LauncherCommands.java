package dev.penstock.apps;

import picocli.CommandLine.Command;

/** Commands that read their arguments themselves or that the launcher carries out; here so that help shows them. */
final class LauncherCommands {
    private LauncherCommands() {}

    /** {@code penstock testpmd}. */
    @Command(name = "testpmd", description = "Forwards between ports by DPDK's testpmd options and commands.")
    static final class Testpmd {}

    /** {@code penstock l2fwd}. */
    @Command(name = "l2fwd", description = "Forwards between pairs of ports by DPDK's l2fwd options.")
    static final class L2fwd {}

    /** {@code penstock l3fwd}. */
    @Command(name = "l3fwd", description = "Routes IPv4 and IPv6 by DPDK's l3fwd options and rule files.")
    static final class L3fwd {}

    /** {@code penstock vswitch}. */
    @Command(name = "vswitch", description = "Switches between virtual machines and containers, by a YAML file or a prompt.")
    static final class Vswitch {}

    /** {@code penstock test}. */
    @Command(name = "test", description = "Runs the tests; as root also those of kernel interfaces and against DPDK.")
    static final class Test {}

    /** {@code penstock bench}. */
    @Command(name = "bench", description = "Runs Penstock and DPDK in turn and prints medians and ratios.")
    static final class Bench {}

    /** {@code penstock example}. */
    @Command(name = "example", description = "Runs an example from its source: ./penstock example 01-forwarder.")
    static final class Example {}

    /** {@code penstock build}. */
    @Command(name = "build", description = "Builds what the sources changed; the other commands do so by themselves.")
    static final class Build {}
}
