package dev.penstock.vhost;

import dev.penstock.virtqueue.WriteLog;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.VarHandle;

/**
 * The bitmap of pages written, for live migration: a bit for each 4 KB of the guest's memory (vhost-user specification,
 * "Migration"). The front end takes bits away meanwhile, so each is set atomically.
 */
final class DirtyLog implements AutoCloseable {
    private static final int PAGE_SHIFT = 12;
    private static final VarHandle INTS = ValueLayout.JAVA_INT.varHandle();

    private final FilePart file;
    private final MemorySegment bits;

    DirtyLog(FilePart file) {
        this.file = file;
        bits = file.memory().asSlice(0, file.memory().byteSize() & ~3L);
    }

    private void wrote(long guest, long bytes) {
        if (bytes <= 0 || guest < 0) {
            return;
        }
        long last = guest + bytes - 1 >>> PAGE_SHIFT;
        for (long page = guest >>> PAGE_SHIFT; page <= last; page++) {
            long at = page >>> 5 << 2;
            if (at < bits.byteSize()) {
                INTS.getAndBitwiseOrRelease(bits, at, 1 << (int) (page & 31));
            }
        }
    }

    /**
     * The log of one queue.
     *
     * @param ring where in the guest lies what the device writes of the ring, or -1 when that is not wanted
     * @param events the same of a packed ring's word of events
     */
    WriteLog of(long ring, long events, GuestAddress addresses) {
        return new WriteLog() {
            @Override
            public void wroteBuffer(long address, int bytes) {
                wrote(addresses.of(address), bytes);
            }

            @Override
            public void wroteRing(long offset, int bytes) {
                if (ring != -1) {
                    wrote(ring + offset, bytes);
                }
            }

            @Override
            public void wroteEvents() {
                wrote(events, Integer.BYTES);
            }
        };
    }

    /** Finds the guest's address of what a descriptor names. */
    @FunctionalInterface
    interface GuestAddress {
        long of(long address);
    }

    @Override
    public void close() {
        file.close();
    }
}
