package dev.penstock.virtqueue;

import dev.penstock.mbuf.Mbuf;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.VarHandle;

/** The device's side of a packed ring (VIRTIO 1.2, section 2.8). */
final class PackedDeviceQueue extends DeviceQueue {
    /** The flags that say in which lap a descriptor was written, where the second half of one has them. */
    private static final long LAP = (long) (Descriptor.AVAIL | Descriptor.USED) << 48;
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
    /** Which of {@link #LAP} say there that a descriptor is used: both in the first lap, none in the second, and so on. */
    private long lap;
    /**
     * The second halves of used descriptors that are not published. All are written at the end of the burst, the first last of
     * all: a line of the ring is then taken from the driver, which looks at the first, but once.
     */
    private final long[] seconds;
    /** How far behind {@link #next} each will stand: as far as its number, unless a buffer before had several descriptors. */
    private final char[] places;
    private int entries;
    /** Descriptors known to be available. */
    private int fresh;
    private int sinceCall;
    private final boolean inOrder;
    /** Whether one used descriptor, with the last id, stands for a whole burst: in order, and no lengths to tell. */
    private boolean batch;

    PackedDeviceQueue(RingMemory memory, AddressSpace space, long features, int base) {
        super(memory.check(true), space, features);
        ring = memory.descriptors();
        seconds = new long[size];
        places = new char[size];
        countPlaces(size);
        inOrder = (features & Feature.IN_ORDER) != 0;
        driverEvent = memory.driver();
        deviceEvent = memory.device();
        next = base & WRAP - 1;
        lap = (base & WRAP) != 0 ? LAP : 0;
        if (next >= size) {
            throw new IllegalArgumentException("a packed queue of " + size + " descriptors cannot begin at position " + next);
        }
    }

    private void countPlaces(int n) {
        for (int i = 0; i < n; i++) {
            places[i] = (char) i;
        }
    }

    /**
     * All ones where a position is past the ring's end, else 0. A branch that is taken once a lap would be a trap for the JIT: it
     * throws the code away that was compiled before the first one.
     */
    private int past(int position) {
        return size - 1 - position >> 31;
    }

    /** The flags of descriptors that are used so many positions ahead, of the bits {@link #LAP}. */
    private long lap(int ahead) {
        return lap ^ LAP & past(next + ahead);
    }

    /** The same of those that are available. */
    private long availableLap(int ahead) {
        return lap(ahead) ^ (long) Descriptor.USED << 48;
    }

    private int position(int ahead) {
        int at = next + ahead;
        return at - (size & past(at));
    }

    private static int flags(long second) {
        return (int) (second >>> 48);
    }

    /** Looks at the descriptors' flags, behind one acquire fence. */
    @Override
    int fresh(int wanted) {
        int limit = Math.min(wanted, size);
        if (fresh < limit) {
            int left = size - next;
            int count = look(fresh, Math.min(limit, left), next, availableLap(0));
            fresh = count < left ? count : look(count, limit, -left, availableLap(left));
            VarHandle.acquireFence();
        }
        return Math.min(fresh, limit);
    }

    /** Looks at descriptors of one lap, which lie that far behind their numbers. */
    private int look(int from, int to, int shift, long available) {
        MemorySegment table = ring;
        int i = from;
        while (i < to && ((long) Descriptor.LONGS.getOpaque(table, (long) (i + shift) * Descriptor.BYTES + Descriptor.SECOND)
                & LAP) == available) {
            i++;
        }
        return i;
    }

    private long second(int ahead) {
        return (long) Descriptor.LONGS.getOpaque(ring, (long) position(ahead) * Descriptor.BYTES + Descriptor.SECOND);
    }

    @Override
    public int waiting() {
        return (second(0) & LAP) == availableLap(0) ? 1 : 0;
    }

    @Override
    boolean exhausted() {
        return taken >= fresh;
    }

    @Override
    int most() {
        return hook == null ? Integer.MAX_VALUE : CommitHook.MOST;
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
        int done = 0;
        int run;
        int k;
        do {
            run = Math.min(n - done, size - position(taken));
            k = takeRun(out, from + done, run, port, all.memory(range), all.start(range));
            done += k;
        } while (k == run && done < n);
        return done;
    }

    @Override
    long touch(int n, MemorySegment memory, long begin) {
        MemorySegment table = ring;
        long last = memory.byteSize() - TOUCHED;
        int skip = header.bytes;
        long sum = 0;
        if ((int) second(0) < LONG_FRAME) {
            return sum;
        }
        for (int i = 0; i < n; i++) {
            long offset = table.get(Descriptor.LONG, (long) position(i) * Descriptor.BYTES) - begin;
            if (offset < 0 || offset > last) {
                break;
            }
            sum += memory.get(Descriptor.LONG_ANY, offset + skip);
        }
        return sum;
    }

    /** Frames of descriptors that follow without a break. */
    private int takeRun(Mbuf[] out, int from, int n, int port, MemorySegment memory, long begin) {
        long most = memory.byteSize();
        MemorySegment table = ring;
        boolean reads = header.reads;
        int skip = header.bytes;
        long at = (long) position(taken) * Descriptor.BYTES;
        int ahead = taken;
        long[] all = seconds;
        long lap = lap(ahead);
        int id = 0;
        int refused = 0;
        int i = 0;
        for (; i < n; i++) {
            long descriptor = at + (long) i * Descriptor.BYTES;
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
            id = (int) (second >>> 32) & 0xffff;
            if (!batch) {
                all[entries + i] = (long) id << 32 | lap;
            }
            if ((work & NetHeader.WORK) != 0 && !receiveHeader(m, work, memory, offset)) {
                refused = 1;
                break;
            }
        }
        used(i + refused, id);
        return i;
    }

    /** So many buffers of one descriptor, the last with this id. */
    private void used(int n, int id) {
        if (!batch) {
            placed(n);
        } else if (n > 0) {
            put(id, 0);
        }
        taken += n;
    }

    /** So many entries more, of one descriptor each. */
    private void placed(int n) {
        int first = entries;
        if (first != taken) {
            for (int i = 0; i < n; i++) {
                places[first + i] = (char) (taken + i);
            }
        }
        entries = first + n;
    }

    @Override
    int putSimple(Mbuf[] packets, int from, int n) {
        int range = guess;
        AddressSpace all = space;
        int limit = Math.min(n, fresh - taken);
        if (range >= all.size() || log != null || !all.isWritable(range)) {
            return 0;
        }
        int done = 0;
        int run;
        int k;
        do {
            run = Math.min(limit - done, size - position(taken));
            k = putRun(packets, from + done, run, all.memory(range), all.start(range));
            done += k;
        } while (k == run && done < limit);
        return done;
    }

    private int putRun(Mbuf[] packets, int from, int n, MemorySegment memory, long begin) {
        long most = memory.byteSize();
        MemorySegment table = ring;
        int skip = header.bytes;
        long at = (long) position(taken) * Descriptor.BYTES;
        int ahead = taken;
        int first = entries;
        long[] all = seconds;
        long flags = lap(ahead) | (long) Descriptor.WRITE << 48;
        boolean differs = false;
        int i = 0;
        for (; i < n; i++) {
            Mbuf m = packets[from + i];
            if (m.next() != null || NetHeader.hasWork(m)) {
                break;
            }
            long descriptor = at + (long) i * Descriptor.BYTES;
            long offset = table.get(Descriptor.LONG, descriptor) - begin;
            long second = table.get(Descriptor.LONG, descriptor + Descriptor.SECOND);
            int bytes = m.dataLen();
            int need = skip + bytes;
            if ((flags(second) & SIMPLE) != Descriptor.WRITE || (second & 0xffff_ffffL) < need || offset < 0
                    || offset > most - need) {
                break;
            }
            differs = putPlainHeader(memory, offset, differs);
            m.read(0, memory, offset + skip, bytes);
            all[first + i] = need | second & 0xffffL << 32 | flags;
        }
        placed(i);
        taken = ahead + i;
        return i;
    }

    @Override
    int gather(Chain c, int ahead) {
        return fresh(ahead + 1) <= ahead ? Chain.NONE : c.addPacked(space, ring, position(ahead), size - ahead);
    }

    @Override
    void use(int id, int descriptors, int bytes) {
        put(id, bytes);
        taken += descriptors;
    }

    private void put(int id, int bytes) {
        int ahead = batch ? 0 : taken;
        int at = batch ? 0 : entries;
        seconds[at] = bytes | (long) id << 32 | (bytes == 0 ? 0 : (long) Descriptor.WRITE << 48) | lap(ahead);
        places[at] = (char) ahead;
        entries = at + 1;
    }

    /** Whether each entry stands as far behind {@link #next} as its number. */
    private boolean inRow() {
        return entries == taken;
    }

    /** Visible with the first, which is written last. */
    private void write() {
        if (inRow()) {
            int left = size - next;
            writeRow(1, Math.min(entries, left), next);
            writeRow(Math.max(1, left), entries, -left);
        } else {
            for (int i = 1; i < entries; i++) {
                ring.set(Descriptor.LONG, (long) position(places[i]) * Descriptor.BYTES + Descriptor.SECOND, seconds[i]);
            }
        }
        Descriptor.LONGS.setRelease(ring, (long) next * Descriptor.BYTES + Descriptor.SECOND, seconds[0]);
    }

    private void writeRow(int from, int to, int shift) {
        MemorySegment table = ring;
        long[] all = seconds;
        long at = (long) (from + shift) * Descriptor.BYTES + Descriptor.SECOND;
        for (int i = 0; i < to - from; i++) {
            table.set(Descriptor.LONG, at + (long) i * Descriptor.BYTES, all[from + i]);
        }
    }

    private void logEntries() {
        for (int i = 0; i < entries; i++) {
            log.wroteRing((long) position(places[i]) * Descriptor.BYTES, Descriptor.BYTES);
        }
    }

    @Override
    void publish() {
        if (taken == 0) {
            return;
        }
        if (hook == null) {
            write();
        } else {
            hook.publishing(baseAhead(taken), inRow() ? null : places, entries);
            write();
            hook.published();
        }
        if (log != null) {
            logEntries();
        }
        if (!inRow()) {
            countPlaces(entries);
        }
        lap = lap(taken);
        next = position(taken);
        fresh = Math.max(0, fresh - taken);
        sinceCall += taken;
        taken = 0;
        entries = 0;
    }

    @Override
    public int base() {
        return baseAhead(0);
    }

    private int baseAhead(int ahead) {
        int position = position(ahead) | (lap(ahead) != 0 ? WRAP : 0);
        return position | position << 16;
    }

    @Override
    public boolean hasReturned() {
        return sinceCall != 0;
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
        if (lap != 0 != ((event & WRAP) != 0)) {
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
