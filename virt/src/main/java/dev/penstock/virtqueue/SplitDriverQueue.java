package dev.penstock.virtqueue;

import dev.penstock.mbuf.IovaMap;
import dev.penstock.mbuf.Mbuf;
import dev.penstock.mbuf.MbufPool;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.VarHandle;

/** The driver's side of a split ring (VIRTIO 1.2, section 2.7). A buffer's id is its first descriptor. */
final class SplitDriverQueue extends DriverQueue {
    private static final int FLAGS = 0;
    private static final int INDEX = 2;
    private static final int RING = 4;
    private static final int NO_NOTIFY = 1;
    private static final int NO_INTERRUPT = 1;

    private final MemorySegment descriptors;
    private final MemorySegment avail;
    private final MemorySegment used;
    private final int mask;
    private final boolean inOrder;
    /** Free descriptors, the one that was freed first is taken first: a device that works in order meets them in a row. */
    private final char[] freeIds;
    private int freeHead;
    /** The descriptor behind each in its chain, and how many there are from each first one; never read from the ring. */
    private final char[] behind;
    private final char[] counts;
    /** What stands in the available ring, which is written only where it changes. */
    private final char[] heads;
    private int nextAvail;
    private int nextUsed;
    private int kicked;
    /** Used buffers known to be there. */
    private int fresh;

    SplitDriverQueue(RingMemory ring, long features, IovaMap addresses, MemorySegment side, MbufPool bounce) {
        super(ring.check(false), features, addresses, side, bounce);
        descriptors = ring.descriptors();
        avail = ring.driver();
        used = ring.device();
        mask = size - 1;
        inOrder = (features & Feature.IN_ORDER) != 0;
        freeIds = new char[size];
        behind = new char[size];
        counts = new char[size];
        heads = new char[size];
        for (int i = 0; i < size; i++) {
            freeIds[i] = (char) i;
        }
    }

    @Override
    int nextId() {
        return freeIds[freeHead & mask];
    }

    private int takeId() {
        free--;
        return freeIds[freeHead++ & mask];
    }

    @Override
    void putPlain(Mbuf[] packets, int from, int n) {
        MemorySegment table = descriptors;
        MemorySegment ring = avail;
        Mbuf[] holds = held;
        char[] ids = freeIds;
        char[] known = heads;
        int before = header.bytes;
        long looked = header.looked;
        int first = freeHead;
        int to = nextAvail;
        for (int i = 0; i < n; i++) {
            Mbuf m = packets[from + i];
            int id = ids[first + i & mask];
            long at = (long) id * Descriptor.BYTES;
            counts[id] = 1;
            holds[id] = m;
            table.set(Descriptor.LONG, at, IovaMap.clearFront(m, before, looked));
            table.set(Descriptor.LONG, at + Descriptor.SECOND, m.dataLen() + before);
            int slot = to + i & mask;
            if (known[slot] != id) {
                known[slot] = (char) id;
                ring.set(Descriptor.SHORT, RING + 2L * slot, (short) id);
            }
        }
        freeHead = first + n;
        free -= n;
        nextAvail = to + n;
    }

    @Override
    void putTable(Mbuf m, long address, int bytes) {
        int id = takeId();
        counts[id] = 1;
        held[id] = m;
        descriptors.set(Descriptor.LONG, (long) id * Descriptor.BYTES, address);
        descriptors.set(Descriptor.LONG, (long) id * Descriptor.BYTES + Descriptor.SECOND, bytes | (long) Descriptor.INDIRECT << 32);
        makeAvailable(id);
    }

    @Override
    void offer(Mbuf[] packets, int n, int bytes) {
        MemorySegment table = descriptors;
        MemorySegment ring = avail;
        Mbuf[] holds = held;
        char[] ids = freeIds;
        char[] known = heads;
        int before = Mbuf.HEADROOM - header.bytes;
        int first = freeHead;
        int to = nextAvail;
        for (int i = 0; i < n; i++) {
            Mbuf m = packets[i];
            int id = ids[first + i & mask];
            long at = (long) id * Descriptor.BYTES;
            counts[id] = 1;
            holds[id] = m;
            table.set(Descriptor.LONG, at, addresses.bufIova(m) + before);
            table.set(Descriptor.LONG, at + Descriptor.SECOND, bytes | (long) Descriptor.WRITE << 32);
            int slot = to + i & mask;
            if (known[slot] != id) {
                known[slot] = (char) id;
                ring.set(Descriptor.SHORT, RING + 2L * slot, (short) id);
            }
        }
        freeHead = first + n;
        free -= n;
        nextAvail = to + n;
    }

    private void makeAvailable(int id) {
        int slot = nextAvail++ & mask;
        if (heads[slot] != id) {
            heads[slot] = (char) id;
            avail.set(Descriptor.SHORT, RING + 2L * slot, (short) id);
        }
    }

    @Override
    void putChain(Mbuf m, int pieces) {
        int first = nextId();
        int id = takeId();
        for (int i = 0; i < pieces; i++) {
            long second = pieceLength[i];
            int next = 0;
            if (i + 1 < pieces) {
                next = takeId();
                second |= (long) Descriptor.NEXT << 32 | (long) next << 48;
            }
            descriptors.set(Descriptor.LONG, (long) id * Descriptor.BYTES, pieceAddress[i]);
            descriptors.set(Descriptor.LONG, (long) id * Descriptor.BYTES + Descriptor.SECOND, second);
            behind[id] = (char) next;
            id = next;
        }
        counts[first] = (char) pieces;
        held[first] = m;
        makeAvailable(first);
    }

    @Override
    long tableEntry(int bytes, int index, boolean more) {
        return more ? bytes | (long) Descriptor.NEXT << 32 | (long) (index + 1) << 48 : bytes;
    }

    @Override
    void publish() {
        Descriptor.SHORTS.setRelease(avail, (long) INDEX, (short) nextAvail);
    }

    @Override
    int evenOffer(int n) {
        return n;
    }

    @Override
    int evenTake(int n) {
        return n;
    }

    @Override
    public int waiting() {
        return (short) Descriptor.SHORTS.getAcquire(used, (long) INDEX) - nextUsed & 0xffff;
    }

    @Override
    boolean isIdle() {
        return fresh == 0 && waiting() == 0;
    }

    @Override
    Mbuf nextUsed() {
        if (fresh == 0 && !look()) {
            return null;
        }
        fresh--;
        long element = used.get(Descriptor.LONG_ANY, RING + 8L * (nextUsed++ & mask));
        int id = (int) element;
        Mbuf m = id >= 0 && id < size ? held[id] : null;
        if (m == null) {
            reject(Rejection.ID);
            return null;
        }
        held[id] = null;
        usedBytes = element >>> 32;
        int freed = id;
        for (int n = counts[id]; n > 0; n--) {
            freeIds[freeHead + free++ & mask] = (char) freed;
            freed = behind[freed];
        }
        return m;
    }

    @Override
    int takePlain(Mbuf[] out, int from, int n, int most) {
        if (fresh == 0 && !look()) {
            return 0;
        }
        MemorySegment ring = used;
        Mbuf[] holds = held;
        char[] ids = freeIds;
        int[] sizes = lengths;
        int at = nextUsed;
        int to = freeHead + free;
        int limit = Math.min(fresh, most - n);
        int i = 0;
        for (; i < limit; i++) {
            long element = ring.get(Descriptor.LONG_ANY, RING + 8L * (at + i & mask));
            int id = (int) element;
            if (id < 0 || id >= holds.length || counts[id] != 1) {
                break;
            }
            Mbuf m = holds[id];
            if (m == null) {
                break;
            }
            holds[id] = null;
            out[from + n + i] = m;
            sizes[n + i] = (int) (element >>> 32);
            ids[to + i & mask] = (char) id;
        }
        nextUsed = at + i;
        fresh -= i;
        free += i;
        return i;
    }

    /**
     * Of a device that works in order the used ring need not be read: it may leave out all but the last of a batch, and its lines
     * stay with a device that writes them each lap (section 2.7.9).
     */
    @Override
    int takeSent(Mbuf[] out, int most) {
        if (!inOrder) {
            return takeBack(out, 0, most);
        }
        int n = 0;
        while (n < most && (fresh != 0 || look())) {
            int limit = n + Math.min(fresh, most - n);
            n += takeSentPlain(out, n, limit);
            if (n < limit) {
                int id = freeIds[freeHead + free & mask];
                nextUsed++;
                fresh--;
                if (held[id] == null) {
                    reject(Rejection.ID);
                    break;
                }
                out[n++] = held[id];
                held[id] = null;
                free += counts[id];
            }
        }
        return n;
    }

    private int takeSentPlain(Mbuf[] out, int n, int limit) {
        Mbuf[] holds = held;
        char[] ids = freeIds;
        int tail = freeHead + free;
        int most = limit - n;
        int i = 0;
        for (; i < most; i++) {
            int id = ids[tail + i & mask];
            Mbuf m = holds[id];
            if (m == null || counts[id] != 1) {
                break;
            }
            holds[id] = null;
            out[n + i] = m;
        }
        nextUsed += i;
        fresh -= i;
        free += i;
        return i;
    }

    private boolean look() {
        int count = waiting();
        if (count > size) {
            reject(Rejection.INDEX);
            return false;
        }
        fresh = count;
        return count != 0;
    }

    @Override
    public boolean kickNeeded() {
        int before = kicked;
        if (before == nextAvail) {
            return false;
        }
        kicked = nextAvail;
        // what was made available must be visible before the device's wish is read (section 2.7.13.4.1)
        VarHandle.fullFence();
        if (eventIndex) {
            int event = used.get(Descriptor.SHORT, RING + 8L * size);
            return (nextAvail - event - 1 & 0xffff) < (nextAvail - before & 0xffff);
        }
        return (used.get(Descriptor.SHORT, FLAGS) & NO_NOTIFY) == 0;
    }

    @Override
    public void interrupts(boolean on) {
        if (!eventIndex) {
            avail.set(Descriptor.SHORT, FLAGS, (short) (on ? 0 : NO_INTERRUPT));
        } else if (on) {
            avail.set(Descriptor.SHORT, RING + 2L * size, (short) nextUsed);
        }
        VarHandle.fullFence();
    }
}
