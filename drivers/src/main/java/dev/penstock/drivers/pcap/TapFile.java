package dev.penstock.drivers.pcap;

import dev.penstock.ethdev.Port;
import dev.penstock.mbuf.Mbuf;
import dev.penstock.threads.Uninterrupted;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.concurrent.locks.LockSupport;

/**
 * A capture file that several polling threads write at the same time without waiting for the disk. They
 * fill one buffer while a thread of the file's own writes the other; when both are full, packets are not
 * captured, and counted.
 */
final class TapFile implements AutoCloseable {
    static final int CHUNK = 256;

    private static final int BUFFER = 4 << 20;
    private static final long FLUSH_NS = 100_000_000;
    private static final VarHandle LOCK;

    static {
        try {
            LOCK = MethodHandles.lookup().findVarHandle(TapFile.class, "locked", int.class);
        } catch (ReflectiveOperationException e) {
            throw new ExceptionInInitializerError(e);
        }
    }

    private final PcapWriter writer;
    private final int snaplen;
    private final WallClock clock = new WallClock();
    private final Arena arena = Arena.ofShared();
    private final Thread thread;
    private final int[] marks = new int[CHUNK];
    private int locked;
    /** Guarded by the lock: filled now, and ready to be filled next, null while it is written. */
    private MemorySegment active = arena.allocate(BUFFER, 64);
    private MemorySegment spare = arena.allocate(BUFFER, 64);
    private int position;
    private int packets;
    private long captured;
    private long uncaptured;
    private volatile boolean full;
    private volatile boolean closing;

    TapFile(PcapWriter writer, int snaplen, String name) {
        this.writer = writer;
        this.snaplen = snaplen;
        thread = Thread.ofPlatform().daemon().name(name).start(this::write);
    }

    /** Copies packets; they stay the caller's. */
    void capture(Mbuf[] pkts, int from, int n) {
        long now = clock.nowNs();
        lock();
        try {
            for (int i = from; i < from + n; i++) {
                add(pkts[i], now);
            }
        } finally {
            unlock();
        }
    }

    /** Sends packets by a port and captures those that it takes; at most {@link #CHUNK}. */
    int transmit(Port port, int queue, Mbuf[] pkts, int from, int n) {
        long now = clock.nowNs();
        int sent = 0;
        int copied = 0;
        lock();
        try {
            // Copied before, since who sends them may free them at once; undone for those that stay.
            for (; copied < n; copied++) {
                marks[copied] = position;
                add(pkts[from + copied], now);
            }
            sent = port.txBurst(queue, pkts, from, n);
        } finally {
            for (int i = copied - 1; i >= sent; i--) {
                if (marks[i] < position) {
                    packets--;
                    captured--;
                    position = marks[i];
                } else {
                    uncaptured--;
                }
            }
            unlock();
        }
        return sent;
    }

    private void add(Mbuf m, long now) {
        int length = Math.min(m.pktLen(), snaplen);
        if (BUFFER - position < PcapFormat.RECORD_HEADER + length) {
            uncaptured++;
            return;
        }
        position = PcapWriter.put(active, position, m, length, now);
        packets++;
        captured++;
        if (position > BUFFER / 2 && !full) {
            full = true;
            LockSupport.unpark(thread);
        }
    }

    private void lock() {
        while (!LOCK.compareAndSet(this, 0, 1)) {
            Thread.onSpinWait();
        }
    }

    private void unlock() {
        LOCK.setRelease(this, 0);
    }

    private void write() {
        while (!closing) {
            if (!full) {
                LockSupport.parkNanos(this, FLUSH_NS);
            }
            drain();
        }
        drain();
    }

    /** Takes the filled buffer away, leaving the empty one, and writes it. */
    private void drain() {
        lock();
        MemorySegment filled = active;
        int length = position;
        int count = packets;
        active = spare;
        spare = null;
        position = 0;
        packets = 0;
        full = false;
        unlock();
        int lost = count - writer.append(filled, length);
        lock();
        spare = filled;
        captured -= lost;
        uncaptured += lost;
        unlock();
    }

    long captured() {
        return captured;
    }

    /** Packets that passed and are not in the file, as both buffers were full or the disk was. */
    long uncaptured() {
        return uncaptured;
    }

    @Override
    public void close() throws IOException {
        closing = true;
        LockSupport.unpark(thread);
        Uninterrupted.join(thread);
        arena.close();
        writer.close();
    }
}
