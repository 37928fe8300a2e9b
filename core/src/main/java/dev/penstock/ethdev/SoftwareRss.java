package dev.penstock.ethdev;

import dev.penstock.mbuf.Mbuf;
import dev.penstock.net.PacketLengths;
import dev.penstock.net.PacketType;
import dev.penstock.ring.Ring;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;

/**
 * Spreads the one receive queue of a device over several, by hash and redirection table. Whichever queue is
 * polled while its own ring is empty polls the device for all, one thread at a time; what belongs to another
 * queue goes through that queue's ring, and what does not fit there is dropped and counted as missed.
 */
final class SoftwareRss {
    /** How many queues one can be spread over. */
    static final int MAX_QUEUES = 16;
    /** {@link RssType} bits that it can hash. */
    static final long TYPES = RssType.IP | RssType.UDP | RssType.TCP | RssType.SCTP;

    private static final int RING_SIZE = 1024;
    private static final int BURST = 64;
    private static final VarHandle BUSY;

    static {
        try {
            BUSY = MethodHandles.lookup().findVarHandle(SoftwareRss.class, "busy", boolean.class);
        } catch (ReflectiveOperationException e) {
            throw new ExceptionInInitializerError(e);
        }
    }

    private final Rss rss;
    private final RxQueue source;
    private final Queue[] queues;
    private final PacketLengths lengths = new PacketLengths();
    private final Mbuf[] burst = new Mbuf[BURST];
    /** Also while the device's queue is stopped: nobody polls it then. */
    @SuppressWarnings("unused")
    private boolean busy = true;
    private int started;

    SoftwareRss(String name, Rss rss, RxQueue source, int count) {
        this.rss = rss;
        this.source = source;
        this.queues = new Queue[count];
        for (int q = 0; q < count; q++) {
            queues[q] = new Queue(new Ring<>(name + "_rss_" + q, Mbuf.class, RING_SIZE, Ring.Sync.SINGLE, Ring.Sync.SINGLE));
        }
    }

    RxQueue queue(int number) {
        return queues[number];
    }

    /** Takes the place of the lock: whoever finds it taken goes on with what it has. */
    private boolean acquire() {
        return BUSY.compareAndSet(this, false, true);
    }

    private void distribute(int max) {
        int n = source.receive(burst, Math.min(max, BURST));
        for (int i = 0; i < n; i++) {
            Mbuf m = burst[i];
            int type = PacketType.parse(m, lengths);
            m.packetType(type);
            Queue to = queues[rss.queue(rss.hash(m, type, lengths))];
            if (!to.ring.enqueue(m)) {
                m.free();
                to.full++;
            }
        }
    }

    private final class Queue extends RxQueue {
        private final Ring<Mbuf> ring;
        /** Written by whoever distributes, one at a time. */
        private long full;

        Queue(Ring<Mbuf> ring) {
            this.ring = ring;
        }

        @Override
        protected int receive(Mbuf[] packets, int max) {
            int n = ring.dequeueBurst(packets, 0, max);
            if (n == 0 && acquire()) {
                try {
                    distribute(max);
                } finally {
                    BUSY.setRelease(SoftwareRss.this, false);
                }
                n = ring.dequeueBurst(packets, 0, max);
            }
            for (int i = 0; i < n; i++) {
                bytes += packets[i].pktLen();
            }
            this.packets += n;
            return n;
        }

        /** What the device could not deliver is the first queue's. */
        @Override
        protected void updateCounters() {
            missed = full;
            if (this == queues[0]) {
                source.updateCounters();
                missed += source.missed;
                errors = source.errors;
                noMbuf = source.noMbuf;
            }
        }

        /** The device's queue is started with the first of these, and stopped with the last. */
        @Override
        protected void start() {
            discard();
            if (started == 0) {
                source.start();
                BUSY.setRelease(SoftwareRss.this, false);
            }
            started++;
        }

        @Override
        protected void stop() {
            discard();
            if (--started == 0) {
                while (!acquire()) {
                    Thread.onSpinWait();
                }
                source.stop();
                for (Queue queue : queues) {
                    queue.discard();
                }
            }
        }

        /** What came for it while it was not polled. */
        private void discard() {
            Mbuf[] rest = new Mbuf[RING_SIZE];
            Mbuf.freeBulk(rest, 0, ring.dequeueBurst(rest, 0, RING_SIZE));
        }
    }
}
