package dev.penstock.linux;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.Collections;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * What this machine has, as the kernel tells in {@code /proc} and {@code /sys}. What cannot be read counts as
 * absent, so every method answers on any system. Nothing is kept: each call looks again.
 */
public final class Machine {
    /** No limit. */
    public static final long UNLIMITED = Long.MAX_VALUE;

    private static final Pattern CHOSEN = Pattern.compile("\\[(\\w+)]");
    private static final Pattern HUGE_FOLDER = Pattern.compile("hugepages-(\\d+)kB");

    private final Path root;

    private Machine(Path root) {
        this.root = root;
    }

    /** @return the machine that the process runs on */
    public static Machine local() {
        return at(Path.of("/"));
    }

    /**
     * A machine described by files elsewhere, for tests.
     *
     * @param root the folder that holds its {@code proc} and {@code sys}
     * @return the machine
     */
    public static Machine at(Path root) {
        return new Machine(root);
    }

    /**
     * The huge pages of one size.
     *
     * @param node the NUMA node that they belong to, -1 for the whole machine
     * @param sizeBytes a page's size
     * @param total how many are reserved
     * @param free how many of them are unused
     */
    public record HugePages(int node, long sizeBytes, long total, long free) {}

    /**
     * A mounted file system of huge pages.
     *
     * @param path where
     * @param options as mounted, such as {@code rw,relatime,pagesize=2M}
     */
    public record HugeMount(String path, String options) {}

    /** @return the huge pages of the machine, one entry a size, smallest first */
    public List<HugePages> hugePages() {
        return hugePages(root.resolve("sys/kernel/mm/hugepages"), -1);
    }

    /** @return the huge pages of each NUMA node, one entry a node and size */
    public List<HugePages> hugePagesByNode() {
        List<HugePages> all = new ArrayList<>();
        for (int node : numaNodes().stream().toArray()) {
            all.addAll(hugePages(root.resolve("sys/devices/system/node/node" + node + "/hugepages"), node));
        }
        return all;
    }

    /** @return where file systems of huge pages are mounted */
    public List<HugeMount> hugeMounts() {
        return lines("proc/self/mounts").stream().map(line -> line.split(" "))
                .filter(fields -> fields.length > 3 && fields[2].equals("hugetlbfs"))
                .map(fields -> new HugeMount(fields[1], fields[3])).toList();
    }

    /** @return when transparent huge pages are used: {@code always}, {@code madvise}, {@code never}; empty if unknown */
    public String transparentHugePages() {
        Matcher chosen = CHOSEN.matcher(text("sys/kernel/mm/transparent_hugepage/enabled"));
        return chosen.find() ? chosen.group(1) : "";
    }

    /** @return the machine's memory that is available to processes, in bytes; 0 if unknown */
    public long availableMemoryBytes() {
        return lines("proc/meminfo").stream().filter(line -> line.startsWith("MemAvailable:"))
                .mapToLong(line -> number(line.replaceAll("\\D", "")) * 1024).findFirst().orElse(0);
    }

    /** @return how much memory this process may lock, in bytes, {@link #UNLIMITED} for any; 0 if unknown */
    public long lockedMemoryLimitBytes() {
        return lockedMemoryLimit(0);
    }

    /** @return up to what this process may raise that limit without a privilege, in bytes, {@link #UNLIMITED} for any; 0 if unknown */
    public long lockedMemoryHardLimitBytes() {
        return lockedMemoryLimit(1);
    }

    private long lockedMemoryLimit(int column) {
        return lines("proc/self/limits").stream().filter(line -> line.startsWith("Max locked memory"))
                .map(line -> line.substring("Max locked memory".length()).strip().split("\\s+")[column])
                .mapToLong(text -> text.equals("unlimited") ? UNLIMITED : number(text)).findFirst().orElse(0);
    }

    /** @return the names of the capabilities that this process has in effect, such as {@code CAP_NET_RAW} */
    public Set<String> capabilities() {
        String mask = lines("proc/self/status").stream().filter(line -> line.startsWith("CapEff:"))
                .map(line -> line.substring(7).strip()).findFirst().orElse("0");
        Set<String> names = new TreeSet<>();
        long bits = Long.parseUnsignedLong(mask, 16);
        for (int bit = 0; bit < Capability.NAMES.size(); bit++) {
            if ((bits >>> bit & 1) != 0) {
                names.add(Capability.NAMES.get(bit));
            }
        }
        return names;
    }

    /** @return the NUMA nodes that are on line; node 0 alone where the kernel knows none */
    public BitSet numaNodes() {
        BitSet nodes = cpuList(text("sys/devices/system/node/online"));
        if (nodes.isEmpty()) {
            nodes.set(0);
        }
        return nodes;
    }

    /**
     * The processors of a NUMA node.
     *
     * @param node the node
     * @return their numbers, empty if there is no such node
     */
    public BitSet cpusOfNode(int node) {
        return cpuList(text("sys/devices/system/node/node" + node + "/cpulist"));
    }

    /** @return the processors that are on line */
    public BitSet onlineCpus() {
        return cpuList(text("sys/devices/system/cpu/online"));
    }

    /** @return the processors that the scheduler leaves alone ({@code isolcpus=}) */
    public BitSet isolatedCpus() {
        return cpuList(text("sys/devices/system/cpu/isolated"));
    }

    /** @return the processors without a periodic tick while one thread runs on them ({@code nohz_full=}) */
    public BitSet ticklessCpus() {
        return cpuList(text("sys/devices/system/cpu/nohz_full"));
    }

    /** @return the processor's name; empty if unknown */
    public String cpuModel() {
        return cpuinfo("model name|CPU part");
    }

    /** @return the number of the processor's family, on aarch64 of who made it; empty if unknown */
    public String cpuFamily() {
        return cpuinfo("cpu family|CPU implementer");
    }

    /** @return the processor's abilities as the kernel names them, such as {@code avx2} */
    public Set<String> cpuFlags() {
        return Stream.of(cpuinfo("flags|Features").split(" ")).filter(flag -> !flag.isEmpty())
                .collect(Collectors.toCollection(TreeSet::new));
    }

    /** @return the kernel's release, such as {@code 6.12.0} */
    public String kernelRelease() {
        return text("proc/sys/kernel/osrelease");
    }

    /** @return how many groups of devices the IOMMU keeps apart; 0 where there is none, or it is off */
    public int iommuGroups() {
        try (Stream<Path> files = Files.list(root.resolve("sys/kernel/iommu_groups"))) {
            return (int) files.count();
        } catch (IOException e) {
            return 0;
        }
    }

    /** @return how many processors' time the control group may use, such as 1.5; infinite without a limit */
    public double cpuQuota() {
        String path = lines("proc/self/cgroup").stream().filter(line -> line.startsWith("0::"))
                .map(line -> line.substring(3)).findFirst().orElse("/");
        double least = Double.POSITIVE_INFINITY;
        Path top = root.resolve("sys/fs/cgroup");
        for (Path at = top.resolve(path.substring(1)).normalize(); at.startsWith(top); at = at.getParent()) {
            String[] fields = text(root.relativize(at).resolve("cpu.max").toString()).split(" ");
            if (fields.length == 2 && !fields[0].equals("max") && number(fields[1]) > 0) {
                least = Math.min(least, (double) number(fields[0]) / number(fields[1]));
            }
        }
        return least;
    }

    /**
     * A kernel setting.
     *
     * @param name as sysctl names it, such as {@code kernel.unprivileged_bpf_disabled}
     * @return its value; empty if there is none
     */
    public String sysctl(String name) {
        return text("proc/sys/" + name.replace('.', '/'));
    }

    /**
     * Reads a list of numbers as the kernel writes them.
     *
     * @param text such as {@code 0-3,8,10-11}
     * @return the numbers
     */
    static BitSet cpuList(String text) {
        BitSet set = new BitSet();
        for (String part : text.split(",")) {
            String[] ends = part.strip().split("-");
            if (ends[0].matches("\\d+")) {
                int first = Integer.parseInt(ends[0]);
                set.set(first, (ends.length > 1 ? Integer.parseInt(ends[1]) : first) + 1);
            }
        }
        return set;
    }

    private List<HugePages> hugePages(Path folder, int node) {
        List<HugePages> sizes = new ArrayList<>();
        try (Stream<Path> files = Files.list(folder)) {
            for (Path file : files.toList()) {
                Matcher m = HUGE_FOLDER.matcher(file.getFileName().toString());
                if (m.matches()) {
                    String at = root.relativize(file) + "/";
                    sizes.add(new HugePages(node, number(m.group(1)) * 1024, number(text(at + "nr_hugepages")),
                            number(text(at + "free_hugepages"))));
                }
            }
        } catch (IOException e) {
            return List.of();
        }
        sizes.sort((a, b) -> Long.compare(a.sizeBytes(), b.sizeBytes()));
        return sizes;
    }

    private String cpuinfo(String key) {
        Pattern pattern = Pattern.compile("(" + key + ")\\s*: (.*)");
        return lines("proc/cpuinfo").stream().map(pattern::matcher).filter(Matcher::matches)
                .map(m -> m.group(2).strip()).findFirst().orElse("");
    }

    private String text(String path) {
        return String.join("\n", lines(path)).strip();
    }

    private List<String> lines(String path) {
        try {
            return Files.readAllLines(root.resolve(path));
        } catch (IOException | UncheckedIOException e) {
            return Collections.emptyList();
        }
    }

    private static long number(String text) {
        return text.matches("\\d{1,18}") ? Long.parseLong(text) : 0;
    }
}
