package dev.penstock.ethdev;

import dev.penstock.gso.Gso;
import dev.penstock.mbuf.Mbuf;
import dev.penstock.mbuf.OlFlags;

/**
 * Stands before a transmit queue whose device can't always cut packets into segments, and does it then. Segments come from
 * the packet's own pool; those that the device does not take at once go first at the next call, and until then no
 * packet behind them is taken.
 */
final class SoftwareTso extends TxQueue {
    /** A packet of 64 KB in segments of 256 bytes. */
    private static final int MAX_SEGMENTS = 256;
    private static final long CUT = OlFlags.TX_TCP_SEG | OlFlags.TX_UDP_SEG;

    private final TxQueue device;
    private final Mbuf[] segments = new Mbuf[MAX_SEGMENTS];
    private int first;
    private int waiting;
    private long dropped;

    SoftwareTso(TxQueue device) {
        this.device = device;
    }

    @Override
    protected int transmit(Mbuf[] packets, int from, int n) {
        int taken = flush() ? take(packets, from, n) : 0;
        this.packets = device.packets;
        bytes = device.bytes;
        errors = device.errors + dropped;
        return taken;
    }

    private int take(Mbuf[] packets, int from, int n) {
        int taken = 0;
        try {
            while (taken < n) {
                int whole = whole(packets, from + taken, n - taken);
                if (whole > 0) {
                    int sent = device.transmit(packets, from + taken, whole);
                    taken += sent;
                    if (sent < whole) {
                        return taken;
                    }
                } else {
                    Mbuf m = packets[from + taken];
                    int count = Gso.segment(m, m.pool(), segments);
                    if (count < 0) {
                        return taken;
                    }
                    m.free();
                    taken++;
                    first = 0;
                    waiting = count;
                    if (!flush()) {
                        return taken;
                    }
                }
            }
        } catch (RuntimeException | Error e) {
            // what is taken can't be given back; the packet at which it failed stays with the caller
            if (taken == 0) {
                throw e;
            }
        }
        return taken;
    }

    /** How many from here on are not to be cut. */
    private int whole(Mbuf[] packets, int from, int n) {
        int whole = 0;
        while (whole < n && ((packets[from + whole].olFlags() & CUT) == 0 || device.canSegment(packets[from + whole]))) {
            whole++;
        }
        return whole;
    }

    private boolean flush() {
        if (waiting > 0) {
            int sent = device.transmit(segments, first, waiting);
            first += sent;
            waiting -= sent;
        }
        return waiting == 0;
    }

    @Override
    protected int prepare(Mbuf[] packets, int from, int n) {
        return device.prepare(packets, from, n);
    }

    @Override
    protected boolean isUsed() {
        return device.isUsed();
    }

    @Override
    protected void start() {
        device.start();
    }

    @Override
    protected void stop() {
        Mbuf.freeBulk(segments, first, waiting);
        dropped += waiting;
        errors = device.errors + dropped;
        waiting = 0;
        device.stop();
    }
}
