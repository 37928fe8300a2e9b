package dev.penstock.virtqueue;

import dev.penstock.mbuf.Mbuf;
import dev.penstock.mbuf.MbufPool;
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

    /** How many of so many heads are there; looks at the shared index only when it must (section 2.7.13.1). */
    private int fresh(int wanted) {
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
    public int dequeue(MbufPool pool, int port, Mbuf[] out, int from, int max) {
        int n = fresh(max);
        if (n == 0) {
            return 0;
        }
        if (!pool.allocRawBulk(out, from, n)) {
            countNoMbuf();
            return 0;
        }
        held = n;
        int got = 0;
        while (taken < n) {
            Mbuf m = out[from + got];
            int result = takeSimple(m, port);
            if (result == Chain.NONE) {
                result = takeChain(m, pool, port);
            }
            if (result == Chain.FINE) {
                got++;
            } else if (result < 0) {
                break;
            }
        }
        publish();
        held = got;
        if (got < n) {
            Mbuf.freeBulk(out, from + got, n - got);
        }
        held = 0;
        return got;
    }

    /** A frame in one descriptor, in a range that was met before, is copied at once; {@link Chain#NONE} for others. */
    private int takeSimple(Mbuf m, int port) {
        int head = head(taken);
        int range = guess;
        if (head >= size || range >= space.size()) {
            return Chain.NONE;
        }
        long start = descriptors.get(Descriptor.LONG, (long) head * Descriptor.BYTES);
        long second = descriptors.get(Descriptor.LONG, (long) head * Descriptor.BYTES + Descriptor.SECOND);
        int frame = (int) second - header.bytes;
        if (((int) (second >>> 32) & SIMPLE) != 0 || frame < MIN_FRAME || frame > m.bufLen() - Mbuf.HEADROOM
                || !space.holds(range, start, (int) second)) {
            return Chain.NONE;
        }
        MemorySegment memory = space.memory(range);
        long at = space.offset(range, start);
        m.received(frame, port);
        m.write(0, memory, at + header.bytes, frame);
        use(head, 1, 0);
        if (header.reads && !readHeader(memory, at, m)) {
            reject(Rejection.HEADER.ordinal());
            return Rejection.HEADER.ordinal();
        }
        return Chain.FINE;
    }

    @Override
    boolean putSimple(Mbuf m, int bytes) {
        int range = guess;
        if (fresh(taken + 1) == taken || log != null || range >= space.size()) {
            return false;
        }
        int head = head(taken);
        if (head >= size) {
            return false;
        }
        long start = descriptors.get(Descriptor.LONG, (long) head * Descriptor.BYTES);
        long second = descriptors.get(Descriptor.LONG, (long) head * Descriptor.BYTES + Descriptor.SECOND);
        int need = header.bytes + bytes;
        if (((int) (second >>> 32) & SIMPLE) != Descriptor.WRITE || (second & 0xffff_ffffL) < need
                || !space.holds(range, start, need) || !space.isWritable(range)) {
            return false;
        }
        MemorySegment memory = space.memory(range);
        long at = space.offset(range, start);
        putPlainHeader(memory, at);
        m.read(0, memory, at + header.bytes, bytes);
        use(head, 1, need);
        return true;
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
            hook.publishing(base());
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
        VarHandle.fullFence();
    }
}
