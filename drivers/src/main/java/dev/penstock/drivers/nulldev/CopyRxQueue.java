package dev.penstock.drivers.nulldev;

import dev.penstock.ethdev.RxQueue;
import dev.penstock.mbuf.FrameStore;
import dev.penstock.mbuf.Mbuf;
import dev.penstock.mbuf.MbufPool;
import java.lang.foreign.Arena;

/** Delivers packets of zeros, written into each buffer. */
final class CopyRxQueue extends RxQueue {
    private final FrameStore zeros = new FrameStore(1 << 20);
    private final MbufPool pool;
    private final int size;
    private final int port;

    CopyRxQueue(MbufPool pool, int size, int port) {
        zeros.add(Arena.ofAuto().allocate(size), 0, size);
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
            zeros.deliver(0, pkts[i], port);
        }
        packets += max;
        bytes += (long) max * size;
        return max;
    }
}
