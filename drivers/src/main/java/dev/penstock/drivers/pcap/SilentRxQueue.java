package dev.penstock.drivers.pcap;

import dev.penstock.ethdev.RxQueue;
import dev.penstock.mbuf.Mbuf;

/** Delivers nothing, for a port that only writes. */
final class SilentRxQueue extends RxQueue {
    @Override
    protected int receive(Mbuf[] pkts, int max) {
        return 0;
    }
}
