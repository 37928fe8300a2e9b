package dev.penstock.drivers.virtiouser;

import dev.penstock.eal.Eal;
import dev.penstock.eal.SharedMemory;
import dev.penstock.linux.Fd;
import dev.penstock.linux.Mapping;
import dev.penstock.linux.Memfd;
import dev.penstock.linux.Unfinished;
import dev.penstock.mbuf.IovaMap;
import dev.penstock.mbuf.Mbuf;
import dev.penstock.mbuf.MbufPool;
import dev.penstock.virtqueue.DriverQueue;
import dev.penstock.virtqueue.RingMemory;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * The memory that a port shares with its back end: rings, headers and a pool for packets that lie elsewhere in a file
 * of its own, and all memory of the environment that can be shared.
 */
final class SharedRings implements AutoCloseable {
    private static final AtomicInteger POOLS = new AtomicInteger();
    private static final int LINE = 64;
    private static final long PAGE = 4096;

    private final Fd file;
    private final Mapping mapping;
    private final int queueSize;
    private final boolean packed;
    private final long queueBytes;
    /** For packets that lie in memory of their own. */
    final MbufPool bounce;
    private final Eal eal;
    private final int queues;
    private final int maxRegions;
    private List<SharedMemory> regions;
    private IovaMap addresses;

    SharedRings(Eal eal, int queues, int queueSize, boolean packed, int maxRegions) {
        this.eal = eal;
        this.queues = queues;
        this.maxRegions = maxRegions;
        this.queueSize = queueSize;
        this.packed = packed;
        queueBytes = up(up(RingMemory.descriptorBytes(queueSize), LINE) + up(RingMemory.driverBytes(packed, queueSize), LINE)
                + up(RingMemory.deviceBytes(packed, queueSize), LINE) + DriverQueue.sideBytes(queueSize), PAGE);
        int packets = queues * queueSize;
        long rings = queues * queueBytes;
        long bytes = up(rings + (long) packets * MbufPool.DEFAULT_DATA_ROOM, PAGE);
        try (Unfinished made = new Unfinished()) {
            file = made.with(Memfd.create("virtio-user", bytes));
            mapping = made.with(Mapping.shared(file, 0, bytes));
            Memfd.seal(file, Memfd.F_SEAL_SHRINK | Memfd.F_SEAL_GROW | Memfd.F_SEAL_SEAL);
            bounce = MbufPool.with(eal, "virtio-user-" + POOLS.incrementAndGet(), packets)
                    .pinned(mapping.segment().asSlice(rings)).create();
            made.finished();
        }
    }

    /** Whether the back end can still be told of all memory that it knew. */
    boolean stands() {
        return regions != null && eal.sharedMemory().containsAll(regions.subList(0, regions.size() - 1));
    }

    /** Looks for memory of the environment that was not there before. */
    void refresh() {
        List<SharedMemory> all = eal.sharedMemory();
        all = new ArrayList<>(all.subList(0, Math.min(all.size(), maxRegions - 1)));
        all.add(new SharedMemory(mapping.segment(), file));
        regions = List.copyOf(all);
        addresses = new IovaMap(regions.stream().map(SharedMemory::segment).toList());
    }

    /** Whether it serves so many queues of a layout. */
    boolean fits(int queues, boolean packed) {
        return this.queues == queues && this.packed == packed;
    }

    List<SharedMemory> regions() {
        return regions;
    }

    IovaMap addresses() {
        return addresses;
    }

    private static long up(long bytes, long unit) {
        return bytes + unit - 1 & -unit;
    }

    /** The memory of a queue's ring. */
    RingMemory ring(int queue) {
        long descriptors = queue * queueBytes;
        long driver = descriptors + up(RingMemory.descriptorBytes(queueSize), LINE);
        long device = driver + up(RingMemory.driverBytes(packed, queueSize), LINE);
        return new RingMemory(queueSize, slice(descriptors, RingMemory.descriptorBytes(queueSize)),
                slice(driver, RingMemory.driverBytes(packed, queueSize)), slice(device, RingMemory.deviceBytes(packed, queueSize)));
    }

    /** The memory of a queue's headers and tables. */
    MemorySegment side(int queue) {
        return slice((queue + 1) * queueBytes - DriverQueue.sideBytes(queueSize), DriverQueue.sideBytes(queueSize));
    }

    private MemorySegment slice(long offset, long bytes) {
        return mapping.segment().asSlice(offset, bytes);
    }

    /** Whether the back end sees a pool's packets. */
    boolean covers(MbufPool pool) {
        Mbuf m = pool.alloc();
        if (m == null) {
            return false;
        }
        boolean covered = addresses.bufIova(m) != -1;
        m.free();
        return covered && pool.dataRoom() > Mbuf.HEADROOM;
    }

    @Override
    public void close() {
        if (bounce.inUseCount() == 0) {
            bounce.close();
            mapping.close();
        }
        file.close();
    }
}
