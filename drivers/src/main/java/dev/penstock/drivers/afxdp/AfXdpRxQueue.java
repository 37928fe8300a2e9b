package dev.penstock.drivers.afxdp;

import dev.penstock.ethdev.RxQueue;
import dev.penstock.linux.Fd;
import dev.penstock.mbuf.Mbuf;
import dev.penstock.mbuf.MbufPool;
import dev.penstock.mbuf.PoolMemory;
import java.lang.foreign.MemorySegment;

/** Lends the kernel empty packets and gets them back with a frame in each. */
final class AfXdpRxQueue extends RxQueue {
    private static final int REFILL = 64;

    private final MbufPool pool;
    private final PoolMemory memory;
    private final int port;
    private final int chunkBytes;
    private final int lent;
    private final Mbuf[] fresh = new Mbuf[REFILL];

    private XskSocket socket;
    private XskFrames frames;
    private XskRing rx;
    private XskRing fill;
    /** Whether a call has the driver work in this thread. */
    private boolean busyPoll;
    /** Whether that is settled: the kernel may know only once a frame has come. */
    private boolean asked;
    /** A packet of which a piece is still to come, and its last piece so far. */
    private Mbuf begun;
    private Mbuf last;
    private long[] before = new long[6];
    private long[] seen = new long[6];
    /** Descriptors that make no sense. */
    long malformed;
    /** Times that the pool had too few packets to lend the kernel. */
    long poolEmpty;

    /** @param lent how many packets the kernel has at any time */
    AfXdpRxQueue(PoolMemory memory, int port, int lent) {
        this.memory = memory;
        this.pool = memory.pool();
        this.port = port;
        this.lent = lent;
        chunkBytes = XskSocket.chunkBytes(memory);
    }

    PoolMemory memory() {
        return memory;
    }

    /** Ring entries that hold all that is lent. */
    int ringSize() {
        return Integer.highestOneBit(2 * lent - 1);
    }

    /** Begins with a socket; packets for the kernel are lent at once. */
    void open(XskSocket with, boolean poll) {
        socket = with;
        rx = with.rx();
        fill = with.fill();
        busyPoll = poll && with.hasBusyPoll();
        asked = !poll;
        frames = new XskFrames(memory);
        while (frames.count() < lent) {
            if (!refill(Math.min(REFILL, lent - frames.count()))) {
                throw new IllegalStateException("pool " + pool.name() + " has too few packets: the receive queue lends the kernel "
                        + lent + "; make the pool larger or the queue's descriptors fewer");
            }
        }
    }

    /** Ends with its socket, which is closed. */
    void release() {
        socket = null;
        if (begun != null) {
            begun.free();
            begun = null;
        }
        if (frames != null) {
            frames.freeAll();
        }
    }

    @Override
    protected int receive(Mbuf[] pkts, int max) {
        int n = rx.available(max);
        if (n == 0) {
            n = wake(max);
            if (n == 0) {
                return 0;
            }
        }
        int out = take(pkts, n);
        if (!asked) {
            asked = true;
            busyPoll = socket.hasBusyPoll();
        }
        if (lent - frames.count() >= REFILL) {
            refill(REFILL);
        }
        return out;
    }

    /** Nothing is there: has the kernel look, where it does not by itself. */
    private int wake(int max) {
        if (frames.count() < lent) {
            refill(Math.min(REFILL, lent - frames.count()));
        }
        if (max > 0 && (busyPoll || fill.needsWakeup())) {
            socket.socket().poke();
            return rx.available(max);
        }
        return 0;
    }

    private int take(Mbuf[] pkts, int n) {
        MemorySegment ring = rx.memory();
        int out = 0;
        long sum = 0;
        for (int i = 0; i < n; i++) {
            long at = rx.descriptor(i);
            long address = ring.get(Xdp.LONG, at);
            int length = ring.get(Xdp.INT, at + Xdp.DESC_LEN);
            int offset = (int) (address >>> Xdp.OFFSET_SHIFT);
            Mbuf m = frames.back(address);
            if (m == null) {
                malformed++;
                errors++;
            } else if (length < 0 || length > chunkBytes - offset) {
                malformed++;
                errors++;
                m.free();
            } else {
                m.received(offset, length, port);
                if (begun == null && (ring.get(Xdp.INT, at + Xdp.DESC_OPTIONS) & Xdp.PKT_CONTD) == 0) {
                    pkts[out++] = m;
                    sum += length;
                } else if (piece(m, ring.get(Xdp.INT, at + Xdp.DESC_OPTIONS))) {
                    pkts[out++] = begun;
                    sum += begun.pktLen();
                    begun = null;
                }
            }
        }
        rx.consume(n);
        packets += out;
        bytes += sum;
        return out;
    }

    /** Adds a piece; whether the packet is whole now. */
    private boolean piece(Mbuf m, int options) {
        if (begun == null) {
            begun = m;
        } else {
            begun.nbSegs(begun.nbSegs() + 1);
            begun.pktLen(begun.pktLen() + m.dataLen());
            last.next(m);
        }
        last = m;
        return (options & Xdp.PKT_CONTD) == 0;
    }

    private boolean refill(int wanted) {
        int n = wanted;
        while (!pool.allocRawBulk(fresh, 0, n)) {
            n >>= 1;
            if (n == 0) {
                poolEmpty++;
                return false;
            }
        }
        for (int i = 0; i < n; i++) {
            Mbuf m = fresh[i];
            fill.writeAddress(i, frames.lend(m, memory.index(m)));
        }
        fill.produce(n);
        return true;
    }

    @Override
    protected Fd interruptFd() {
        return socket == null ? null : socket.socket().fd();
    }

    @Override
    protected int waiting() {
        return rx == null ? -1 : rx.available(Integer.MAX_VALUE);
    }

    /** The kernel's counters since the queue was made, over all its sockets. */
    long[] statistics() {
        XskSocket now = socket;
        if (now != null) {
            long[] current = now.statistics();
            for (int i = 0; i < seen.length; i++) {
                seen[i] = before[i] + current[i];
            }
        }
        return seen;
    }

    /** Adds what a socket has counted, before it is closed. */
    void keepStatistics() {
        before = statistics().clone();
    }

    @Override
    protected void updateCounters() {
        long[] kernel = statistics();
        missed = kernel[XskCounter.RX_DROPPED.ordinal()] + kernel[XskCounter.RX_RING_FULL.ordinal()];
    }
}
