package dev.penstock.vhost;

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
    /** Bytes a queue. */
    static final int SLOT_BYTES = 64;
    private static final int MAGIC = 0x50454e53;
    private static final int MARK = 0;
    private static final int COMMITTED = 4;
    private static final int PENDING = 8;
    private static final int PUBLISHING = 12;
    /** Values of {@link #PUBLISHING}, which is else 0: a burst that becomes visible at once, or one descriptor after the other. */
    private static final int WHOLE = 1;
    private static final int EACH = 2;
    private static final int WRAP = 0x8000;
    private static final int USED_BEFORE = 16;
    private static final int OWNER = 24;
    private static final int USED_INDEX = 2;
    private static final int PACKED_FLAGS = 14;
    private static final int AVAIL = 1 << 7;
    private static final int USED = 1 << 15;
    private static final ValueLayout.OfInt INT = ValueLayout.JAVA_INT;
    private static final ValueLayout.OfLong LONG = ValueLayout.JAVA_LONG;
    private static final VarHandle INTS = INT.varHandle();

    private final FilePart file;
    private final MemorySegment memory;

    Inflight(FilePart file) {
        this.file = file;
        memory = file.memory();
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
        if (slot.get(INT, PUBLISHING) != EACH) {
            return isPublished(ring, committed & 0xffff) ? pending : committed;
        }
        int at = committed & 0xffff;
        for (int i = 0; i < ring.size() && at != (pending & 0xffff) && isPublished(ring, at); i++) {
            at = (at & WRAP - 1) + 1 < ring.size() ? at + 1 : at & WRAP ^ WRAP;
        }
        return at | at << 16;
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
            @Override
            public void publishing(int next, boolean each) {
                slot.set(INT, USED_BEFORE, packed ? 0 : usedIndex(ring));
                slot.set(INT, PENDING, next);
                INTS.setRelease(slot, (long) PUBLISHING, each ? EACH : WHOLE);
            }

            @Override
            public void published() {
                INTS.setRelease(slot, (long) COMMITTED, slot.get(INT, PENDING));
                INTS.setRelease(slot, (long) PUBLISHING, 0);
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
    }
}
