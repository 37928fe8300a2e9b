package dev.penstock.apps.doctor;

import static dev.penstock.apps.doctor.Check.Status.MISSING;
import static dev.penstock.apps.doctor.Check.Status.WARN;

import dev.penstock.eal.Ranges;
import dev.penstock.linux.Machine;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;

/** Looks at huge pages, memory limits and NUMA nodes. */
final class MemoryChecks {
    private static final String GROUP = "memory";
    private static final long WANTED_BYTES = 512L << 20;

    private MemoryChecks() {}

    static List<Check> all(Machine machine) {
        List<Check> checks = new ArrayList<>();
        hugePages(machine, checks);
        List<Machine.HugeMount> mounts = machine.hugeMounts();
        checks.add(Check.ok(GROUP, "hugetlbfs", mounts.isEmpty() ? "not mounted, and not needed here"
                : mounts.stream().map(Machine.HugeMount::path).collect(Collectors.joining(", "))));
        String thp = machine.transparentHugePages();
        checks.add(Check.of(thp.equals("always") || thp.equals("madvise"), WARN, GROUP, "transparent huge pages",
                thp.isEmpty() ? "not in this kernel" : thp, thp.isEmpty() ? "reserve huge pages instead"
                : Check.asRoot(machine, "echo madvise > /sys/kernel/mm/transparent_hugepage/enabled")));
        long limit = machine.lockedMemoryLimitBytes();
        boolean lock = machine.capabilities().contains("CAP_IPC_LOCK");
        checks.add(Check.of(lock || limit >= WANTED_BYTES, WARN, GROUP, "locked memory limit",
                (limit == Machine.UNLIMITED ? "unlimited" : Amount.bytes(limit))
                        + (lock ? " (CAP_IPC_LOCK lifts it)" : ""),
                lockRemedy(machine.lockedMemoryHardLimitBytes())));
        checks.add(Check.ok(GROUP, "NUMA nodes", machine.numaNodes().stream().mapToObj(node -> {
            String cpus = Ranges.text(machine.cpusOfNode(node));
            return node + (cpus.isEmpty() ? "" : " (processors " + cpus + ")");
        }).collect(Collectors.joining(", "))));
        checks.add(Check.ok(GROUP, "available memory", Amount.bytes(machine.availableMemoryBytes())));
        return checks;
    }

    /** A shell raises its own limit as far as the hard one lets it. */
    private static String lockRemedy(long hard) {
        if (hard == Machine.UNLIMITED) {
            return "ulimit -l unlimited";
        }
        return hard >= WANTED_BYTES ? "ulimit -l " + hard / 1024 : "sudo prlimit --pid $$ --memlock=unlimited:unlimited";
    }

    private static void hugePages(Machine machine, List<Check> checks) {
        List<Machine.HugePages> sizes = machine.hugePages();
        List<Machine.HugePages> reserved = sizes.stream().filter(pages -> pages.total() > 0).toList();
        if (reserved.isEmpty()) {
            String known = sizes.stream().map(pages -> Amount.bytes(pages.sizeBytes()))
                    .collect(Collectors.joining(", "));
            checks.add(new Check(GROUP, "huge pages", MISSING, known.isEmpty() ? "not in this kernel"
                    : "none reserved (sizes: " + known + ")",
                    known.isEmpty() ? "use a kernel with CONFIG_HUGETLBFS" : Check.asRoot(machine, "sysctl -w vm.nr_hugepages=256")));
        }
        Set<Long> several = Set.of();
        if (machine.numaNodes().cardinality() > 1) {
            several = reserved.stream().map(Machine.HugePages::sizeBytes).collect(Collectors.toSet());
        }
        for (Machine.HugePages pages : reserved) {
            checks.add(Check.of(pages.free() > 0, WARN, GROUP, "huge pages of " + Amount.bytes(pages.sizeBytes()),
                    pages.free() + " of " + pages.total() + " free", reserve(machine, "kernel/mm", pages)));
        }
        for (Machine.HugePages pages : machine.hugePagesByNode()) {
            if (several.contains(pages.sizeBytes())) {
                checks.add(Check.of(pages.total() > 0, WARN, GROUP, "  on node " + pages.node(), pages.free() + " of "
                        + pages.total() + " free", reserve(machine, "devices/system/node/node" + pages.node(), pages)));
            }
        }
    }

    private static String reserve(Machine machine, String folder, Machine.HugePages pages) {
        long wanted = pages.total() + Math.max(1, WANTED_BYTES / pages.sizeBytes());
        return Check.asRoot(machine, "echo " + wanted + " > /sys/" + folder + "/hugepages/hugepages-" + pages.sizeBytes() / 1024
                + "kB/nr_hugepages");
    }
}
