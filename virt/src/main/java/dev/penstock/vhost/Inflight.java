package dev.penstock.vhost;

import dev.penstock.linux.Fd;
import dev.penstock.virtqueue.CommitHook;
import dev.penstock.virtqueue.RingMemory;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.VarHandle;

/**
 * Where each queue stands, in memory that the front end keeps when this process dies (vhost-user specification, "Inflight
 * I/O tracking"). A queue takes and returns buffers within a burst, so none is in flight between bursts; what must
 * survive is the position, and whether the last burst was still published.
 */
final class Inflight implements AutoCloseable {
    /** Where what a burst overwrites begins, with a number of eight bytes and a position of two for each descriptor. */
    private static final int OLD = 64;
    private static final int OLD_PLACES = OLD + CommitHook.MOST * Long.BYTES;
    /** Bytes a queue. */
    static final int SLOT_BYTES = OLD_PLACES + CommitHook.MOST * Character.BYTES;
    private static final int MAGIC = 0x50454e54;
    private static final int MARK = 0;
    private static final int COMMITTED = 4;
    private static final int PENDING = 8;
    private static final int PUBLISHING = 12;
    private static final int WRAP = 0x8000;
    private static final int USED_BEFORE = 16;
    private static final int OWNER = 24;
    private static final int COUNT = 32;
    /** One more than the position of the first, when all others follow in a row; else 0, and each place is noted. */
    private static final int ROW = 36;
    private static final int PAGE = 4096;
    private static final int USED_INDEX = 2;
    private static final int PACKED_FLAGS = 14;
    private static final int DESCRIPTOR_BYTES = 16;
    private static final int SECOND = 8;
    private static final int AVAIL = 1 << 7;
    private static final int USED = 1 << 15;
    private static final ValueLayout.OfChar CHAR = ValueLayout.JAVA_CHAR;
    private static final ValueLayout.OfInt INT = ValueLayout.JAVA_INT;
    private static final ValueLayout.OfLong LONG = ValueLayout.JAVA_LONG;
    private static final VarHandle INTS = INT.varHandle();

    private final FilePart file;
    private final MemorySegment memory;
    /** The file when it is this side's own, locked; null for a front end's. */
    private final Fd locked;

    Inflight(FilePart file) {
        this(file, null);
    }

    private Inflight(FilePart file, Fd locked) {
        this.file = file;
        this.locked = locked;
        memory = file.memory();
    }

    /**
     * Notes in a file of this side's own, which is made where there is none, and has room on the disk from the start.
     *
     * @throws IllegalArgumentException when another port has it
     */
    static Inflight inFile(String path, int queues) {
        long bytes = (queues * (long) SLOT_BYTES + PAGE - 1) / PAGE * PAGE;
        Fd fd = Fd.open(path, Fd.O_RDWR | Fd.O_CREAT);
        try {
            if (!fd.tryLock()) {
                throw new IllegalArgumentException(path + " is another port's file for its state; give each port one of its own");
            }
            if (fd.sizeBytes() != bytes) {
                fd.truncate(0);
                fd.truncate(bytes);
            }
            fd.allocate(bytes);
            return new Inflight(FilePart.map(fd, 0, bytes), fd);
        } catch (RuntimeException e) {
            fd.close();
            throw e;
        }
    }

    /** Where a queue continues: as a life before this one left it, or else where the front end says. */
    int resume(int queue, RingMemory ring, boolean packed, int base) {
        return resume(queue, 0, ring, packed, base);
    }

    /**
     * The same, of notes in a file that may be of another ring's life.
     *
     * @param owner tells rings apart
     */
    int resume(int queue, long owner, RingMemory ring, boolean packed, int base) {
        MemorySegment slot = slot(queue);
        if (slot == null || slot.get(INT, MARK) != MAGIC || slot.get(LONG, OWNER) != owner) {
            return base;
        }
        int committed = slot.get(INT, COMMITTED);
        if (slot.get(INT, PUBLISHING) == 0) {
            return committed;
        }
        int pending = slot.get(INT, PENDING);
        if (!packed) {
            return usedIndex(ring) != slot.get(INT, USED_BEFORE) ? pending : committed;
        }
        if (isPublished(ring, committed & 0xffff)) {
            return pending;
        }
        restore(slot, ring);
        return committed;
    }

    /**
     * Takes back what a burst that nobody has seen has written behind its first descriptor. The driver does not look there
     * before that is used.
     */
    private static void restore(MemorySegment slot, RingMemory ring) {
        int n = slot.get(INT, COUNT);
        int row = slot.get(INT, ROW);
        if (n <= CommitHook.MOST) {
            for (int i = 1; i < n; i++) {
                int place = row == 0 ? slot.get(CHAR, OLD_PLACES + (long) i * Character.BYTES) : row - 1 + i & 0xffff;
                ring.descriptors().set(LONG, (long) (place % ring.size()) * DESCRIPTOR_BYTES + SECOND, slot.get(LONG, OLD + (long) i * Long.BYTES));
            }
        }
    }

    /** Notes what a burst from a position on overwrites, and where. */
    private static void keep(MemorySegment slot, RingMemory ring, int first, char[] places, int n) {
        MemorySegment descriptors = ring.descriptors();
        int size = ring.size();
        if (places == null) {
            int left = size - first;
            keepRow(slot, descriptors, 1, Math.min(n, left), first);
            keepRow(slot, descriptors, Math.max(1, left), n, -left);
        } else {
            for (int i = 1; i < n; i++) {
                int place = first + places[i];
                place = place < size ? place : place - size;
                slot.set(CHAR, OLD_PLACES + (long) i * Character.BYTES, (char) place);
                slot.set(LONG, OLD + (long) i * Long.BYTES, descriptors.get(LONG, (long) place * DESCRIPTOR_BYTES + SECOND));
            }
        }
        slot.set(INT, ROW, places == null ? first + 1 : 0);
        slot.set(INT, COUNT, n);
    }

    private static void keepRow(MemorySegment slot, MemorySegment descriptors, int from, int to, int shift) {
        long at = (long) (from + shift) * DESCRIPTOR_BYTES + SECOND;
        long note = OLD + (long) from * Long.BYTES;
        for (int i = 0; i < to - from; i++) {
            slot.set(LONG, note + (long) i * Long.BYTES, descriptors.get(LONG, at + (long) i * DESCRIPTOR_BYTES));
        }
    }

    /** Whether a position, with its wrap counter, of a packed ring does not wait to be used in this lap. */
    private static boolean isPublished(RingMemory ring, int position) {
        int at = (position & WRAP - 1) % ring.size();
        int flags = ring.descriptors().get(ValueLayout.JAVA_SHORT, at * 16L + PACKED_FLAGS);
        boolean wrap = (position & WRAP) != 0;
        // while nobody was here the driver may have taken it back and made the place available in its next lap
        return (flags & AVAIL) != 0 != wrap || (flags & USED) != 0 == wrap;
    }

    static int usedIndex(RingMemory ring) {
        return ring.device().get(ValueLayout.JAVA_SHORT, USED_INDEX) & 0xffff;
    }

    /** Notes where a running queue stands from now on; null when the front end keeps nothing for it. */
    CommitHook track(int queue, RingMemory ring, boolean packed, int base) {
        return track(queue, 0, ring, packed, base);
    }

    /**
     * The same, for a ring that is to be told apart from others.
     *
     * @param owner tells rings apart
     */
    CommitHook track(int queue, long owner, RingMemory ring, boolean packed, int base) {
        MemorySegment slot = slot(queue);
        if (slot == null) {
            return null;
        }
        slot.set(LONG, OWNER, owner);
        slot.set(INT, COMMITTED, base);
        slot.set(INT, PUBLISHING, 0);
        INTS.setRelease(slot, (long) MARK, MAGIC);
        return new CommitHook() {
            private int at = base & WRAP - 1;

            @Override
            public void publishing(int next, char[] places, int n) {
                if (packed) {
                    keep(slot, ring, at, places, n);
                } else {
                    slot.set(INT, USED_BEFORE, usedIndex(ring));
                }
                at = next & WRAP - 1;
                slot.set(INT, PENDING, next);
                INTS.setRelease(slot, (long) PUBLISHING, 1);
            }

            @Override
            public void published() {
                INTS.setRelease(slot, (long) COMMITTED, slot.get(INT, PENDING));
                INTS.setRelease(slot, (long) PUBLISHING, 0);
                VarHandle.storeStoreFence();
            }
        };
    }

    /** Forgets a queue that the front end has stopped: its word on where to begin counts again. */
    void forget(int queue) {
        MemorySegment slot = slot(queue);
        if (slot != null) {
            slot.set(INT, MARK, 0);
        }
    }

    private MemorySegment slot(int queue) {
        long at = (long) queue * SLOT_BYTES;
        return at + SLOT_BYTES > memory.byteSize() ? null : memory.asSlice(at, SLOT_BYTES);
    }

    @Override
    public void close() {
        file.close();
        if (locked != null) {
            locked.close();
        }
    }
}
