package dev.penstock.apps.doctor;

import static dev.penstock.apps.doctor.Check.Status.MISSING;
import static dev.penstock.apps.doctor.Check.Status.WARN;

import dev.penstock.linux.Machine;
import dev.penstock.linux.Platform;
import dev.penstock.linux.Probe;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** Looks at privileges and at the kernel's ways to packets. */
final class NetworkChecks {
    private static final String GROUP = "network";
    private static final String ROOT = "sudo ./penstock ...";
    private static final List<String> WANTED =
            List.of("CAP_NET_ADMIN", "CAP_NET_RAW", "CAP_BPF", "CAP_SYS_ADMIN", "CAP_IPC_LOCK");

    private NetworkChecks() {}

    static List<Check> all(Machine machine) {
        Set<String> has = machine.capabilities();
        String lacking = WANTED.stream().filter(name -> !has.contains(name)).collect(Collectors.joining(", "));
        String jit = machine.sysctl("net.core.bpf_jit_enable");
        int groups = machine.iommuGroups();
        return List.of(
                Check.of(Platform.isLinux(), MISSING, GROUP, "kernel", System.getProperty("os.name") + " "
                        + System.getProperty("os.version")
                        + (Platform.isLinux() ? "" : ": ports in memory work, others need Linux"),
                        "run on Linux on x86-64 or aarch64"),
                Check.of(lacking.isEmpty(), WARN, GROUP, "capabilities", lacking.isEmpty()
                        ? String.join(", ", WANTED) : "lacks " + lacking, ROOT),
                probe("AF_PACKET (net_af_packet)", Probe.packetSocket(), Check.asRoot(machine, "modprobe af_packet")),
                probe("TUN/TAP (net_tap)", Probe.tun(), Check.asRoot(machine, "modprobe tun")),
                probe("AF_XDP (net_af_xdp)", Probe.xdpSocket(), "use a kernel with CONFIG_XDP_SOCKETS=y"),
                probe("bpf(2)", Probe.bpf(), "use a kernel with CONFIG_BPF_SYSCALL=y"),
                Check.of(jit.isEmpty() || !jit.equals("0"), WARN, GROUP, "bpf compiler", jit.isEmpty() ? "always on"
                        : jit.equals("0") ? "off" : "on", Check.asRoot(machine, "sysctl -w net.core.bpf_jit_enable=1")),
                probe("io_uring", Probe.ioUring(), "use a kernel with CONFIG_IO_URING=y",
                        Check.asRoot(machine, "sysctl -w kernel.io_uring_disabled=0"), WARN),
                Check.of(groups > 0, WARN, GROUP, "IOMMU (for PCI devices)", groups > 0 ? groups + " groups" : "off",
                        iommuRemedy(machine)));
    }

    private static Check probe(String name, Probe probe, String absent) {
        return probe(name, probe, absent, ROOT, MISSING);
    }

    private static Check probe(String name, Probe probe, String absent, String refused, Check.Status otherwise) {
        boolean privilege = Stream.of("EPERM", "EACCES").anyMatch(probe.reason()::startsWith);
        return Check.of(probe.usable(), otherwise, GROUP, name, probe.usable() ? "usable" : probe.reason(),
                privilege ? refused : absent);
    }

    private static String iommuRemedy(Machine machine) {
        String argument = machine.cpuFlags().contains("svm") || machine.cpuModel().contains("AMD") ? "amd_iommu=on iommu=pt" : "intel_iommu=on iommu=pt";
        return Platform.arch() == Platform.Arch.X86_64 ? Check.kernelArgument(machine, argument)
                : "switch the SMMU on in the firmware's settings";
    }
}
