package dev.penstock.virtqueue;

import dev.penstock.mbuf.Mbuf;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.VarHandle;

/** The device's side of a packed ring (VIRTIO 1.2, section 2.8). */
final class PackedDeviceQueue extends DeviceQueue {
    private static final int LAP = Descriptor.AVAIL | Descriptor.USED;
    private static final int SIMPLE = Descriptor.NEXT | Descriptor.WRITE | Descriptor.INDIRECT;
    private static final int EVENT_FLAGS = 2;
    private static final int EVENTS_ON = 0;
    private static final int EVENTS_OFF = 1;
    private static final int EVENT_AT = 2;
    private static final int WRAP = 0x8000;

    private final MemorySegment ring;
    private final MemorySegment driverEvent;
    private final MemorySegment deviceEvent;
    /** The first position that is not published as used; the next to be taken is {@link #taken} further. */
    private int next;
    /** Whether that position is in a lap in which the flags are set. */
    private boolean wrap;
    /** What will be published at {@link #next}, last of all. */
    private long first;
    /** Descriptors known to be available. */
    private int fresh;
    private int sinceCall;
    private final boolean inOrder;
    /** Whether one used descriptor, with the last id, stands for a whole burst: in order, and no lengths to tell. */
    private boolean batch;

    PackedDeviceQueue(RingMemory memory, AddressSpace space, long features, int base) {
        super(memory.check(true), space, features);
        ring = memory.descriptors();
        inOrder = (features & Feature.IN_ORDER) != 0;
        driverEvent = memory.driver();
        deviceEvent = memory.device();
        next = base & WRAP - 1;
        wrap = (base & WRAP) != 0;
        if (next >= size) {
            throw new IllegalArgumentException("a packed queue of " + size + " descriptors cannot begin at position " + next);
        }
    }

    /** The flags of available descriptors so many positions ahead, of the bits {@link #LAP}. */
    private int availableFlags(int ahead) {
        return wrap == next + ahead < size ? Descriptor.AVAIL : Descriptor.USED;
    }

    private int position(int ahead) {
        int at = next + ahead;
        return at < size ? at : at - size;
    }

    private static int flags(long second) {
        return (int) (second >>> 48);
    }

    /** Looks at the descriptors' flags, behind one acquire fence. */
    @Override
    int fresh(int wanted) {
        int limit = Math.min(wanted, size);
        if (fresh < limit) {
            int count = fresh;
            while (count < limit && (flags(second(count)) & LAP) == availableFlags(count)) {
                count++;
            }
            fresh = count;
            VarHandle.acquireFence();
        }
        return Math.min(fresh, limit);
    }

    private long second(int ahead) {
        return (long) Descriptor.LONGS.getOpaque(ring, (long) position(ahead) * Descriptor.BYTES + Descriptor.SECOND);
    }

    @Override
    public int waiting() {
        return (flags(second(0)) & LAP) == availableFlags(0) ? 1 : 0;
    }

    @Override
    boolean exhausted() {
        return taken >= fresh;
    }

    @Override
    boolean isOneByOne(boolean write) {
        return hook != null && (write || !inOrder);
    }

    @Override
    void begin() {
        batch = inOrder;
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
        MemorySegment table = ring;
        boolean reads = header.reads;
        int skip = header.bytes;
        int i = 0;
        for (; i < n; i++) {
            long descriptor = (long) position(taken) * Descriptor.BYTES;
            long offset = table.get(Descriptor.LONG, descriptor) - begin;
            long second = table.get(Descriptor.LONG, descriptor + Descriptor.SECOND);
            int bytes = (int) second;
            int frame = bytes - skip;
            Mbuf m = out[from + i];
            if ((flags(second) & SIMPLE) != 0 || frame < MIN_FRAME || frame > m.bufLen() - Mbuf.HEADROOM || offset < 0
                    || offset > most - bytes) {
                break;
            }
            long work = reads ? memory.get(Descriptor.LONG_ANY, offset) : 0;
            m.received(frame, port);
            m.write(0, memory, offset + skip, frame);
            useOne((int) (second >>> 32) & 0xffff, 0);
            if ((work & NetHeader.WORK) != 0 && !receiveHeader(m, work, memory, offset)) {
                break;
            }
        }
        return i;
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
        MemorySegment table = ring;
        int skip = header.bytes;
        int i = 0;
        for (; i < limit; i++) {
            Mbuf m = packets[from + i];
            if (m.next() != null || NetHeader.hasWork(m)) {
                break;
            }
            long descriptor = (long) position(taken) * Descriptor.BYTES;
            long offset = table.get(Descriptor.LONG, descriptor) - begin;
            long second = table.get(Descriptor.LONG, descriptor + Descriptor.SECOND);
            int bytes = m.dataLen();
            int need = skip + bytes;
            if ((flags(second) & SIMPLE) != Descriptor.WRITE || (second & 0xffff_ffffL) < need || offset < 0
                    || offset > most - need) {
                break;
            }
            putPlainHeader(memory, offset);
            m.read(0, memory, offset + skip, bytes);
            useOne((int) (second >>> 32) & 0xffff, need);
        }
        return i;
    }

    /** One descriptor, with no log to tell. */
    private void useOne(int id, int bytes) {
        int lap = wrap == (batch || next + taken < size) ? LAP : 0;
        long second = bytes | (long) id << 32 | (long) (lap | (bytes == 0 ? 0 : Descriptor.WRITE)) << 48;
        if (taken == 0 || batch) {
            first = second;
        } else {
            ring.set(Descriptor.LONG, (long) position(taken) * Descriptor.BYTES + Descriptor.SECOND, second);
        }
        taken++;
    }

    @Override
    int gather(Chain c, int ahead) {
        return fresh(ahead + 1) <= ahead ? Chain.NONE : c.addPacked(space, ring, position(ahead), size - ahead);
    }

    @Override
    void use(int id, int descriptors, int bytes) {
        int lap = wrap == (batch || next + taken < size) ? LAP : 0;
        long second = bytes | (long) id << 32 | (long) (lap | (bytes == 0 ? 0 : Descriptor.WRITE)) << 48;
        if (taken == 0 || batch) {
            first = second;
        } else {
            long at = (long) position(taken) * Descriptor.BYTES;
            ring.set(Descriptor.LONG, at + Descriptor.SECOND, second);
            if (log != null) {
                log.wroteRing(at, Descriptor.BYTES);
            }
        }
        taken += descriptors;
    }

    @Override
    void publish() {
        if (taken == 0) {
            return;
        }
        long at = (long) next * Descriptor.BYTES;
        boolean turned = next + taken >= size;
        next = position(taken);
        wrap ^= turned;
        fresh = Math.max(0, fresh - taken);
        sinceCall += taken;
        taken = 0;
        if (hook != null) {
            hook.publishing(base());
        }
        Descriptor.LONGS.setRelease(ring, at + Descriptor.SECOND, first);
        if (log != null) {
            log.wroteRing(at, Descriptor.BYTES);
        }
        if (hook != null) {
            hook.published();
        }
    }

    @Override
    public int base() {
        int position = next | (wrap ? WRAP : 0);
        return position | position << 16;
    }

    @Override
    public boolean callNeeded() {
        int used = sinceCall;
        sinceCall = 0;
        // what was published must be visible before the driver's wish is read (section 2.8.21.3.1)
        VarHandle.fullFence();
        int event = driverEvent.get(Descriptor.INT, 0);
        int flags = event >>> 16 & 3;
        if (!eventIndex || flags != EVENT_AT) {
            return used != 0 && flags == EVENTS_ON;
        }
        int behind = next - 1 - (event & WRAP - 1);
        if (wrap != ((event & WRAP) != 0)) {
            behind += size;
        }
        return behind >= 0 && behind < used;
    }

    @Override
    public void notifications(boolean on) {
        deviceEvent.set(Descriptor.SHORT, EVENT_FLAGS, (short) (on ? EVENTS_ON : EVENTS_OFF));
        if (log != null) {
            log.wroteEvents();
        }
        VarHandle.fullFence();
    }
}
