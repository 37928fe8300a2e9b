package dev.penstock.eal;

import dev.penstock.linux.Fd;
import java.lang.foreign.MemorySegment;
import java.util.Map;
import java.util.TreeMap;

/** One mapping, cut into zones: first fit, neighbours joined when they are freed. */
final class MemoryRegion {
    final MemorySegment segment;
    final long pageBytes;
    final int socket;
    /** Taken at start by -m or --socket-mem, so kept when empty. */
    final boolean kept;
    /** What a peer can map to see the same memory; null when nothing can be. */
    final Fd file;
    private final Runnable unmap;
    /** Free bytes: offset to length. */
    private final TreeMap<Long, Long> free = new TreeMap<>();

    MemoryRegion(MemorySegment segment, long pageBytes, int socket, boolean kept, Runnable unmap) {
        this(segment, pageBytes, socket, kept, null, unmap);
    }

    MemoryRegion(MemorySegment segment, long pageBytes, int socket, boolean kept, Fd file, Runnable unmap) {
        this.file = file;
        this.segment = segment;
        this.pageBytes = pageBytes;
        this.socket = socket;
        this.kept = kept;
        this.unmap = unmap;
        free.put(0L, segment.byteSize());
    }

    /** A piece whose address is a multiple of align, or null when none is free. */
    MemorySegment take(long bytes, long align) {
        long base = segment.address();
        for (Map.Entry<Long, Long> hole : free.entrySet()) {
            long start = hole.getKey();
            long end = start + hole.getValue();
            long at = ((base + start + align - 1) & -align) - base;
            if (at + bytes <= end) {
                free.remove(start);
                if (at > start) {
                    free.put(start, at - start);
                }
                if (end > at + bytes) {
                    free.put(at + bytes, end - at - bytes);
                }
                return segment.asSlice(at, bytes);
            }
        }
        return null;
    }

    long greatestFreeBytes() {
        return free.values().stream().mapToLong(Long::longValue).max().orElse(0);
    }

    int freePieces() {
        return free.size();
    }

    boolean holds(MemorySegment piece) {
        return piece.address() >= segment.address()
                && piece.address() + piece.byteSize() <= segment.address() + segment.byteSize();
    }

    /** Takes a piece back, zeroed for the next owner. */
    void give(MemorySegment piece) {
        if (kept || freeBytes() + piece.byteSize() < segment.byteSize()) {
            // else the region is empty now and will be unmapped
            piece.fill((byte) 0);
        }
        long start = piece.address() - segment.address();
        long length = piece.byteSize();
        Map.Entry<Long, Long> before = free.lowerEntry(start);
        if (before != null && before.getKey() + before.getValue() == start) {
            start = before.getKey();
            length += before.getValue();
        }
        Long after = free.remove(start + length);
        free.put(start, length + (after == null ? 0 : after));
    }

    boolean isEmpty() {
        Long whole = free.get(0L);
        return whole != null && whole == segment.byteSize();
    }

    long freeBytes() {
        return free.values().stream().mapToLong(Long::longValue).sum();
    }

    void unmap() {
        unmap.run();
        if (file != null) {
            file.close();
        }
    }
}
