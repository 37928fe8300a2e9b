package dev.penstock.drivers.nulldev;

import dev.penstock.ethdev.RxQueue;
import dev.penstock.mbuf.Mbuf;
import dev.penstock.mbuf.MbufPool;

/** Delivers packets whose bytes are whatever the buffer held. */
final class NullRxQueue extends RxQueue {
    private final MbufPool pool;
    private final int size;
    private final int port;

    NullRxQueue(MbufPool pool, int size, int port) {
        this.pool = pool;
        this.size = size;
        this.port = port;
    }

    @Override
    protected int receive(Mbuf[] pkts, int max) {
        if (!pool.allocRawBulk(pkts, 0, max)) {
            noMbuf += max;
            return 0;
        }
        for (int i = 0; i < max; i++) {
            pkts[i].received(size, port);
        }
        packets += max;
        bytes += (long) max * size;
        return max;
    }
}
