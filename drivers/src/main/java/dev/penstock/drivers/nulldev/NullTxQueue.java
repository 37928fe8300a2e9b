package dev.penstock.drivers.nulldev;

import dev.penstock.ethdev.TxQueue;
import dev.penstock.mbuf.Mbuf;

/** Counts and frees what it is given. */
public final class NullTxQueue extends TxQueue {
    @Override
    protected int transmit(Mbuf[] pkts, int from, int n) {
        long sum = 0;
        for (int i = from; i < from + n; i++) {
            sum += pkts[i].pktLen();
        }
        Mbuf.freeBulk(pkts, from, n);
        packets += n;
        bytes += sum;
        return n;
    }
}
