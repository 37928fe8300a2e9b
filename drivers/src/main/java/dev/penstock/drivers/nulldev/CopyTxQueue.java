package dev.penstock.drivers.nulldev;

import dev.penstock.ethdev.TxQueue;
import dev.penstock.mbuf.FrameStore;
import dev.penstock.mbuf.Mbuf;
import java.lang.foreign.Arena;

/** Reads each packet's first segment, then frees it. */
final class CopyTxQueue extends TxQueue {
    private final FrameStore sink = new FrameStore(1 << 20);

    CopyTxQueue() {
        sink.add(Arena.ofAuto().allocate(65535), 0, 65535);
    }

    @Override
    protected int transmit(Mbuf[] pkts, int from, int n) {
        long sum = 0;
        for (int i = from; i < from + n; i++) {
            Mbuf m = pkts[i];
            sink.copyFrom(m, 0);
            sum += m.pktLen();
        }
        Mbuf.freeBulk(pkts, from, n);
        packets += n;
        bytes += sum;
        return n;
    }
}
