package dev.penstock.drivers.vhost;

import dev.penstock.ethdev.TxQueue;
import dev.penstock.mbuf.Mbuf;
import dev.penstock.vhost.Vring;

/** What the front end receives in one of its queues. Packets that it has no room for stay with the caller. */
final class VhostTxQueue extends TxQueue {
    private final Vring vring;
    private long lost;
    private long lostBytes;

    VhostTxQueue(Vring vring) {
        this.vring = vring;
    }

    @Override
    protected boolean isUsed() {
        return vring.isRunning();
    }

    @Override
    protected boolean canSegment(Mbuf m) {
        return vring.takesWhole(m);
    }

    @Override
    protected int transmit(Mbuf[] pkts, int from, int n) {
        // the lengths are read before the packets are given away
        long sum = 0;
        for (int i = from; i < from + n; i++) {
            sum += pkts[i].pktLen();
        }
        int done = vring.send(pkts, from, n);
        if (done == 0) {
            return 0;
        }
        for (int i = from + done; i < from + n; i++) {
            sum -= pkts[i].pktLen();
        }
        long undeliverable = vring.undeliverable();
        long now = undeliverable - lost;
        if (now != 0) {
            long all = vring.undeliverableBytes();
            sum -= all - lostBytes;
            lostBytes = all;
        }
        lost = undeliverable;
        errors += now;
        packets += done - now;
        bytes += sum;
        return done;
    }
}
