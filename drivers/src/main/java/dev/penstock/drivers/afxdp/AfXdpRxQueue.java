package dev.penstock.drivers.afxdp;

import dev.penstock.drivers.kernel.Watch;
import dev.penstock.ethdev.RxQueue;
import dev.penstock.linux.Fd;
import dev.penstock.mbuf.Mbuf;
import dev.penstock.mbuf.MbufPool;
import dev.penstock.mbuf.PoolMemory;
import dev.penstock.virtqueue.BurstLock;
import java.lang.foreign.MemorySegment;

/**
 * Lends the kernel empty packets and gets them back with a frame in each. While more frames come than are taken, all that is
 * lent only waits, and frames are dropped however much that is. Then it is as much as a processor's own cache holds, which
 * is quicker to copy to and from; as soon as the kernel has empty packets again, it gets all. So only frames that would wait
 * when such a load ends are dropped as well.
 */
final class AfXdpRxQueue extends RxQueue {
    private static final int REFILL = 64;
    /** How many bytes of frames wait at most for long, and how few frames at least. */
    private static final int WAITING_BYTES = 1 << 19;
    private static final int WAITING_FRAMES = 256;
    /** So many packets are taken while too many come before fewer are lent: many beside those that may be lost when that ends. */
    private static final int PATIENCE = 1 << 15;

    private final MbufPool pool;
    private final PoolMemory memory;
    private final int port;
    private final int chunkBytes;
    private final int lent;
    private final Mbuf[] fresh = new Mbuf[REFILL];
    /** How many packets the kernel shall have now: all that may be lent, or fewer while too many come. */
    private int wanted;
    private int patience = PATIENCE;
    /** Whether it may be fewer: the kernel copies, and no device has a ring of its own to be kept full. */
    private boolean adapts;

    /** Keeps the poller out while its socket becomes another one. */
    private final BurstLock lock = new BurstLock();
    /** Null while there is no interface, and with it what belongs to it. */
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
    private final Watch watch = new Watch();
    private volatile Counted counted = new Counted(new long[6], null);
    /** Descriptors that make no sense. */
    long malformed;
    /** Times that the pool had too few packets to lend the kernel. */
    long poolEmpty;
    /** Packets that had come and were not yet taken when their interface was deleted. */
    long unread;

    /** @param lent how many packets the kernel has at most */
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

    /**
     * Begins with a socket, to which packets for the kernel are lent at once; lcores may poll meanwhile.
     *
     * @param poll whether a call may have the driver work in this thread
     * @param whole whether the pool must have as many as are to be lent; else the rest follows
     */
    void open(XskSocket with, boolean poll, boolean whole) {
        boolean polls = poll && with.hasBusyPoll();
        boolean device = with.isZeroCopy();
        watch.on(with.socket().fd());
        XskFrames lending = new XskFrames(memory, device);
        Mbuf[] some = new Mbuf[REFILL];
        while (lending.count() < lent) {
            if (!lend(lending, with.fill(), some, Math.min(REFILL, lent - lending.count()))) {
                if (!whole) {
                    break;
                }
                lending.freeAll();
                throw new IllegalStateException("pool " + pool.name() + " has too few packets: the receive queue lends the kernel "
                        + lent + "; make the pool larger or the queue's descriptors fewer");
            }
        }
        counted = new Counted(counted.before, with);
        lock.enter();
        socket = with;
        frames = lending;
        rx = with.rx();
        fill = with.fill();
        busyPoll = polls;
        asked = !poll;
        adapts = !device && lent > WAITING_FRAMES;
        wanted = lent;
        lock.exit();
    }

    /**
     * Ends with its socket, whose memory and interface may go then; lcores may poll meanwhile.
     *
     * @param removed whether the interface was deleted
     * @return what was lent to it, to be freed when the socket is closed; null for nothing
     */
    XskFrames shut(boolean removed) {
        counted = new Counted(statistics(), null);
        lock.enter();
        XskFrames all = frames;
        if (removed && rx != null) {
            unread += rx.available(Integer.MAX_VALUE);
        }
        socket = null;
        frames = null;
        rx = null;
        fill = null;
        if (begun != null) {
            begun.free();
            begun = null;
        }
        lock.exit();
        return all;
    }

    @Override
    protected int receive(Mbuf[] pkts, int max) {
        if (!lock.tryEnter()) {
            return 0;
        }
        try {
            return rx == null ? 0 : look(pkts, max);
        } finally {
            lock.exit();
        }
    }

    private int look(Mbuf[] pkts, int max) {
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
        if (adapts) {
            adapt(pkts, out);
        }
        int missing = Math.min(wanted - frames.count(), n + REFILL);
        if (missing >= REFILL) {
            refill(missing & -REFILL);
        }
        return out;
    }

    private void adapt(Mbuf[] pkts, int n) {
        if (rx.looked() && rx.left() < frames.count() - 2 * REFILL) {
            // the kernel has frames to fill
            wanted = lent;
        } else {
            patience -= n;
            if (patience <= 0 && rx.looked()) {
                patience = PATIENCE;
                long sum = 1;
                for (int i = 0; i < n; i++) {
                    sum += pkts[i].pktLen();
                }
                wanted = (int) Math.min(lent, Math.max(WAITING_FRAMES, (long) WAITING_BYTES * n / sum));
            }
        }
    }

    /** Nothing is there: has the kernel look, where it does not by itself. */
    private int wake(int max) {
        wanted = lent;
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

    private void refill(int missing) {
        for (int left = missing; left > 0; left -= REFILL) {
            if (!lend(frames, fill, fresh, Math.min(REFILL, left))) {
                poolEmpty++;
                return;
            }
        }
    }

    private boolean lend(XskFrames to, XskRing ring, Mbuf[] some, int wanted) {
        int n = wanted;
        while (!pool.allocRawBulk(some, 0, n)) {
            n >>= 1;
            if (n == 0) {
                return false;
            }
        }
        int fit = 0;
        for (int i = 0; i < n; i++) {
            Mbuf m = some[i];
            int index = memory.index(m);
            if (!to.putAside(m, index)) {
                ring.writeAddress(fit++, to.lend(m, index));
            }
        }
        ring.produce(fit);
        return true;
    }

    /** Whether its calls have the driver work in the caller's thread, as far as is known by now. */
    boolean busyPolls() {
        return busyPoll;
    }

    @Override
    protected Fd interruptFd() {
        return watch.fd();
    }

    /** Gives back what sleepers wait for. */
    void close() {
        watch.close();
    }

    @Override
    protected int waiting() {
        if (!lock.tryEnter()) {
            return -1;
        }
        int n = rx == null ? -1 : rx.available(Integer.MAX_VALUE);
        lock.exit();
        return n;
    }

    /** The kernel's counters since the queue was made, over all its sockets. */
    long[] statistics() {
        Counted known = counted;
        long[] sum = known.before.clone();
        if (known.now != null) {
            long[] current = known.now.statistics();
            for (int i = 0; i < sum.length; i++) {
                sum[i] += current[i];
            }
        }
        return sum;
    }

    @Override
    protected void updateCounters() {
        long[] kernel = statistics();
        missed = kernel[XskCounter.RX_DROPPED.ordinal()] + kernel[XskCounter.RX_RING_FULL.ordinal()];
    }

    /** What the sockets before have counted, and the one that counts now. */
    private record Counted(long[] before, XskSocket now) {}
}
