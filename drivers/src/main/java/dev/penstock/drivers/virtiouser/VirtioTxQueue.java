package dev.penstock.drivers.virtiouser;

import dev.penstock.ethdev.TxQueue;
import dev.penstock.linux.EventFd;
import dev.penstock.mbuf.Mbuf;
import dev.penstock.virtqueue.BurstLock;
import dev.penstock.virtqueue.DriverQueue;

/** Has the back end read packets where they lie. While there is no back end, packets stay with the caller. */
final class VirtioTxQueue extends TxQueue {
    private final BurstLock lock = new BurstLock();
    private DriverQueue queue;
    private EventFd kick;
    private long lost;
    private long lostBytes;

    /** Begins or, with null, ends; waits for the burst that is under way. */
    void use(DriverQueue next, EventFd kicker) {
        lock.enter();
        queue = next;
        kick = kicker;
        lost = next == null ? 0 : next.undeliverable();
        lostBytes = next == null ? 0 : next.undeliverableBytes();
        lock.exit();
    }

    @Override
    protected boolean isUsed() {
        return queue != null;
    }

    @Override
    protected boolean canSegment(Mbuf m) {
        DriverQueue q = queue;
        return q != null && q.takesWhole(m);
    }

    @Override
    protected int transmit(Mbuf[] pkts, int from, int n) {
        if (!lock.tryEnter()) {
            return 0;
        }
        try {
            DriverQueue q = queue;
            return q == null ? 0 : transmit(q, pkts, from, n);
        } finally {
            lock.exit();
        }
    }

    private int transmit(DriverQueue q, Mbuf[] pkts, int from, int n) {
        // the lengths are read before the packets are given away
        long sum = 0;
        for (int i = from; i < from + n; i++) {
            sum += pkts[i].pktLen();
        }
        int done = q.transmit(pkts, from, n);
        for (int i = from + done; i < from + n; i++) {
            sum -= pkts[i].pktLen();
        }
        if (done > 0) {
            long failed = q.undeliverable() - lost;
            if (failed != 0) {
                long all = q.undeliverableBytes();
                sum -= all - lostBytes;
                lostBytes = all;
            }
            lost += failed;
            errors += failed;
            packets += done - failed;
            bytes += sum;
            // last: it waits for all that was written to get to the back end
            if (q.kickNeeded()) {
                kick.signal();
            }
        }
        return done;
    }
}
