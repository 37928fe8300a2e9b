package dev.penstock.drivers.nulldev;

import dev.penstock.ethdev.RxQueue;
import dev.penstock.mbuf.Mbuf;
import dev.penstock.mbuf.MbufPool;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/** Delivers packets of zeros, written into each buffer. */
final class CopyRxQueue extends RxQueue {
    private final MemorySegment zeros;
    private final MbufPool pool;
    private final int size;
    private final int port;

    CopyRxQueue(MbufPool pool, int size, int port) {
        this.zeros = Arena.ofAuto().allocate(size, 64);
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
            Mbuf m = pkts[i];
            m.received(size, port);
            m.write(0, zeros, 0, size);
        }
        packets += max;
        bytes += (long) max * size;
        return max;
    }
}
