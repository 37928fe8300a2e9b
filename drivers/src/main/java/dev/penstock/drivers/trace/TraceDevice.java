package dev.penstock.drivers.trace;

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

/** A port that prints what passes. What is sent is printed as it is given, before the port below takes it. */
final class TraceDevice extends StackedDevice {
    private final TraceOutput output;
    private final boolean rx;
    private final boolean tx;

    TraceDevice(Below below, TraceOutput output, boolean rx, boolean tx) {
        super(below);
        this.output = output;
        this.rx = rx;
        this.tx = tx;
    }

    @Override
    protected String driver() {
        return "net_trace";
    }

    @Override
    protected RxQueue above(int queue, RxQueueConfig config) {
        return new Rx(lower(), queue, port().id(), rx ? output : null);
    }

    @Override
    protected TxQueue above(int queue, TxQueueConfig config) {
        return new Tx(lower(), queue, tx ? output : null);
    }

    @Override
    public void close() {
        try {
            output.close();
        } catch (IOException e) {
            throw new UncheckedIOException("the trace can't be finished: " + e.getMessage(), e);
        } finally {
            super.close();
        }
    }

    @Override
    public List<Xstat> xstats() {
        List<Xstat> all = new ArrayList<>();
        all.add(new Xstat("trace_lines", output.lines()));
        all.add(new Xstat("trace_unwritten_lines", output.failed()));
        all.addAll(lowerXstats());
        return all;
    }

    private static void print(TraceOutput output, TraceLine line, Mbuf[] pkts, int from, int n) {
        for (int i = from; i < from + n && output.wantsMore(); i++) {
            output.write(line.text(), line.format(pkts[i]));
        }
    }

    private static final class Rx extends RxQueue {
        private final Port lower;
        private final int queue;
        private final int port;
        private final TraceOutput output;
        private final TraceLine line;

        Rx(Port lower, int queue, int port, TraceOutput output) {
            this.lower = lower;
            this.queue = queue;
            this.port = port;
            this.output = output;
            this.line = new TraceLine("rx", queue);
        }

        @Override
        protected int receive(Mbuf[] pkts, int max) {
            int n = lower.rxBurst(queue, pkts, max);
            for (int i = 0; i < n; i++) {
                pkts[i].port(port);
                bytes += pkts[i].pktLen();
            }
            if (output != null) {
                print(output, line, pkts, 0, n);
            }
            packets += n;
            return n;
        }
    }

    private static final class Tx extends TxQueue {
        private final Port lower;
        private final int queue;
        private final TraceOutput output;
        private final TraceLine line;

        Tx(Port lower, int queue, TraceOutput output) {
            this.lower = lower;
            this.queue = queue;
            this.output = output;
            this.line = new TraceLine("tx", queue);
        }

        @Override
        protected int transmit(Mbuf[] pkts, int from, int n) {
            if (output != null) {
                print(output, line, pkts, from, n);
            }
            long sum = 0;
            for (int i = from; i < from + n; i++) {
                sum += pkts[i].pktLen();
            }
            int sent = lower.txBurst(queue, pkts, from, n);
            for (int i = from + sent; i < from + n; i++) {
                sum -= pkts[i].pktLen();
            }
            packets += sent;
            bytes += sum;
            return sent;
        }
    }
}
