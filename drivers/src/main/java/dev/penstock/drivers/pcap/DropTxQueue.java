package dev.penstock.drivers.pcap;

import dev.penstock.ethdev.TxQueue;
import dev.penstock.mbuf.Mbuf;

/** Counts and frees what it is given, for a port that only reads. */
final class DropTxQueue extends TxQueue {
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
