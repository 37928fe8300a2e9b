package dev.penstock.drivers.nulldev;

import dev.penstock.ethdev.RxQueue;
import dev.penstock.mbuf.Mbuf;

/** Delivers nothing. */
public final class SilentRxQueue extends RxQueue {
    @Override
    protected int receive(Mbuf[] pkts, int max) {
        return 0;
    }
}
