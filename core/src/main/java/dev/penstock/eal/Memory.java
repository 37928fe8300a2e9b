package dev.penstock.eal;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;

/** The memory of one instance: regions of pages, cut into named zones. Any thread may call. */
final class Memory {
    /** How many zones an instance can have (RTE_MAX_MEMZONE). */
    static final int MAX_ZONES = 2560;
    private static final long MAX_BYTES = 1L << 46;
    private static final long MAX_ALIGN = 1 << 30;
    private static final long CACHE_LINE = 64;

    private final Pages pages;
    private final int nodes;
    private final long[] limits;
    private final boolean mayGrow;
    private final List<MemoryRegion> regions = new ArrayList<>();
    private final Map<String, Memzone> zones = new TreeMap<>();
    private boolean closed;

    Memory(Pages pages, int nodes, long[] limits, boolean mayGrow) {
        this.pages = pages;
        this.nodes = nodes;
        this.limits = limits;
        this.mayGrow = mayGrow;
    }

    /** Takes pages at start. */
    synchronized void prepare(long bytes, int socket) {
        if (bytes > 0) {
            regions.add(grow(bytes, node(socket), true));
        }
    }

    synchronized Memzone reserve(String name, long bytes, long align, int socket) {
        check(name, bytes, align, socket);
        long wanted = Math.max(CACHE_LINE, align);
        long rounded = Pages.up(Math.max(1, bytes), CACHE_LINE);
        for (MemoryRegion region : regions) {
            if (socket < 0 || region.socket < 0 || region.socket == socket) {
                MemorySegment piece = region.take(rounded, wanted);
                if (piece != null) {
                    return add(name, piece.asSlice(0, bytes), region);
                }
            }
        }
        if (!mayGrow) {
            throw new MemzoneException(MemzoneException.Reason.NO_MEMORY, "memory zone " + name + ": no " + Pages.size(rounded)
                    + " are left of what -m or --socket-mem took, and --legacy-mem forbids more; raise -m");
        }
        MemoryRegion region;
        try {
            region = grow(rounded + (wanted > Pages.ALIGNED ? wanted : 0), node(socket), false);
        } catch (MemzoneException e) {
            throw new MemzoneException(e.reason(), "memory zone " + name + " " + e.getMessage());
        }
        regions.add(region);
        return add(name, region.take(rounded, wanted).asSlice(0, bytes), region);
    }

    private void check(String name, long bytes, long align, int socket) {
        if (closed) {
            throw new IllegalStateException("memory zone " + name + ": the instance is closed");
        }
        if (bytes < 0 || bytes > MAX_BYTES) {
            throw new IllegalArgumentException("memory zone " + name + ": " + bytes + " bytes are not from 0 to " + MAX_BYTES);
        }
        if (Long.bitCount(align) != 1 || align < 0 || align > MAX_ALIGN) {
            throw new IllegalArgumentException("memory zone " + name + ": alignment " + align
                    + " is not a power of two up to " + MAX_ALIGN);
        }
        if (socket < -1 || socket >= nodes) {
            throw new IllegalArgumentException("memory zone " + name + ": there is no NUMA node " + socket
                    + "; there are 0 to " + (nodes - 1) + ", and -1 means any");
        }
        if (zones.containsKey(name)) {
            throw new MemzoneException(MemzoneException.Reason.DUPLICATE, "memory zone " + name
                    + " exists already; choose another name, or free it first");
        }
        if (zones.size() >= MAX_ZONES) {
            throw new MemzoneException(MemzoneException.Reason.TOO_MANY, "memory zone " + name + ": an instance has at most "
                    + MAX_ZONES + " zones; free some, or reserve fewer and larger ones");
        }
    }

    private int node(int socket) {
        if (socket >= 0 || nodes == 1) {
            return Math.max(0, socket);
        }
        Lcore caller = Lcore.current();
        return caller == null ? -1 : caller.socket();
    }

    private MemoryRegion grow(long wanted, int socket, boolean kept) {
        // whole pages are taken, so whole ones count
        long bytes = Pages.up(wanted, Pages.LEAST);
        long limit = socket >= 0 && socket < limits.length ? limits[socket] : 0;
        if (limit > 0) {
            long used = regions.stream().filter(r -> r.socket == socket).mapToLong(r -> r.segment.byteSize()).sum();
            if (used + bytes > limit) {
                throw new MemzoneException(MemzoneException.Reason.NO_MEMORY, "needs " + Pages.size(bytes) + " of memory on node "
                        + socket + ", where --socket-limit leaves " + Pages.size(limit - used) + "; raise it");
            }
        }
        return pages.take(bytes, socket, kept);
    }

    private Memzone add(String name, MemorySegment piece, MemoryRegion region) {
        Memzone zone = new Memzone(name, piece, region.pageBytes, region.socket);
        zones.put(name, zone);
        return zone;
    }

    synchronized void free(Memzone zone) {
        if (zones.get(zone.name()) != zone) {
            throw new MemzoneException(MemzoneException.Reason.UNKNOWN, "memory zone " + zone.name()
                    + " is not of this instance, or was freed before");
        }
        zones.remove(zone.name());
        MemoryRegion region = regions.stream().filter(r -> r.holds(zone.segment())).findFirst().orElseThrow();
        long rounded = Pages.up(Math.max(1, zone.segment().byteSize()), CACHE_LINE);
        region.give(region.segment.asSlice(zone.segment().address() - region.segment.address(), rounded));
        if (region.isEmpty() && !region.kept) {
            regions.remove(region);
            region.unmap();
        }
    }

    synchronized Memzone zone(String name) {
        return zones.get(name);
    }

    /** All zones by name. */
    synchronized List<Memzone> zones() {
        return List.copyOf(zones.values());
    }

    int nodes() {
        return nodes;
    }

    /** What is taken and free on a node, as DPDK's heap statistics call it. */
    synchronized Map<String, Object> heap(int socket) {
        Objects.checkIndex(socket, nodes);
        List<MemoryRegion> here = regions.stream().filter(r -> Math.max(0, r.socket) == socket).toList();
        long size = here.stream().mapToLong(r -> r.segment.byteSize()).sum();
        long free = here.stream().mapToLong(MemoryRegion::freeBytes).sum();
        Map<String, Object> heap = new LinkedHashMap<>();
        heap.put("Head_id", socket);
        heap.put("Name", "socket_" + socket);
        heap.put("Heap_size", size);
        heap.put("Free_size", free);
        heap.put("Alloc_size", size - free);
        heap.put("Greatest_free_size", here.stream().mapToLong(MemoryRegion::greatestFreeBytes).max().orElse(0));
        heap.put("Alloc_count", zones.values().stream().filter(z -> Math.max(0, z.socket()) == socket).count());
        heap.put("Free_count", here.stream().mapToInt(MemoryRegion::freePieces).sum());
        return heap;
    }

    synchronized void dumpZones(Appendable to) {
        try {
            int i = 0;
            for (Memzone zone : zones.values()) {
                to.append(String.format("Zone %d: name:<%s>, len:0x%x, virt:0x%x, socket_id:%d, flags:0%n", i++, zone.name(),
                        zone.segment().byteSize(), zone.segment().address(), zone.socket()));
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    synchronized void dumpRegions(Appendable to) {
        try {
            int i = 0;
            for (MemoryRegion r : regions) {
                to.append(String.format("Segment %d: virt:0x%x, len:%d, socket_id:%d, hugepage_sz:%d, free:%d%n", i++,
                        r.segment.address(), r.segment.byteSize(), r.socket, r.pageBytes, r.freeBytes()));
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    synchronized List<SharedMemory> shared() {
        return regions.stream().filter(r -> r.file != null).map(r -> new SharedMemory(r.segment, r.file)).toList();
    }

    synchronized long takenBytes() {
        return regions.stream().mapToLong(r -> r.segment.byteSize()).sum();
    }

    synchronized void close() {
        closed = true;
        zones.clear();
        while (!regions.isEmpty()) {
            regions.removeLast().unmap();
        }
    }
}
