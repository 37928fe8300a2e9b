package dev.penstock.virtqueue;

import dev.penstock.mbuf.Mbuf;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.VarHandle;

/** The device's side of a split ring (VIRTIO 1.2, section 2.7). */
final class SplitDeviceQueue extends DeviceQueue {
    private static final int FLAGS = 0;
    private static final int INDEX = 2;
    private static final int RING = 4;
    private static final int NO_NOTIFY = 1;
    private static final int NO_INTERRUPT = 1;
    private static final int SIMPLE = Descriptor.NEXT | Descriptor.WRITE | Descriptor.INDIRECT;

    private final MemorySegment descriptors;
    private final MemorySegment avail;
    private final MemorySegment used;
    private final int mask;
    /** Next heads to take, free-running; what has been taken has been used, but for heads that made no sense. */
    private int nextAvail;
    private int nextUsed;
    /** Heads known to be available. */
    private int fresh;
    private int signalled;

    SplitDeviceQueue(RingMemory ring, AddressSpace space, long features, int base) {
        super(ring.check(false), space, features);
        descriptors = ring.descriptors();
        avail = ring.driver();
        used = ring.device();
        mask = size - 1;
        nextAvail = base & 0xffff;
        nextUsed = used.get(Descriptor.SHORT, INDEX) & 0xffff;
        signalled = nextUsed;
    }

    @Override
    public int waiting() {
        return Math.min(size, (short) Descriptor.SHORTS.getAcquire(avail, (long) INDEX) - nextAvail & 0xffff);
    }

    /** Looks at the shared index only when it must (section 2.7.13.1). */
    @Override
    int fresh(int wanted) {
        if (fresh < wanted) {
            int count = (short) Descriptor.SHORTS.getAcquire(avail, (long) INDEX) - nextAvail & 0xffff;
            if (count > size) {
                reject(Rejection.INDEX.ordinal());
                count = 0;
            }
            fresh = count;
        }
        return Math.min(fresh, wanted);
    }

    private int head(int ahead) {
        return avail.get(Descriptor.SHORT, RING + 2L * (nextAvail + ahead & mask)) & 0xffff;
    }

    @Override
    boolean exhausted() {
        return taken >= fresh;
    }

    @Override
    int most() {
        return Integer.MAX_VALUE;
    }

    @Override
    void begin() {
        // every head is returned with its own length, none of which a driver reads
    }

    @Override
    int takeSimple(Mbuf[] out, int from, int n, int port) {
        int range = guess;
        AddressSpace all = space;
        if (range >= all.size() || log != null) {
            return 0;
        }
        MemorySegment memory = all.memory(range);
        long begin = all.start(range);
        long most = memory.byteSize();
        MemorySegment table = descriptors;
        MemorySegment heads = avail;
        MemorySegment back = used;
        boolean reads = header.reads;
        int skip = header.bytes;
        int at = nextAvail + taken;
        int to = nextUsed;
        int refused = 0;
        int i = 0;
        for (; i < n; i++) {
            int head = heads.get(Descriptor.SHORT, RING + 2L * (at + i & mask)) & 0xffff;
            if (head >= size) {
                break;
            }
            long offset = table.get(Descriptor.LONG, (long) head * Descriptor.BYTES) - begin;
            long second = table.get(Descriptor.LONG, (long) head * Descriptor.BYTES + Descriptor.SECOND);
            int bytes = (int) second;
            int frame = bytes - skip;
            Mbuf m = out[from + i];
            if (((int) (second >>> 32) & SIMPLE) != 0 || frame < MIN_FRAME || frame > m.bufLen() - Mbuf.HEADROOM || offset < 0
                    || offset > most - bytes) {
                break;
            }
            long work = reads ? memory.get(Descriptor.LONG_ANY, offset) : 0;
            m.received(frame, port);
            m.write(0, memory, offset + skip, frame);
            giveBack(back, to + i, head);
            if ((work & NetHeader.WORK) != 0 && !receiveHeader(m, work, memory, offset)) {
                refused = 1;
                break;
            }
        }
        taken += i + refused;
        nextUsed = to + i + refused;
        return i;
    }

    @Override
    long touch(int n, MemorySegment memory, long begin) {
        MemorySegment table = descriptors;
        MemorySegment heads = avail;
        long last = memory.byteSize() - TOUCHED;
        int skip = header.bytes;
        int at = nextAvail;
        long sum = 0;
        for (int i = 0; i < n; i++) {
            int head = heads.get(Descriptor.SHORT, RING + 2L * (at + i & mask)) & 0xffff;
            if (head >= size) {
                break;
            }
            long offset = table.get(Descriptor.LONG, (long) head * Descriptor.BYTES) - begin;
            int bytes = (int) table.get(Descriptor.LONG, (long) head * Descriptor.BYTES + Descriptor.SECOND);
            if (i == 0 && bytes < LONG_FRAME || offset < 0 || offset > last) {
                break;
            }
            sum += memory.get(Descriptor.LONG_ANY, offset + skip);
        }
        return sum;
    }

    @Override
    int putSimple(Mbuf[] packets, int from, int n) {
        int range = guess;
        AddressSpace all = space;
        int limit = Math.min(n, fresh - taken);
        if (range >= all.size() || log != null || !all.isWritable(range)) {
            return 0;
        }
        MemorySegment memory = all.memory(range);
        long begin = all.start(range);
        long most = memory.byteSize();
        MemorySegment table = descriptors;
        MemorySegment heads = avail;
        MemorySegment back = used;
        int skip = header.bytes;
        int at = nextAvail + taken;
        int to = nextUsed;
        boolean differs = false;
        int i = 0;
        for (; i < limit; i++) {
            Mbuf m = packets[from + i];
            int head = heads.get(Descriptor.SHORT, RING + 2L * (at + i & mask)) & 0xffff;
            if (head >= size || m.next() != null || NetHeader.hasWork(m)) {
                break;
            }
            long offset = table.get(Descriptor.LONG, (long) head * Descriptor.BYTES) - begin;
            long second = table.get(Descriptor.LONG, (long) head * Descriptor.BYTES + Descriptor.SECOND);
            int bytes = m.dataLen();
            int need = skip + bytes;
            if (((int) (second >>> 32) & SIMPLE) != Descriptor.WRITE || (second & 0xffff_ffffL) < need || offset < 0
                    || offset > most - need) {
                break;
            }
            differs = putPlainHeader(memory, offset, differs);
            m.read(0, memory, offset + skip, bytes);
            giveBack(back, to + i, head | (long) need << 32);
        }
        taken += i;
        nextUsed = to + i;
        return i;
    }

    /** Writes an element where it differs from the last lap's: a line that both only read stays in both caches. */
    private void giveBack(MemorySegment back, int slot, long element) {
        long at = RING + 8L * (slot & mask);
        if (back.get(Descriptor.LONG_ANY, at) != element) {
            back.set(Descriptor.LONG_ANY, at, element);
        }
    }

    @Override
    int gather(Chain c, int ahead) {
        return fresh(ahead + 1) == ahead ? Chain.NONE : c.addSplit(space, descriptors, head(ahead));
    }

    @Override
    void use(int id, int heads, int bytes) {
        taken += heads;
        if (id < 0) {
            return;
        }
        long at = RING + 8L * (nextUsed & mask);
        used.set(Descriptor.LONG_ANY, at, id | (long) bytes << 32);
        nextUsed++;
        if (log != null) {
            log.wroteRing(at, 8);
        }
    }

    @Override
    void publish() {
        if (taken == 0) {
            return;
        }
        nextAvail = nextAvail + taken & 0xffff;
        fresh -= taken;
        taken = 0;
        if (hook != null) {
            hook.publishing(base(), null, 0);
        }
        Descriptor.SHORTS.setRelease(used, (long) INDEX, (short) nextUsed);
        if (log != null) {
            log.wroteRing(INDEX, 2);
        }
        if (hook != null) {
            hook.published();
        }
    }

    @Override
    public int base() {
        return nextAvail;
    }

    @Override
    public boolean hasReturned() {
        return nextUsed != signalled;
    }

    @Override
    public boolean callNeeded() {
        int before = signalled;
        signalled = nextUsed;
        // what was published must be visible before the driver's wish is read (section 2.7.7.2)
        VarHandle.fullFence();
        if (eventIndex) {
            int event = avail.get(Descriptor.SHORT, RING + 2L * size);
            return (nextUsed - event - 1 & 0xffff) < (nextUsed - before & 0xffff);
        }
        return nextUsed != before && (avail.get(Descriptor.SHORT, FLAGS) & NO_INTERRUPT) == 0;
    }

    @Override
    public void notifications(boolean on) {
        if (!eventIndex) {
            used.set(Descriptor.SHORT, FLAGS, (short) (on ? 0 : NO_NOTIFY));
        } else if (on) {
            used.set(Descriptor.SHORT, RING + 8L * size, (short) nextAvail);
        }
        if (log != null && (on || !eventIndex)) {
            log.wroteRing(eventIndex ? RING + 8L * size : FLAGS, 2);
        }
        VarHandle.fullFence();
    }
}
