package dev.penstock.metrics;

import dev.penstock.ethdev.Port;
import dev.penstock.ethdev.PortStats;
import java.util.Arrays;

/**
 * Bits a second of each port, in and out: of the last second, their highest, and their moving average with a weight of
 * 20 % (DPDK: rte_stats_bitrate). Frames count as the port's statistics count them. For one thread.
 */
public final class BitRates {
    private static final int WEIGHT_PERCENT = 20;

    /** One direction of a port. */
    private static final class Rate {
        private long lastBytes;
        private long peak;
        private long mean;
        private long average;

        void add(long bytes) {
            long bits = Math.max(0, bytes - lastBytes) * 8;
            lastBytes = bytes;
            peak = Math.max(peak, bits);
            mean = bits;
            long delta = bits - average;
            long step = (delta * WEIGHT_PERCENT + (delta > 0 ? 50 : -50)) / 100;
            average = bits == 0 && step == 0 ? 0 : average + step;
        }
    }

    private final Metrics metrics;
    private final int key;
    private final long[] values = new long[6];
    private Rate[] in = {};
    private Rate[] out = {};

    /**
     * Registers the six names.
     *
     * @param metrics takes the values
     */
    public BitRates(Metrics metrics) {
        this.metrics = metrics;
        key = metrics.register("ewma_bits_in", "ewma_bits_out", "mean_bits_in", "mean_bits_out", "peak_bits_in", "peak_bits_out");
    }

    /**
     * Takes a port's counters into account; to be called once a second.
     *
     * @param port the port
     */
    public void update(Port port) {
        PortStats now = port.stats();
        update(port.id(), now.rxBytes(), now.txBytes());
    }

    /**
     * The same with counters that the caller has.
     *
     * @param port its number
     * @param rxBytes received so far; fewer than before after a reset of the counters, which counts as nothing
     * @param txBytes sent so far
     */
    void update(int port, long rxBytes, long txBytes) {
        if (port >= in.length) {
            in = grown(in, port + 1);
            out = grown(out, port + 1);
        }
        Rate i = in[port];
        Rate o = out[port];
        i.add(rxBytes);
        o.add(txBytes);
        values[0] = i.average;
        values[1] = o.average;
        values[2] = i.mean;
        values[3] = o.mean;
        values[4] = i.peak;
        values[5] = o.peak;
        metrics.update(port, key, values);
    }

    private static Rate[] grown(Rate[] old, int length) {
        Rate[] more = Arrays.copyOf(old, length);
        Arrays.setAll(more, n -> n < old.length ? old[n] : new Rate());
        return more;
    }
}
