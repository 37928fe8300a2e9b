package dev.penstock.drivers.ringdev;

import dev.penstock.ethdev.TxQueue;
import dev.penstock.mbuf.Mbuf;
import dev.penstock.ring.Ring;

/** Puts packets into a ring; what does not fit stays with the caller. */
final class RingTxQueue extends TxQueue {
    private final Ring<Mbuf> ring;

    RingTxQueue(Ring<Mbuf> ring) {
        this.ring = ring;
    }

    @Override
    protected int transmit(Mbuf[] pkts, int from, int n) {
        // Measured before: who takes them out may free them at once.
        long sum = 0;
        for (int i = from; i < from + n; i++) {
            sum += pkts[i].pktLen();
        }
        int sent = ring.enqueueBurst(pkts, from, n);
        for (int i = from + sent; i < from + n; i++) {
            sum -= pkts[i].pktLen();
        }
        packets += sent;
        bytes += sum;
        return sent;
    }
}
