package dev.penstock.drivers.pcap;

import dev.penstock.ethdev.TxQueue;
import dev.penstock.mbuf.Mbuf;
import java.io.IOException;
import java.util.function.Consumer;

/** Writes packets to a file. They reach it when the buffer is full, ten times a second, and at a stop. */
final class WriterTxQueue extends TxQueue {
    private static final long FLUSH_NS = 100_000_000;

    private final PcapWriter writer;
    private final WallClock clock = new WallClock();
    private long flushedNs;
    private final Consumer<IOException> failed;
    private long unwritten;
    private boolean told;

    /**
     * @param writer the file
     * @param failed is told the first error of each time between starts
     */
    WriterTxQueue(PcapWriter writer, Consumer<IOException> failed) {
        this.writer = writer;
        this.failed = failed;
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
            lost(e, 1, m.pktLen());
        }
    }

    private void flush() {
        try {
            writer.flush();
        } catch (IOException e) {
            lost(e, 0, 0);
        }
    }

    private void lost(IOException e, int more, int moreBytes) {
        if (!told) {
            told = true;
            failed.accept(e);
        }
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
        told = false;
    }

    /** Packets lost because the file could not be written. */
    long unwritten() {
        return unwritten;
    }
}
