package dev.penstock.drivers.vhost;

import dev.penstock.ethdev.RxQueue;
import dev.penstock.linux.EventFd;
import dev.penstock.linux.Fd;
import dev.penstock.mbuf.Mbuf;
import dev.penstock.mbuf.MbufPool;
import dev.penstock.vhost.VhostBackend;
import dev.penstock.vhost.Vring;

/** What the front end sends in one of its queues. */
final class VhostRxQueue extends RxQueue {
    private final VhostBackend backend;
    private final Vring vring;
    private final int pair;
    private final MbufPool pool;
    private final int port;
    private volatile EventFd interrupt;
    private volatile long announced;

    VhostRxQueue(VhostBackend backend, int pair, MbufPool pool, int port) {
        this.backend = backend;
        this.pair = pair;
        this.vring = backend.vring(2 * pair + 1);
        this.pool = pool;
        this.port = port;
    }

    @Override
    protected int receive(Mbuf[] pkts, int max) {
        int n = vring.dequeue(pool, port, pkts, max);
        if (n == 0) {
            return announced == 0 || max == 0 ? 0 : announcement(pkts);
        }
        long sum = 0;
        for (int i = 0; i < n; i++) {
            sum += pkts[i].pktLen();
        }
        packets += n;
        bytes += sum;
        return n;
    }

    /** Has a frame received that tells the network where a guest is now; it has moved. */
    void announce(long mac) {
        announced = mac;
        EventFd sleeper = interrupt;
        if (sleeper != null) {
            sleeper.signal();
        }
    }

    private int announcement(Mbuf[] pkts) {
        Mbuf m = pool.alloc();
        if (m == null) {
            return 0;
        }
        Rarp.write(m, announced, port);
        announced = 0;
        pkts[0] = m;
        packets++;
        bytes += m.dataLen();
        return 1;
    }

    @Override
    protected void updateCounters() {
        noMbuf = vring.noMbuf();
    }

    @Override
    protected Fd interruptFd() {
        interrupt = backend.interruptFd(pair);
        return interrupt.fd();
    }

    @Override
    protected void enableInterrupt() {
        vring.interrupts(true);
    }

    @Override
    protected void disableInterrupt() {
        vring.interrupts(false);
        if (interrupt != null) {
            interrupt.take();
        }
    }

    @Override
    protected int waiting() {
        return vring.waiting();
    }
}
