package dev.penstock.virtqueue;

import dev.penstock.eal.Eal;
import dev.penstock.mbuf.IovaMap;
import dev.penstock.mbuf.Mbuf;
import dev.penstock.mbuf.MbufPool;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;

/** One ring with a driver at one end and a device at the other, in one process, over memory that both know. */
final class QueuePair implements AutoCloseable {
    final Arena arena = Arena.ofShared();
    final MemorySegment poolMemory;
    final MemorySegment side;
    final RingMemory ring;
    final MbufPool shared;
    final MbufPool bounce;
    final MbufPool host;
    final AddressSpace space;
    final DriverQueue driver;
    final DeviceQueue device;

    QueuePair(Eal eal, String name, long features, int size, int packets, int dataRoom, int ranges) {
        boolean packed = (features & Feature.RING_PACKED) != 0;
        poolMemory = arena.allocate(2L * packets * dataRoom, 4096);
        MemorySegment rest = arena.allocate(RingMemory.descriptorBytes(size) + 2L * DriverQueue.sideBytes(size) + (1 << 20), 4096);
        long at = RingMemory.descriptorBytes(size);
        MemorySegment descriptors = rest.asSlice(0, at);
        MemorySegment driverPart = rest.asSlice(up(at), RingMemory.driverBytes(packed, size));
        at = up(at) + driverPart.byteSize();
        MemorySegment devicePart = rest.asSlice(up(at), RingMemory.deviceBytes(packed, size));
        at = up(at) + devicePart.byteSize();
        side = rest.asSlice(up(at), DriverQueue.sideBytes(size));
        ring = new RingMemory(size, descriptors, driverPart, devicePart);
        long half = (long) packets * dataRoom;
        shared = MbufPool.with(eal, name + "-shared", packets).dataRoom(dataRoom).pinned(poolMemory.asSlice(0, half)).create();
        bounce = MbufPool.with(eal, name + "-bounce", packets).dataRoom(dataRoom).pinned(poolMemory.asSlice(half)).create();
        host = MbufPool.with(eal, name + "-host", 4096).dataRoom(dataRoom).create();
        List<AddressSpace.Range> all = new ArrayList<>();
        all.add(new AddressSpace.Range(rest.address(), rest, true));
        long step = poolMemory.byteSize() / ranges;
        for (int i = 0; i < ranges; i++) {
            long from = i * step;
            long to = i + 1 == ranges ? poolMemory.byteSize() : from + step;
            all.add(new AddressSpace.Range(poolMemory.address() + from, poolMemory.asSlice(from, to - from), true));
        }
        space = new AddressSpace(all, false);
        driver = DriverQueue.of(ring, features, new IovaMap(List.of(poolMemory)), side, bounce);
        device = DeviceQueue.of(ring, space, features, packed ? DeviceQueue.PACKED_BASE : DeviceQueue.SPLIT_BASE);
    }

    private static long up(long at) {
        return at + 63 & -64;
    }

    /** A packet of a frame, in segments of so many bytes at most. */
    static Mbuf packet(MbufPool pool, byte[] frame, int most) {
        Mbuf first = null;
        int at = 0;
        do {
            Mbuf m = pool.alloc();
            int part = Math.min(Math.min(most, m.tailroom()), frame.length - at);
            m.append(part);
            m.write(0, frame, at, part);
            at += part;
            if (first == null) {
                first = m;
            } else {
                first.chain(m);
            }
        } while (at < frame.length);
        return first;
    }

    static byte[] bytes(Mbuf m) {
        byte[] all = new byte[m.pktLen()];
        int at = 0;
        for (Mbuf s = m; s != null; s = s.next()) {
            s.read(0, all, at, s.dataLen());
            at += s.dataLen();
        }
        if (at != all.length) {
            throw new AssertionError("segments hold " + at + " of " + all.length + " bytes");
        }
        return all;
    }

    String counters() {
        StringBuilder text = new StringBuilder("size " + ring.size() + ", undeliverable " + driver.undeliverable() + " and "
                + device.undeliverable());
        for (Rejection why : Rejection.values()) {
            text.append(", ").append(why.counter()).append(' ').append(driver.rejected(why)).append(" and ").append(device.rejected(why));
        }
        return text.toString();
    }

    @Override
    public void close() {
        driver.close();
        shared.close();
        bounce.close();
        host.close();
        arena.close();
    }
}
