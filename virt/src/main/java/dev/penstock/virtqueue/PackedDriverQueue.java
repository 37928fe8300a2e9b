package dev.penstock.virtqueue;

import dev.penstock.mbuf.IovaMap;
import dev.penstock.mbuf.Mbuf;
import dev.penstock.mbuf.MbufPool;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.VarHandle;

/** The driver's side of a packed ring (VIRTIO 1.2, section 2.8). */
final class PackedDriverQueue extends DriverQueue {
    /** The flags that say in which lap a descriptor was written, where the second half of one has them. */
    private static final long LAP = (long) (Descriptor.AVAIL | Descriptor.USED) << 48;
    private static final int EVENT_FLAGS = 2;
    private static final int EVENTS_ON = 0;
    private static final int EVENTS_OFF = 1;
    private static final int EVENT_AT = 2;
    private static final int WRAP = 0x8000;

    private final MemorySegment ring;
    private final MemorySegment driverEvent;
    private final MemorySegment deviceEvent;
    private final boolean inOrder;
    /**
     * Free ids; the one that was freed first is taken first. Those that the device holds are from the tail on; if it works in
     * order, each is freed where it stood.
     */
    private final char[] freeIds;
    private int freeIdHead;
    private int freeIdTail;
    /** Descriptors of each buffer. */
    private final char[] counts;
    /** How far a device that works in order has come: all up to this id were used at once. */
    private int until = -1;
    /** What it says it wrote into that one; those before it, which it does not speak of, it has filled (section 2.8.8). */
    private int untilBytes;
    /** How long the buffers are that it is given to fill. */
    private int offered;
    /** The first position that is not published, and how many descriptors from there on are written. */
    private int next;
    /** Which of {@link #LAP} say there that a descriptor is available: one in the first lap, the other in the second, and so on. */
    private long lap = (long) Descriptor.AVAIL << 48;
    private int pending;
    /** What is pending in the line of the first position; see {@link Descriptor#PER_LINE}. */
    private final long[] firstAddresses = new long[Descriptor.PER_LINE];
    private final long[] firstSeconds = new long[Descriptor.PER_LINE];
    /** The position at which the next used descriptor will be. */
    private int usedNext;
    /** Which of {@link #LAP} it will have: both in the first lap, none in the second, and so on. */
    private long usedLap = LAP;
    private int sinceKick;

    PackedDriverQueue(RingMemory memory, long features, IovaMap addresses, MemorySegment side, MbufPool bounce) {
        super(memory.check(true), features, addresses, side, bounce);
        ring = memory.descriptors();
        driverEvent = memory.driver();
        deviceEvent = memory.device();
        inOrder = (features & Feature.IN_ORDER) != 0;
        freeIds = new char[size];
        counts = new char[size];
        for (int i = 0; i < size; i++) {
            freeIds[i] = (char) i;
        }
    }

    /**
     * All ones where a position is past the ring's end, else 0. A branch that is taken once a lap would be a trap for the JIT: it
     * throws the code away that was compiled before the first one.
     */
    private int past(int position) {
        return size - 1 - position >> 31;
    }

    private int wrapped(int position) {
        return position - (size & past(position));
    }

    @Override
    int nextId() {
        return freeIds[freeIdHead];
    }

    private int takeId(Mbuf m, int descriptors) {
        int id = freeIds[freeIdHead];
        freeIdHead = wrapped(freeIdHead + 1);
        counts[id] = (char) descriptors;
        held[id] = m;
        free -= descriptors;
        return id;
    }

    @Override
    void putPlain(Mbuf[] packets, int from, int n) {
        int before = header.bytes;
        long looked = header.looked;
        int first = leftInFirst(n);
        int i = 0;
        for (; i < first; i++) {
            Mbuf m = packets[from + i];
            holdBack(IovaMap.clearFront(m, before, looked), m.dataLen() + before, takeId(m, 1), 0);
        }
        for (int run; i < n; i += run) {
            run = room(n - i);
            putRun(packets, from + i, run, before, looked);
        }
    }

    /** How many of so many descriptors follow without a break, neither in the ring nor in the free ids. */
    private int room(int n) {
        return Math.min(n, size - Math.max(at(pending), freeIdHead));
    }

    private int at(int ahead) {
        return wrapped(next + ahead);
    }

    private long lap(int ahead) {
        return lap ^ LAP & past(next + ahead);
    }

    /**
     * How many of so many descriptors belong in the burst's first line. Known before the loop over them: where a loop could end
     * at either of two limits, the JIT checks both for the longer one, and throws its code away.
     */
    private int leftInFirst(int n) {
        return Math.min(n, Descriptor.leftInLine(next) - pending);
    }

    private void putRun(Mbuf[] packets, int from, int n, int before, long looked) {
        MemorySegment table = ring;
        Mbuf[] holds = held;
        char[] ids = freeIds;
        int first = freeIdHead;
        long to = (long) at(pending) * Descriptor.BYTES;
        long flags = lap(pending);
        for (int i = 0; i < n; i++) {
            Mbuf m = packets[from + i];
            int id = ids[first + i];
            counts[id] = 1;
            holds[id] = m;
            table.set(Descriptor.LONG, to + (long) i * Descriptor.BYTES, IovaMap.clearFront(m, before, looked));
            table.set(Descriptor.LONG, to + (long) i * Descriptor.BYTES + Descriptor.SECOND,
                    m.dataLen() + before | (long) id << 32 | flags);
        }
        taken(n);
    }

    private void taken(int n) {
        freeIdHead = wrapped(freeIdHead + n);
        pending += n;
        free -= n;
    }

    @Override
    void putTable(Mbuf m, long address, int bytes) {
        descriptor(address, bytes, takeId(m, 1), Descriptor.INDIRECT);
    }

    @Override
    void offer(Mbuf[] packets, int n, int bytes) {
        int before = Mbuf.HEADROOM - header.bytes;
        offered = bytes;
        int first = leftInFirst(n);
        int i = 0;
        for (; i < first; i++) {
            Mbuf m = packets[i];
            holdBack(addresses.bufIova(m) + before, bytes, takeId(m, 1), Descriptor.WRITE);
        }
        for (int run; i < n; i += run) {
            run = room(n - i);
            offerRun(packets, i, run, before, bytes);
        }
    }

    private void offerRun(Mbuf[] packets, int from, int n, int before, int bytes) {
        MemorySegment table = ring;
        Mbuf[] holds = held;
        char[] ids = freeIds;
        int first = freeIdHead;
        long to = (long) at(pending) * Descriptor.BYTES;
        long second = lap(pending) | (long) Descriptor.WRITE << 48 | bytes;
        for (int i = 0; i < n; i++) {
            Mbuf m = packets[from + i];
            int id = ids[first + i];
            counts[id] = 1;
            holds[id] = m;
            table.set(Descriptor.LONG, to + (long) i * Descriptor.BYTES, addresses.bufIova(m) + before);
            table.set(Descriptor.LONG, to + (long) i * Descriptor.BYTES + Descriptor.SECOND, second | (long) id << 32);
        }
        taken(n);
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
        if (pending < Descriptor.leftInLine(next)) {
            holdBack(address, bytes, id, flags);
            return;
        }
        int ahead = pending++;
        long at = (long) at(ahead) * Descriptor.BYTES;
        ring.set(Descriptor.LONG, at, address);
        ring.set(Descriptor.LONG, at + Descriptor.SECOND, second(bytes, id, flags, ahead));
    }

    private void holdBack(long address, int bytes, int id, int flags) {
        int ahead = pending++;
        firstAddresses[ahead] = address;
        firstSeconds[ahead] = second(bytes, id, flags, ahead);
    }

    private long second(int bytes, int id, int flags, int ahead) {
        return bytes | (long) id << 32 | (long) flags << 48 | lap(ahead);
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
        int first = Math.min(pending, Descriptor.leftInLine(next));
        for (int i = 1; i < first; i++) {
            long at = (long) at(i) * Descriptor.BYTES;
            ring.set(Descriptor.LONG, at, firstAddresses[i]);
            ring.set(Descriptor.LONG, at + Descriptor.SECOND, firstSeconds[i]);
        }
        long at = (long) next * Descriptor.BYTES;
        ring.set(Descriptor.LONG, at, firstAddresses[0]);
        Descriptor.LONGS.setRelease(ring, at + Descriptor.SECOND, firstSeconds[0]);
        lap = lap(pending);
        next = at(pending);
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
        // one branch: each that a later burst takes for the first time costs the code that was compiled until then
        return (until + 1 | waiting()) == 0;
    }

    private boolean isUsed(long second) {
        return (second & LAP) == usedLap;
    }

    @Override
    int takePlain(Mbuf[] out, int from, int n, int most) {
        if (until != -1) {
            return takeUntil(out, from + n, n, most - n);
        }
        int got = n;
        int run;
        int k;
        do {
            run = Math.min(most - got, size - Math.max(usedNext, freeIdTail));
            k = takeRun(out, from + got, got, run);
            got += k;
        } while (k == run && got < most);
        return got - n;
    }

    /** Takes back what is used one by one, with one acquire fence. */
    private int takeRun(Mbuf[] out, int to, int n, int most) {
        MemorySegment table = ring;
        Mbuf[] holds = held;
        char[] ids = freeIds;
        int[] sizes = lengths;
        int tail = freeIdTail;
        long at = (long) usedNext * Descriptor.BYTES + Descriptor.SECOND;
        long used = usedLap;
        int i = 0;
        for (; i < most; i++) {
            long second = table.get(Descriptor.LONG, at + (long) i * Descriptor.BYTES);
            int id = (int) (second >>> 32) & 0xffff;
            if ((second & LAP) != used || id >= holds.length || counts[id] != 1 || inOrder && ids[tail + i] != id) {
                break;
            }
            Mbuf m = holds[id];
            if (m == null) {
                break;
            }
            holds[id] = null;
            out[to + i] = m;
            sizes[n + i] = (int) second;
            ids[tail + i] = (char) id;
        }
        VarHandle.acquireFence();
        freed(i, i);
        return i;
    }

    /** Takes back what one used descriptor stands for, as long as it is buffers of one descriptor each. */
    private int takeUntil(Mbuf[] out, int to, int n, int most) {
        Mbuf[] holds = held;
        char[] ids = freeIds;
        int full = offered;
        int tail = freeIdTail;
        int limit = Math.min(most, size - tail);
        int id = -1;
        int i = 0;
        while (i < limit && id != until && counts[ids[tail + i]] == 1) {
            id = ids[tail + i];
            out[to + i] = holds[id];
            lengths[n + i] = full;
            holds[id] = null;
            i++;
        }
        // all ones where that was the last
        int left = id ^ until;
        int ends = ~((left | -left) >> 31);
        if (i > 0) {
            lengths[n + i - 1] = full ^ (full ^ untilBytes) & ends;
        }
        until |= ends;
        freed(i, i);
        return i;
    }

    private void freed(int ids, int descriptors) {
        freeIdTail = wrapped(freeIdTail + ids);
        free += descriptors;
        int to = usedNext + descriptors;
        usedLap ^= LAP & past(to);
        usedNext = wrapped(to);
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
            untilBytes = (int) usedBytes;
        }
        if (inOrder) {
            // one descriptor may stand for all buffers up to it (section 2.8.20 with VIRTIO_F_IN_ORDER)
            int oldest = freeIds[freeIdTail];
            until = oldest == id ? -1 : id;
            usedBytes = (until == -1 ? untilBytes : offered) & 0xffff_ffffL;
            id = oldest;
        }
        return release(id);
    }

    private Mbuf release(int id) {
        Mbuf m = held[id];
        held[id] = null;
        freeIds[freeIdTail] = (char) id;
        freed(1, counts[id]);
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
        if (lap == (long) Descriptor.AVAIL << 48 != ((event & WRAP) != 0)) {
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
