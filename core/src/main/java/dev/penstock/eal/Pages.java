package dev.penstock.eal;

import dev.penstock.linux.Errno;
import dev.penstock.linux.Fd;
import dev.penstock.linux.LinuxException;
import dev.penstock.linux.Mapping;
import dev.penstock.linux.Memfd;
import dev.penstock.linux.Platform;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;

/**
 * Takes pages from the kernel: reserved huge pages (hugetlb), then transparent ones, then ordinary ones, and
 * reports each step down once with its remedy.
 *
 * <p>No file system is involved, so the kernel takes all pages back when the process ends, however it ends.
 * All pages are touched here, so that a lack shows at once and no packet waits for a page.
 */
final class Pages {
    private static final long ORDINARY = Platform.pageSizeBytes();
    private static final long MB2 = 2 << 20;
    /** Regions are multiples of this. */
    static final long LEAST = MB2;
    /** What a region is aligned to at least. */
    static final long ALIGNED = 4096;
    private static final long GB1 = 1 << 30;
    private static final Path HUGE = Path.of("/sys/kernel/mm/hugepages");
    private static final Path TRANSPARENT = Path.of("/sys/kernel/mm/transparent_hugepage/enabled");

    private final Log.Type log;
    private final boolean hugetlb;
    private final int nodes;
    private final Set<String> said = new HashSet<>();

    Pages(Log.Type log, boolean noHuge, int nodes) {
        this.log = log;
        this.hugetlb = !noHuge;
        this.nodes = nodes;
    }

    /** At least so many bytes, zeroed, from the given node if that is 0 or more. */
    MemoryRegion take(long bytes, int socket, boolean kept) {
        if (!Platform.isLinux()) {
            long rounded = up(bytes, MB2);
            Arena arena = Arena.ofShared();
            return new MemoryRegion(arena.allocate(rounded, ORDINARY), ORDINARY, socket, kept, arena::close);
        }
        MemoryRegion region = hugetlb ? reserved(bytes, socket, kept) : null;
        return region != null ? region : ordinary(bytes, socket, kept);
    }

    private MemoryRegion reserved(long bytes, int socket, boolean kept) {
        String refusal = "";
        for (long page : pageSizes()) {
            // a page that would stay half empty is better left to those who fill it
            if (page <= MB2 || bytes >= page / 2) {
                long rounded = up(bytes, page);
                if (free(page) < rounded / page) {
                    continue;
                }
                if (nodes > 1 && socket >= 0 && nodeFree(page, socket) < rounded / page) {
                    stepDown("node", "NUMA node " + socket + " has too few free huge pages of " + size(page)
                            + ", so other nodes give some; reserve them with: echo " + (rounded / page) + " > "
                            + nodePool(page, socket).resolve("nr_hugepages"));
                }
                try {
                    return hugetlb(rounded, page, socket, kept);
                } catch (LinuxException e) {
                    refusal = e.getMessage();
                }
            }
        }
        long page = pageSizes().contains(MB2) || pageSizes().isEmpty() ? MB2 : pageSizes().getLast();
        long need = up(bytes, page) / page;
        stepDown("reserved", lack(page, need, free(page), count(page, "nr_hugepages"), refusal));
        return null;
    }

    /** What is missing, and what mends it; pages that are free and refused all the same are no matter of their number. */
    static String lack(long page, long need, long free, long all, String refusal) {
        if (free >= need && !refusal.isEmpty()) {
            return need + " huge pages of " + size(page) + " are needed and " + free + " are free, but the kernel refused them: " + refusal
                    + "; if the control group has a limit of hugetlb, in a container often, raise it";
        }
        return "too few free huge pages: " + need + " of " + size(page) + " are needed, " + free
                + " are free; reserve them with: sysctl -w vm.nr_hugepages=" + (all + need - free);
    }

    private MemoryRegion hugetlb(long bytes, long page, int socket, boolean kept) {
        Fd fd = Memfd.createHuge("penstock", bytes, page);
        Mapping mapping = null;
        try {
            mapping = Mapping.shared(fd, 0, bytes);
            bind(mapping, socket);
            populate(mapping, page);
            dontDump(mapping);
            // a peer to whom the file is passed can't take the memory away
            Memfd.seal(fd, Memfd.F_SEAL_SHRINK | Memfd.F_SEAL_GROW | Memfd.F_SEAL_SEAL);
        } catch (RuntimeException | InternalError e) {
            if (mapping != null) {
                mapping.close();
            }
            fd.close();
            throw e;
        }
        return new MemoryRegion(mapping.segment(), page, socket, kept, fd, mapping::close);
    }

    private MemoryRegion ordinary(long bytes, int socket, boolean kept) {
        long rounded = up(bytes, MB2);
        long available = available();
        if (rounded > available) {
            throw new MemzoneException(MemzoneException.Reason.NO_MEMORY, "needs " + size(rounded) + " of memory, "
                    + size(available) + " are available; ask for less, or give the machine or container more");
        }
        boolean transparent = transparent();
        Mapping mapping = Mapping.anonymous(rounded + MB2);
        try {
            if (transparent) {
                mapping.advise(Mapping.MADV_HUGEPAGE);
            } else if (hugetlb) {
                stepDown("transparent", "transparent huge pages are off, so pages of " + size(ORDINARY) + " are used; switch them on with:"
                        + " echo madvise > " + TRANSPARENT);
            }
            bind(mapping, socket);
            long skip = -mapping.address() & (MB2 - 1);
            populate(mapping, ORDINARY);
            dontDump(mapping);
            return new MemoryRegion(mapping.segment().asSlice(skip, rounded), transparent ? MB2 : ORDINARY, socket, kept,
                    mapping::close);
        } catch (RuntimeException e) {
            mapping.close();
            throw e;
        }
    }

    private void bind(Mapping mapping, int socket) {
        if (nodes > 1 && socket >= 0) {
            // preferred, not bound: a node without pages would otherwise mean a bus error at the first touch
            mapping.bind(socket, Mapping.MPOL_PREFERRED);
        }
    }

    private static void populate(Mapping mapping, long page) {
        try {
            mapping.advise(Mapping.MADV_POPULATE_WRITE);
        } catch (LinuxException e) {
            if (e.errno() != Errno.EINVAL) {
                throw e;
            }
            // before Linux 5.14
            MemorySegment all = mapping.segment();
            for (long at = 0; at < all.byteSize(); at += page) {
                all.set(ValueLayout.JAVA_BYTE, at, (byte) 0);
            }
        }
    }

    private void dontDump(Mapping mapping) {
        try {
            mapping.advise(Mapping.MADV_DONTDUMP);
        } catch (LinuxException e) {
            log.debug(e.getMessage());
        }
    }

    private void stepDown(String step, String message) {
        if (said.add(step)) {
            log.warning(message);
        }
    }

    private static boolean transparent() {
        String modes = read(TRANSPARENT);
        return modes.contains("[always]") || modes.contains("[madvise]");
    }

    /** Sizes of reserved huge pages that the kernel knows, the largest first. */
    static List<Long> pageSizes() {
        List<Long> sizes = new ArrayList<>();
        try (Stream<Path> folders = Files.list(HUGE)) {
            folders.map(p -> p.getFileName().toString()).filter(n -> n.matches("hugepages-[0-9]+kB"))
                    .forEach(n -> sizes.add(Long.parseLong(n.substring(10, n.length() - 2)) << 10));
        } catch (IOException e) {
            // none
        }
        sizes.sort(Comparator.reverseOrder());
        return sizes;
    }

    private static long free(long page) {
        return count(page, "free_hugepages") - count(page, "resv_hugepages");
    }

    private static Path nodePool(long page, int node) {
        return Path.of("/sys/devices/system/node/node" + node + "/hugepages/hugepages-" + (page >> 10) + "kB");
    }

    private static long nodeFree(long page, int node) {
        String text = read(nodePool(page, node).resolve("free_hugepages"));
        return text.matches("[0-9]{1,18}") ? Long.parseLong(text) : 0;
    }

    private static long count(long page, String what) {
        String text = read(HUGE.resolve("hugepages-" + (page >> 10) + "kB").resolve(what));
        return text.matches("[0-9]{1,18}") ? Long.parseLong(text) : 0;
    }

    /** Bytes of ordinary memory that can be had without pushing others out. */
    static long available() {
        long available = Long.MAX_VALUE;
        for (String line : read(Path.of("/proc/meminfo")).split("\n")) {
            if (line.startsWith("MemAvailable:")) {
                available = Long.parseLong(line.replaceAll("[^0-9]", "")) << 10;
            }
        }
        return Math.min(available, containerAvailable());
    }

    /** What the control group (version 2) of this process leaves. */
    private static long containerAvailable() {
        for (String line : read(Path.of("/proc/self/cgroup")).split("\n")) {
            if (line.startsWith("0::/")) {
                Path group = Path.of("/sys/fs/cgroup", line.substring(3));
                String max = read(group.resolve("memory.max"));
                String current = read(group.resolve("memory.current"));
                if (max.matches("[0-9]{1,18}") && current.matches("[0-9]{1,18}")) {
                    return Math.max(0, Long.parseLong(max) - Long.parseLong(current));
                }
            }
        }
        return Long.MAX_VALUE;
    }

    private static String read(Path file) {
        try {
            return Files.readString(file).strip();
        } catch (IOException e) {
            return "";
        }
    }

    static long up(long bytes, long unit) {
        return (bytes + unit - 1) & -unit;
    }

    static String size(long bytes) {
        return bytes % GB1 == 0 ? bytes / GB1 + " GB" : bytes >= 1 << 20 ? (bytes >> 20) + " MB" : (bytes >> 10) + " KB";
    }
}
