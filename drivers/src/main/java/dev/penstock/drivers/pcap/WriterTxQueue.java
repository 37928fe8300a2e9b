package dev.penstock.drivers.pcap;

import dev.penstock.ethdev.TxQueue;
import dev.penstock.mbuf.Mbuf;
import java.io.IOException;

/** Writes packets to a file. They reach it when the buffer is full, ten times a second, and at a stop. */
final class WriterTxQueue extends TxQueue {
    private static final long FLUSH_NS = 100_000_000;

    private final PcapWriter writer;
    private final WallClock clock = new WallClock();
    private long flushedNs;
    private long unwritten;

    WriterTxQueue(PcapWriter writer) {
        this.writer = writer;
    }

    @Override
    protected int transmit(Mbuf[] pkts, int from, int n) {
        if (n == 0) {
            return 0;
        }
        long now = clock.nowNs();
        for (int i = from; i < from + n; i++) {
            write(pkts[i], now);
        }
        Mbuf.freeBulk(pkts, from, n);
        if (now - flushedNs > FLUSH_NS) {
            flushedNs = now;
            flush();
        }
        return n;
    }

    private void write(Mbuf m, long now) {
        packets++;
        bytes += m.pktLen();
        try {
            writer.write(m, now);
        } catch (IOException e) {
            // The write made room first: those before it are lost, and this one too.
            lost(1, m.pktLen());
        }
    }

    private void flush() {
        try {
            writer.flush();
        } catch (IOException e) {
            lost(0, 0);
        }
    }

    private void lost(int more, int moreBytes) {
        int count = writer.pendingPackets() + more;
        unwritten += count;
        errors += count;
        packets -= count;
        bytes -= writer.pendingBytes() + moreBytes;
        writer.discard();
    }

    @Override
    protected void stop() {
        flush();
    }

    /** Packets lost because the file could not be written. */
    long unwritten() {
        return unwritten;
    }
}
