package dev.penstock.metrics;

import dev.penstock.ethdev.Port;
import dev.penstock.ethdev.RxCallback;
import dev.penstock.ethdev.TxCallback;
import dev.penstock.mbuf.DynamicFields;
import dev.penstock.mbuf.Mbuf;
import java.util.Arrays;

/**
 * How long packets stay in the program, from their reception to their handing over to a driver: minimum, average,
 * maximum and jitter, in nanoseconds (DPDK: rte_latencystats). The average moves with a weight of 0.2, the jitter with
 * one of 1/16 (RFC 1889, 3393, 5481).
 *
 * <p>Packets carry the moment in a dynamic field, so their pools share a set of those. Each transmit queue keeps its own
 * numbers, without a lock; {@link #update} joins them, averages weighted by each queue's packets. What stays in the
 * program because it is not sent is not measured.
 */
public final class LatencyStats {
    private static final double WEIGHT = 0.2;
    private static final double JITTER_WEIGHT = 1.0 / 16;

    private final Metrics metrics;
    private final long intervalNs;
    private final DynamicFields.Field stamp;
    private final long stamped;
    private final int key;
    private final long[] values = new long[4];
    private volatile Seen[] all = {};

    /** Puts the moment into packets; of one receive queue. */
    private final class Stamps implements RxCallback {
        private long lastNs = System.nanoTime() - intervalNs;

        @Override
        public int received(Port port, int queue, Mbuf[] packets, int n, int max) {
            if (n > 0) {
                long now = System.nanoTime();
                long due = (now - lastNs) / intervalNs;
                if (due > 0) {
                    lastNs = now;
                    stamp(packets, (int) Math.min(n, due), now);
                }
            }
            return n;
        }

        private void stamp(Mbuf[] packets, int n, long now) {
            for (int i = 0; i < n; i++) {
                Mbuf m = packets[i];
                m.dynLong(stamp, now);
                m.olFlags(m.olFlags() | stamped);
            }
        }
    }

    /** Looks how long it is ago; of one transmit queue. */
    private final class Seen implements TxCallback {
        private long packets;
        private long min = Long.MAX_VALUE;
        private long max;
        private long last;
        private double average;
        private double jitter;

        @Override
        public int transmitting(Port port, int queue, Mbuf[] burst, int from, int n) {
            long now = 0;
            for (int i = from; i < from + n; i++) {
                if ((burst[i].olFlags() & stamped) != 0) {
                    now = now == 0 ? System.nanoTime() : now;
                    add(now - burst[i].dynLong(stamp));
                    burst[i].olFlags(burst[i].olFlags() & ~stamped);
                }
            }
            return n;
        }

        private void add(long ns) {
            min = Math.min(min, ns);
            max = Math.max(max, ns);
            average = packets == 0 ? ns : average + WEIGHT * (ns - average);
            jitter += packets == 0 ? 0 : (Math.abs(ns - last) - jitter) * JITTER_WEIGHT;
            last = ns;
            packets++;
        }
    }

    /**
     * Registers the four names, the field and the flag.
     *
     * @param metrics takes the values, as those of the whole
     * @param fields the set of all pools whose packets are measured
     * @param intervalNs a packet each so many nanoseconds is measured, at most; 1 or more, and 1 means each packet
     */
    public LatencyStats(Metrics metrics, DynamicFields fields, long intervalNs) {
        if (intervalNs < 1) {
            throw new IllegalArgumentException("latency statistics: an interval of " + intervalNs + " ns; it is 1 or more");
        }
        this.metrics = metrics;
        this.intervalNs = intervalNs;
        stamp = fields.register("latency_received_ns", Long.BYTES, Long.BYTES);
        stamped = fields.registerFlag("latency_received_ns");
        key = metrics.register("min_latency_ns", "avg_latency_ns", "max_latency_ns", "jitter_ns");
    }

    /**
     * Measures on all queues of a port. To be called when they are set up and nobody uses them.
     *
     * @param port configured
     */
    public void watch(Port port) {
        for (int q = 0; q < port.config().rxQueues(); q++) {
            watchRx(port, q);
        }
        for (int q = 0; q < port.config().txQueues(); q++) {
            watchTx(port, q);
        }
    }

    /**
     * Notes the moment of reception on one queue, before offloads in software.
     *
     * @param port configured
     * @param queue a receive queue that is set up and that nobody uses
     */
    public void watchRx(Port port, int queue) {
        port.addFirstRxCallback(queue, new Stamps());
    }

    /**
     * Measures on one queue, behind offloads in software.
     *
     * @param port configured
     * @param queue a transmit queue that is set up and that nobody uses
     */
    public synchronized void watchTx(Port port, int queue) {
        Seen seen = new Seen();
        port.addTxCallback(queue, seen);
        Seen[] more = Arrays.copyOf(all, all.length + 1);
        more[all.length] = seen;
        all = more;
    }

    /** Joins the queues' numbers and writes them; from one thread, as often as it likes. */
    public void update() {
        long packets = 0;
        long min = Long.MAX_VALUE;
        long max = 0;
        double average = 0;
        double jitter = 0;
        for (Seen seen : all) {
            long n = seen.packets;
            packets += n;
            min = Math.min(min, seen.min);
            max = Math.max(max, seen.max);
            average += n * seen.average;
            jitter += n * seen.jitter;
        }
        if (packets > 0) {
            values[0] = min;
            values[1] = (long) (average / packets);
            values[2] = max;
            values[3] = (long) (jitter / packets);
            metrics.update(Metrics.GLOBAL, key, values);
        }
    }
}
