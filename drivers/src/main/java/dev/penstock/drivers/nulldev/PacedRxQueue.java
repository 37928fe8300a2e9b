package dev.penstock.drivers.nulldev;

import dev.penstock.ethdev.RxQueue;
import dev.penstock.mbuf.Mbuf;
import dev.penstock.mbuf.MbufPool;

/**
 * Delivers packets at a fixed rate, as a card's receive ring would: those that come while it is full are missed.
 * The clock runs from the first call on.
 */
final class PacedRxQueue extends RxQueue {
    /** Packets that wait at most. */
    static final int RING = 1024;

    private static final long SECOND_NS = 1_000_000_000;

    private final MbufPool pool;
    private final int size;
    private final int port;
    private final long rate;
    private long before;
    /** What of a packet has come, in billionths. */
    private long part;
    private long waiting;

    PacedRxQueue(MbufPool pool, int size, int port, int rate) {
        this.pool = pool;
        this.size = size;
        this.port = port;
        this.rate = rate;
    }

    @Override
    protected int receive(Mbuf[] pkts, int max) {
        arrive();
        int n = (int) Math.min(max, waiting);
        if (n == 0) {
            return 0;
        }
        if (!pool.allocRawBulk(pkts, 0, n)) {
            noMbuf += n;
            return 0;
        }
        waiting -= n;
        for (int i = 0; i < n; i++) {
            pkts[i].received(size, port);
        }
        packets += n;
        bytes += (long) n * size;
        return n;
    }

    private void arrive() {
        long now = System.nanoTime();
        // Longer pauses than a second fill the ring at any rate that is worth a test; more would overflow.
        long passed = before == 0 ? 0 : Math.min(now - before, SECOND_NS);
        before = now;
        long sum = part + passed * rate;
        part = sum % SECOND_NS;
        waiting += sum / SECOND_NS;
        if (waiting > RING) {
            missed += waiting - RING;
            waiting = RING;
        }
    }
}
