package dev.penstock.virtqueue;

import dev.penstock.mbuf.IovaMap;
import dev.penstock.mbuf.Mbuf;
import dev.penstock.mbuf.MbufPool;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.VarHandle;

/** The driver's side of a packed ring (VIRTIO 1.2, section 2.8). */
final class PackedDriverQueue extends DriverQueue {
    private static final int LAP = Descriptor.AVAIL | Descriptor.USED;
    private static final int EVENT_FLAGS = 2;
    private static final int EVENTS_ON = 0;
    private static final int EVENTS_OFF = 1;
    private static final int EVENT_AT = 2;
    private static final int WRAP = 0x8000;

    private final MemorySegment ring;
    private final MemorySegment driverEvent;
    private final MemorySegment deviceEvent;
    private final boolean inOrder;
    /** Free ids; the one that was freed first is taken first. */
    private final char[] freeIds;
    private int freeIdHead;
    private int freeIdTail;
    /** Descriptors of each buffer. */
    private final char[] counts;
    /** Ids that the device holds, in order. */
    private final char[] order;
    private int orderHead;
    private int orderTail;
    /** How far a device that works in order has come: all up to this id were used at once. */
    private int until = -1;
    /** The first position that is not published, and how many descriptors from there on are written. */
    private int next;
    private boolean wrap = true;
    private int pending;
    /** What is pending in the line of the first position; see {@link Descriptor#PER_LINE}. */
    private final long[] firstAddresses = new long[Descriptor.PER_LINE];
    private final long[] firstSeconds = new long[Descriptor.PER_LINE];
    /** The position at which the next used descriptor will be. */
    private int usedNext;
    private boolean usedWrap = true;
    private int sinceKick;

    PackedDriverQueue(RingMemory memory, long features, IovaMap addresses, MemorySegment side, MbufPool bounce) {
        super(memory.check(true), features, addresses, side, bounce);
        ring = memory.descriptors();
        driverEvent = memory.driver();
        deviceEvent = memory.device();
        inOrder = (features & Feature.IN_ORDER) != 0;
        freeIds = new char[size];
        counts = new char[size];
        order = new char[size];
        for (int i = 0; i < size; i++) {
            freeIds[i] = (char) i;
        }
    }

    private int up(int index) {
        return index + 1 == size ? 0 : index + 1;
    }

    @Override
    int nextId() {
        return freeIds[freeIdHead];
    }

    private int takeId(Mbuf m, int descriptors) {
        int id = freeIds[freeIdHead];
        freeIdHead = up(freeIdHead);
        order[orderTail] = (char) id;
        orderTail = up(orderTail);
        counts[id] = (char) descriptors;
        held[id] = m;
        free -= descriptors;
        return id;
    }

    @Override
    void putPlain(Mbuf[] packets, int from, int n) {
        int before = header.bytes;
        for (int i = 0; i < n; i++) {
            Mbuf m = packets[from + i];
            descriptor(IovaMap.clearFront(m, before), m.dataLen() + before, takeId(m, 1), 0);
        }
    }

    @Override
    void putTable(Mbuf m, long address, int bytes) {
        descriptor(address, bytes, takeId(m, 1), Descriptor.INDIRECT);
    }

    @Override
    void offer(Mbuf m, long address, int bytes) {
        descriptor(address, bytes, takeId(m, 1), Descriptor.WRITE);
    }

    @Override
    void putChain(Mbuf m, int pieces) {
        int id = takeId(m, pieces);
        for (int i = 0; i < pieces; i++) {
            descriptor(pieceAddress[i], pieceLength[i], id, i + 1 < pieces ? Descriptor.NEXT : 0);
        }
    }

    /** Writes a descriptor; those in the first line of a burst are held back, so that all become visible with the first. */
    private void descriptor(long address, int bytes, int id, int flags) {
        int ahead = pending++;
        int at = next + ahead;
        boolean lap = wrap;
        if (at >= size) {
            at -= size;
            lap = !lap;
        }
        long second = bytes | (long) id << 32 | (long) (flags | (lap ? Descriptor.AVAIL : Descriptor.USED)) << 48;
        if (ahead < Descriptor.leftInLine(next)) {
            firstAddresses[ahead] = address;
            firstSeconds[ahead] = second;
        } else {
            ring.set(Descriptor.LONG, (long) at * Descriptor.BYTES, address);
            ring.set(Descriptor.LONG, (long) at * Descriptor.BYTES + Descriptor.SECOND, second);
        }
    }

    @Override
    long tableEntry(int bytes, int index, boolean more) {
        return bytes;
    }

    @Override
    void publish() {
        if (pending == 0) {
            return;
        }
        for (int i = Math.min(pending, Descriptor.leftInLine(next)) - 1; i >= 0; i--) {
            long at = (long) (next + i < size ? next + i : next + i - size) * Descriptor.BYTES;
            ring.set(Descriptor.LONG, at, firstAddresses[i]);
            if (i > 0) {
                ring.set(Descriptor.LONG, at + Descriptor.SECOND, firstSeconds[i]);
            } else {
                Descriptor.LONGS.setRelease(ring, at + Descriptor.SECOND, firstSeconds[0]);
            }
        }
        next += pending;
        if (next >= size) {
            next -= size;
            wrap = !wrap;
        }
        sinceKick += pending;
        pending = 0;
    }

    /** Bursts end with a line, so that no line moves to the other side and back while half of it is in use. */
    private int untilLine(int position, int n) {
        return n > Descriptor.PER_LINE ? n - (position + n & Descriptor.PER_LINE - 1) : n;
    }

    @Override
    int evenOffer(int n) {
        return untilLine(next + pending, n);
    }

    @Override
    int evenTake(int n) {
        return untilLine(usedNext, n);
    }

    @Override
    public int waiting() {
        return isUsed((long) Descriptor.LONGS.getAcquire(ring, (long) usedNext * Descriptor.BYTES + Descriptor.SECOND)) ? 1 : 0;
    }

    @Override
    boolean isIdle() {
        return until == -1 && waiting() == 0;
    }

    private boolean isUsed(long second) {
        return ((int) (second >>> 48) & LAP) == (usedWrap ? LAP : 0);
    }

    @Override
    Mbuf nextUsed() {
        int id = until;
        if (id == -1) {
            if (free == size) {
                return null;
            }
            long second = (long) Descriptor.LONGS.getAcquire(ring, (long) usedNext * Descriptor.BYTES + Descriptor.SECOND);
            if (!isUsed(second)) {
                return null;
            }
            id = (int) (second >>> 32) & 0xffff;
            if (id >= size || held[id] == null) {
                reject(Rejection.ID);
                return null;
            }
            usedBytes = second & 0xffff_ffffL;
        }
        if (inOrder) {
            // one descriptor may stand for all buffers up to it (section 2.8.20 with VIRTIO_F_IN_ORDER)
            int oldest = order[orderHead];
            until = oldest == id ? -1 : id;
            id = oldest;
        }
        return release(id);
    }

    private Mbuf release(int id) {
        Mbuf m = held[id];
        held[id] = null;
        orderHead = up(orderHead);
        freeIds[freeIdTail] = (char) id;
        freeIdTail = up(freeIdTail);
        int count = counts[id];
        free += count;
        usedNext += count;
        if (usedNext >= size) {
            usedNext -= size;
            usedWrap = !usedWrap;
        }
        return m;
    }

    @Override
    public boolean kickNeeded() {
        int made = sinceKick;
        if (made == 0) {
            return false;
        }
        sinceKick = 0;
        // what was made available must be visible before the device's wish is read (section 2.8.21.3.1)
        VarHandle.fullFence();
        int event = deviceEvent.get(Descriptor.INT, 0);
        int flags = event >>> 16 & 3;
        if (!eventIndex || flags != EVENT_AT) {
            return flags == EVENTS_ON;
        }
        int behind = next - 1 - (event & WRAP - 1);
        if (wrap != ((event & WRAP) != 0)) {
            behind += size;
        }
        return behind >= 0 && behind < made;
    }

    @Override
    public void interrupts(boolean on) {
        driverEvent.set(Descriptor.SHORT, EVENT_FLAGS, (short) (on ? EVENTS_ON : EVENTS_OFF));
        VarHandle.fullFence();
    }
}
