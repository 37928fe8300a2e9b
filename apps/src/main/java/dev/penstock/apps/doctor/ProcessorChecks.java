package dev.penstock.apps.doctor;

import static dev.penstock.apps.doctor.Check.Status.WARN;

import dev.penstock.eal.Ranges;
import dev.penstock.linux.Machine;
import java.util.BitSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** Looks at the processors, and at what may take them away from a poll loop. */
final class ProcessorChecks {
    private static final String GROUP = "processor";

    private ProcessorChecks() {}

    static List<Check> all(Machine machine) {
        BitSet online = machine.onlineCpus();
        BitSet workers = (BitSet) online.clone();
        workers.clear(0);
        String list = Ranges.text(workers);
        boolean alone = workers.isEmpty();
        Set<String> flags = machine.cpuFlags();
        boolean clock = flags.isEmpty() || flags.contains("constant_tsc") || flags.contains("fp");
        double quota = machine.cpuQuota();
        String model = machine.cpuModel();
        return List.of(
                Check.ok(GROUP, "model", (model.isEmpty() ? System.getProperty("os.arch") : model) + ", "
                        + Runtime.getRuntime().availableProcessors() + " usable"),
                Check.of(clock, WARN, GROUP, "flags", flags(flags), "none: without constant_tsc cycle counts drift"),
                isolation(machine, machine.isolatedCpus(), "isolated", "isolcpus=" + list, alone),
                isolation(machine, machine.ticklessCpus(), "without tick", "nohz_full=" + list, alone),
                Check.of(Double.isInfinite(quota), WARN, GROUP, "control group limit", Double.isInfinite(quota)
                        ? "none" : String.format(Locale.ROOT, "%.1f processors: poll loops will be stopped", quota),
                        Check.asRoot(machine, "echo max > /sys/fs/cgroup$(cut -d: -f3 /proc/self/cgroup)/cpu.max")));
    }

    private static Check isolation(Machine machine, BitSet found, String name, String argument, boolean alone) {
        if (alone) {
            return Check.ok(GROUP, name, "does not apply: there is one processor");
        }
        return Check.of(!found.isEmpty(), WARN, GROUP, name, found.isEmpty() ? "none" : Ranges.text(found),
                Check.kernelArgument(machine, argument));
    }

    private static String flags(Set<String> flags) {
        String told = Stream.of("sse4_2", "avx2", "avx512f", "avx512bw", "vpclmulqdq", "gfni", "constant_tsc", "asimd",
                "crc32", "sve", "sve2").filter(flags::contains).collect(Collectors.joining(" "));
        return told.isEmpty() ? "unknown" : told;
    }
}
