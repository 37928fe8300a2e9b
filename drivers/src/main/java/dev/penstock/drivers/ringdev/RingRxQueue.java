package dev.penstock.drivers.ringdev;

import dev.penstock.ethdev.RxQueue;
import dev.penstock.mbuf.Mbuf;
import dev.penstock.ring.Ring;

/** Takes packets out of a ring. */
final class RingRxQueue extends RxQueue {
    private final Ring<Mbuf> ring;
    private final int port;

    RingRxQueue(Ring<Mbuf> ring, int port) {
        this.ring = ring;
        this.port = port;
    }

    @Override
    protected int receive(Mbuf[] pkts, int max) {
        int n = ring.dequeueBurst(pkts, 0, max);
        long sum = 0;
        for (int i = 0; i < n; i++) {
            Mbuf m = pkts[i];
            m.port(port);
            sum += m.pktLen();
        }
        packets += n;
        bytes += sum;
        return n;
    }

    @Override
    protected int waiting() {
        return ring.count();
    }
}
