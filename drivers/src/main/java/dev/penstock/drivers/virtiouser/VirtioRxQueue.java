package dev.penstock.drivers.virtiouser;

import dev.penstock.ethdev.RxQueue;
import dev.penstock.linux.EventFd;
import dev.penstock.linux.Fd;
import dev.penstock.mbuf.Mbuf;
import dev.penstock.mbuf.MbufPool;
import dev.penstock.virtqueue.BurstLock;
import dev.penstock.virtqueue.DriverQueue;

/** Takes what the back end wrote into the pool's packets; copies only when the back end cannot see the pool. */
final class VirtioRxQueue extends RxQueue {
    final MbufPool pool;
    private final BurstLock lock = new BurstLock();
    final EventFd call = new EventFd();
    private final int port;
    private DriverQueue queue;
    private MbufPool source;
    private EventFd kick;

    VirtioRxQueue(MbufPool pool, int port) {
        this.pool = pool;
        this.port = port;
    }

    /** Begins or, with null, ends; waits for the burst that is under way. */
    void use(DriverQueue next, MbufPool from, EventFd kicker) {
        lock.enter();
        queue = next;
        source = from;
        kick = kicker;
        lock.exit();
        if (next != null) {
            // who sleeps has asked the queue before to be woken, or none
            call.signal();
        }
    }

    @Override
    protected int receive(Mbuf[] pkts, int max) {
        if (!lock.tryEnter()) {
            return 0;
        }
        try {
            DriverQueue q = queue;
            if (q == null) {
                return 0;
            }
            int n = q.receive(source, port, pkts, 0, max);
            int kept = n == 0 ? 0 : source == pool ? count(pkts, n) : copy(pkts, n);
            // last: it waits for all that was written to get to the back end; without a packet too, as there may be fresh buffers at last
            if (q.kickNeeded()) {
                kick.signal();
            }
            return kept;
        } finally {
            lock.exit();
        }
    }

    private int count(Mbuf[] pkts, int n) {
        long sum = 0;
        for (int i = 0; i < n; i++) {
            sum += pkts[i].pktLen();
        }
        packets += n;
        bytes += sum;
        return n;
    }

    private int copy(Mbuf[] pkts, int n) {
        int kept = 0;
        for (int i = 0; i < n; i++) {
            Mbuf m = pkts[i];
            Mbuf copy = m.copy(pool, 0, m.pktLen());
            m.free();
            if (copy == null) {
                noMbuf++;
            } else {
                pkts[kept++] = copy;
            }
        }
        return count(pkts, kept);
    }

    @Override
    protected Fd interruptFd() {
        return call.fd();
    }

    @Override
    protected void enableInterrupt() {
        lock.enter();
        try {
            if (queue != null) {
                queue.interrupts(true);
            }
        } finally {
            lock.exit();
        }
    }

    @Override
    protected void disableInterrupt() {
        lock.enter();
        try {
            call.take();
            if (queue != null) {
                queue.interrupts(false);
            }
        } finally {
            lock.exit();
        }
    }

    @Override
    protected int waiting() {
        DriverQueue q = queue;
        return q == null ? 0 : q.waiting();
    }
}
