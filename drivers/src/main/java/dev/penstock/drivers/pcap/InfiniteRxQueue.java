package dev.penstock.drivers.pcap;

import dev.penstock.ethdev.RxQueue;
import dev.penstock.mbuf.Mbuf;
import dev.penstock.mbuf.MbufPool;
import java.lang.foreign.MemorySegment;

/** Delivers a file's packets over and over, each a copy in a fresh mbuf. */
final class InfiniteRxQueue extends RxQueue {
    private final Frames frames;
    private final MemorySegment data;
    private final int[] offsets;
    private final int[] lengths;
    private final MbufPool pool;
    private final int port;
    private int next;

    InfiniteRxQueue(Frames frames, MbufPool pool, int port) {
        this.frames = frames;
        this.data = frames.data();
        this.offsets = frames.offsets();
        this.lengths = frames.lengths();
        this.pool = pool;
        this.port = port;
    }

    @Override
    protected int receive(Mbuf[] pkts, int max) {
        if (!pool.allocRawBulk(pkts, 0, max)) {
            noMbuf += max;
            return 0;
        }
        int[] lengths = this.lengths;
        int[] offsets = this.offsets;
        MemorySegment data = this.data;
        int frame = next;
        long sum = 0;
        for (int i = 0; i < max; i++) {
            Mbuf m = pkts[i];
            int length = lengths[frame];
            m.received(length, port);
            m.write(0, data, offsets[frame], length);
            sum += length;
            frame = frame + 1 == lengths.length ? 0 : frame + 1;
        }
        next = frame;
        packets += max;
        bytes += sum;
        return max;
    }

    void release() {
        frames.release();
    }
}
