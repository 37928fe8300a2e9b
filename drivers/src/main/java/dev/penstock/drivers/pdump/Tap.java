package dev.penstock.drivers.pdump;

import dev.penstock.drivers.pcap.PcapngWriter;
import dev.penstock.ethdev.Port;
import dev.penstock.ethdev.RxCallback;
import dev.penstock.ethdev.TxCallback;
import dev.penstock.mbuf.Mbuf;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.concurrent.locks.LockSupport;

/** What copies the packets of one queue in one direction. Its numbers are written by the queue's thread and read by any. */
final class Tap implements RxCallback, TxCallback {
    private static final long WAIT_NS = 10_000;
    private static final VarHandle BUSY;

    static {
        try {
            BUSY = MethodHandles.lookup().findVarHandle(Tap.class, "busy", int.class);
        } catch (ReflectiveOperationException e) {
            throw new ExceptionInInitializerError(e);
        }
    }

    final Port port;
    final int queue;
    final int index;
    private final Capture capture;
    private final byte[] head = new byte[PacketTest.HEAD];
    private int busy;
    private volatile boolean closed;
    long copied;
    long lost;

    Tap(Capture capture, Port port, int queue, int index) {
        this.capture = capture;
        this.port = port;
        this.queue = queue;
        this.index = index;
    }

    @Override
    public int received(Port from, int fromQueue, Mbuf[] packets, int n, int max) {
        take(packets, 0, n, PcapngWriter.INBOUND);
        return n;
    }

    @Override
    public int transmitting(Port to, int toQueue, Mbuf[] packets, int from, int n) {
        take(packets, from, n, PcapngWriter.OUTBOUND);
        return n;
    }

    private void take(Mbuf[] packets, int from, int n, int direction) {
        if (n == 0) {
            return;
        }
        // In this order with closed, so that one of the two threads sees the other.
        BUSY.setVolatile(this, 1);
        try {
            if (!closed) {
                long now = capture.nowNs();
                for (int i = from; i < from + n; i++) {
                    take(packets[i], direction, now);
                }
            }
        } finally {
            BUSY.setRelease(this, 0);
        }
    }

    private void take(Mbuf packet, int direction, long now) {
        int there = 0;
        for (Mbuf segment = packet; segment != null && there < PacketTest.HEAD; segment = segment.next()) {
            int part = Math.min(segment.dataLen(), PacketTest.HEAD - there);
            segment.read(0, head, there, part);
            there += part;
        }
        if (capture.isWanted(head, there, packet.pktLen())) {
            if (capture.copy(packet, index, direction, now)) {
                copied++;
            } else {
                lost++;
            }
        }
    }

    /** Ends; when it returns, no thread is in here any more. */
    void close() {
        closed = true;
        while ((int) BUSY.getVolatile(this) != 0) {
            LockSupport.parkNanos(this, WAIT_NS);
        }
    }
}
