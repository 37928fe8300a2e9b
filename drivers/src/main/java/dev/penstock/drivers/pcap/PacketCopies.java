package dev.penstock.drivers.pcap;

import dev.penstock.mbuf.Mbuf;
import dev.penstock.mbuf.MbufPool;
import dev.penstock.ring.Ring;
import java.io.IOException;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;

/**
 * Packets on their way from polling threads to the one thread that writes them: copies from a pool of their own, in a ring. When
 * writing does not follow, packets are not copied; traffic never waits.
 */
public final class PacketCopies implements AutoCloseable {
    private static final int BURST = 64;
    private static final long IDLE_NS = 1_000_000;
    private static final long FLUSH_NS = 100_000_000;

    private final MbufPool pool;
    private final Ring<Mbuf> ring;
    private final Mbuf[] burst = new Mbuf[BURST];

    /**
     * What is done with the copies, by the thread that writes.
     *
     * @param <X> what ends the writing
     */
    public interface Sink<X extends Exception> {
        /**
         * Takes a copy, which is freed afterwards.
         *
         * @param copy the copy, for {@link PacketCopies#write}
         * @param from as it was given with the packet
         * @throws X ends the writing
         */
        void write(Mbuf copy, int from) throws X;

        /**
         * Brings what was taken to where it can be read; ten times a second.
         *
         * @throws X ends the writing
         */
        void flush() throws X;
    }

    /**
     * None yet.
     *
     * @param name the ring's
     * @param pool for the copies; closed with this
     */
    public PacketCopies(String name, MbufPool pool) {
        this.pool = pool;
        ring = new Ring<>(name, Mbuf.class, Integer.highestOneBit(pool.size()) * 2, Ring.Sync.MULTI, Ring.Sync.SINGLE);
    }

    /**
     * Copies a packet, which stays the caller's. By any number of threads.
     *
     * @param packet the packet
     * @param snaplen the most bytes of it that are copied
     * @param from where it was seen, 0 to 65535
     * @param direction {@link PcapngWriter#INBOUND} or another of those
     * @param timestampNs nanoseconds since 1970
     * @return false when there is no room
     */
    public boolean add(Mbuf packet, int snaplen, int from, int direction, long timestampNs) {
        Mbuf copy = packet.copy(pool, 0, Math.min(packet.pktLen(), snaplen));
        if (copy == null) {
            return false;
        }
        copy.port(from);
        copy.fdirId(direction);
        copy.rssHash(packet.pktLen());
        copy.timestamp(timestampNs);
        if (!ring.enqueue(copy)) {
            copy.free();
            return false;
        }
        return true;
    }

    /**
     * Adds a copy to a capture with the length, time and direction of its packet.
     *
     * @param copy the copy
     * @param to the capture
     * @param from the interface's number there
     * @throws IOException when it can't be written
     */
    public static void write(Mbuf copy, PcapngWriter to, int from) throws IOException {
        to.write(from, copy, copy.rssHash(), copy.timestamp(), copy.fdirId());
    }

    /**
     * Writes what comes; {@link LockSupport#unpark} has it look whether it is at the end.
     *
     * @param ended whether it is
     * @param sink where to
     * @param <X> what ends it
     * @throws X as the sink does
     */
    public <X extends Exception> void writeUntil(BooleanSupplier ended, Sink<X> sink) throws X {
        long flushed = System.nanoTime();
        while (!ended.getAsBoolean()) {
            if (!drain(sink)) {
                LockSupport.parkNanos(this, IDLE_NS);
            }
            long now = System.nanoTime();
            if (now - flushed > FLUSH_NS) {
                flushed = now;
                sink.flush();
            }
        }
    }

    /**
     * Writes what waits, once nobody adds any more.
     *
     * @param sink where to
     * @param <X> what ends it
     * @throws X as the sink does
     */
    public <X extends Exception> void writeRest(Sink<X> sink) throws X {
        while (drain(sink)) {
            // goes on
        }
    }

    /** Writes a burst; false when there is none. */
    private <X extends Exception> boolean drain(Sink<X> sink) throws X {
        int n = ring.dequeueBurst(burst, 0, BURST);
        try {
            for (int i = 0; i < n; i++) {
                sink.write(burst[i], burst[i].port());
            }
        } finally {
            Mbuf.freeBulk(burst, 0, n);
        }
        return n != 0;
    }

    /** Frees what waits. */
    public void discard() {
        for (Mbuf m = ring.dequeue(); m != null; m = ring.dequeue()) {
            m.free();
        }
    }

    /** Closes the pool; nothing waits any more. */
    @Override
    public void close() {
        pool.close();
    }
}
