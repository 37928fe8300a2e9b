package dev.penstock.eal;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.BitSet;
import java.util.List;
import java.util.stream.Stream;

/** The CPUs and NUMA nodes of this machine, as Linux lists them under /sys; elsewhere, what the JVM says. */
final class Machine {
    private static final Path CPUS = Path.of("/sys/devices/system/cpu");
    private static final Path NODES = Path.of("/sys/devices/system/node");

    /** CPUs that are there and online. */
    final BitSet cpus;
    /** CPUs that the calling thread may run on. */
    final BitSet allowed;
    /** How many NUMA nodes have CPUs or memory; at least 1. */
    final int nodes;

    private Machine(BitSet cpus, BitSet allowed, int nodes) {
        this.cpus = cpus;
        this.allowed = allowed;
        this.nodes = nodes;
    }

    static Machine detect() {
        BitSet cpus = read(CPUS.resolve("online"));
        if (cpus.isEmpty()) {
            cpus.set(0, Runtime.getRuntime().availableProcessors());
        }
        BitSet allowed = allowed();
        allowed.and(cpus);
        return new Machine(cpus, allowed.isEmpty() ? cpus : allowed, Math.max(1, read(NODES.resolve("online")).length()));
    }

    private static BitSet read(Path list) {
        try {
            return CoreList.list(list.toString(), Files.readString(list).strip(), CoreList.MAX_CPUS);
        } catch (IOException | IllegalArgumentException e) {
            return new BitSet();
        }
    }

    private static BitSet allowed() {
        try {
            for (String line : Files.readAllLines(Path.of("/proc/thread-self/status"))) {
                if (line.startsWith("Cpus_allowed_list:")) {
                    return CoreList.list("Cpus_allowed_list", line.substring(line.indexOf(':') + 1).strip(),
                            CoreList.MAX_CPUS);
                }
            }
        } catch (IOException | IllegalArgumentException e) {
            // not Linux, or no /proc
        }
        BitSet all = new BitSet();
        all.set(0, CoreList.MAX_CPUS);
        return all;
    }

    /** The NUMA node of a CPU. */
    int node(int cpu) {
        try (Stream<Path> files = Files.list(CPUS.resolve("cpu" + cpu))) {
            List<String> names = files.map(p -> p.getFileName().toString()).filter(n -> n.matches("node[0-9]+")).toList();
            return names.isEmpty() ? 0 : Integer.parseInt(names.getFirst().substring(4));
        } catch (IOException e) {
            return 0;
        }
    }

    /** The NUMA node of a set of CPUs, or -1 when they lie on several. */
    int node(BitSet set) {
        int[] all = set.stream().map(this::node).distinct().toArray();
        return all.length == 1 ? all[0] : -1;
    }
}
