package dev.penstock.drivers.pcap;

import dev.penstock.ethdev.RxQueue;
import dev.penstock.mbuf.FrameStore;
import dev.penstock.mbuf.Mbuf;
import dev.penstock.mbuf.MbufPool;

/** Delivers a file's packets over and over, each a copy in a fresh mbuf. */
final class InfiniteRxQueue extends RxQueue {
    private final FrameStore frames;
    private final MbufPool pool;
    private final int port;
    private int next;

    InfiniteRxQueue(FrameStore frames, MbufPool pool, int port) {
        this.frames = frames;
        this.pool = pool;
        this.port = port;
    }

    @Override
    protected int receive(Mbuf[] pkts, int max) {
        if (!pool.allocRawBulk(pkts, 0, max)) {
            noMbuf += max;
            return 0;
        }
        FrameStore frames = this.frames;
        int count = frames.count();
        int frame = next;
        long sum = 0;
        for (int i = 0; i < max; i++) {
            sum += frames.deliver(frame, pkts[i], port);
            frame = frame + 1 == count ? 0 : frame + 1;
        }
        next = frame;
        packets += max;
        bytes += sum;
        return max;
    }
}
