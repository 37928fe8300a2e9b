package dev.penstock.drivers.pcap;

import dev.penstock.drivers.StackedDevice;
import dev.penstock.ethdev.Port;
import dev.penstock.ethdev.RxQueue;
import dev.penstock.ethdev.RxQueueConfig;
import dev.penstock.ethdev.TxQueue;
import dev.penstock.ethdev.TxQueueConfig;
import dev.penstock.ethdev.Xstat;
import dev.penstock.mbuf.Mbuf;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;

/** A port that captures what passes. */
final class PcapTapDevice extends StackedDevice {
    private final TapFile file;
    private final boolean rx;
    private final boolean tx;

    PcapTapDevice(Below below, TapFile file, boolean rx, boolean tx) {
        super(below);
        this.file = file;
        this.rx = rx;
        this.tx = tx;
    }

    @Override
    protected String driver() {
        return "net_pcaptap";
    }

    @Override
    protected RxQueue above(int queue, RxQueueConfig config) {
        return new Rx(lower(), queue, port().id(), rx ? file : null);
    }

    @Override
    protected TxQueue above(int queue, TxQueueConfig config) {
        return new Tx(lower(), queue, tx ? file : null);
    }

    @Override
    public void close() {
        try {
            file.close();
        } catch (IOException e) {
            throw new UncheckedIOException("the capture file can't be finished: " + e.getMessage(), e);
        } finally {
            super.close();
        }
    }

    @Override
    public List<Xstat> xstats() {
        List<Xstat> all = new ArrayList<>();
        all.add(new Xstat("tap_captured", file.captured()));
        all.add(new Xstat("tap_uncaptured", file.uncaptured()));
        all.addAll(lowerXstats());
        return all;
    }

    private static final class Rx extends RxQueue {
        private final Port lower;
        private final int queue;
        private final int port;
        private final TapFile file;

        Rx(Port lower, int queue, int port, TapFile file) {
            this.lower = lower;
            this.queue = queue;
            this.port = port;
            this.file = file;
        }

        @Override
        protected int receive(Mbuf[] pkts, int max) {
            int n = lower.rxBurst(queue, pkts, max);
            if (n == 0) {
                return 0;
            }
            for (int i = 0; i < n; i++) {
                pkts[i].port(port);
                bytes += pkts[i].pktLen();
            }
            if (file != null) {
                file.capture(pkts, 0, n);
            }
            packets += n;
            return n;
        }
    }

    private static final class Tx extends TxQueue {
        private final Port lower;
        private final int queue;
        private final TapFile file;

        Tx(Port lower, int queue, TapFile file) {
            this.lower = lower;
            this.queue = queue;
            this.file = file;
        }

        @Override
        protected int transmit(Mbuf[] pkts, int from, int n) {
            long sum = 0;
            for (int i = from; i < from + n; i++) {
                sum += pkts[i].pktLen();
            }
            int done = file == null ? lower.txBurst(queue, pkts, from, n) : captured(pkts, from, n);
            for (int i = from + done; i < from + n; i++) {
                sum -= pkts[i].pktLen();
            }
            bytes += sum;
            packets += done;
            return done;
        }

        private int captured(Mbuf[] pkts, int from, int n) {
            int done = 0;
            try {
                int sent = TapFile.CHUNK;
                for (; done < n && sent == TapFile.CHUNK; done += sent) {
                    sent = file.transmit(lower, queue, pkts, from + done, Math.min(TapFile.CHUNK, n - done));
                }
            } catch (RuntimeException | Error e) {
                // what is sent can't be given back
                if (done == 0) {
                    throw e;
                }
            }
            return done;
        }
    }
}
