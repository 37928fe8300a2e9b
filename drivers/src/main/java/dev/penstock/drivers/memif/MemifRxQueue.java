package dev.penstock.drivers.memif;

import dev.penstock.drivers.kernel.Frames;
import dev.penstock.ethdev.RxQueue;
import dev.penstock.linux.Fd;
import dev.penstock.mbuf.Mbuf;
import dev.penstock.mbuf.MbufPool;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.VarHandle;

/** Copies packets out of the buffers that the peer filled, or takes those that it filled itself; gives buffers back, once a burst. */
final class MemifRxQueue extends RxQueue {
    /** Longest packet that is put together of several buffers. */
    private static final int MAX_BYTES = 65535;

    final MemifQueue queue = new MemifQueue();
    private final MbufPool pool;
    private final int port;
    /** Packets of the burst under way that are this side's, from its first index on, and one that is in none of them yet. */
    private int held;
    private Mbuf apart;

    /** Packets that were copied although the port lends its own. */
    long copied;

    MemifRxQueue(MbufPool pool, int port) {
        this.pool = pool;
        this.port = port;
    }

    @Override
    protected int receive(Mbuf[] pkts, int max) {
        MemifQueue q = queue;
        if (!q.enter()) {
            return 0;
        }
        try {
            int ready = q.filled(max);
            int n = ready == 0 ? 0 : q.loans == null ? take(q, pkts, max, ready) : takeLent(q, pkts, max, ready);
            q.settle();
            held = 0;
            return n;
        } catch (InternalError e) {
            abandon(pkts);
            q.lose();
            return 0;
        } finally {
            q.exit();
        }
    }

    /** The memory vanished under a burst: gives back what was meant for it. */
    private void abandon(Mbuf[] pkts) {
        Mbuf.freeBulk(pkts, 0, held);
        held = 0;
        if (apart != null) {
            apart.free();
            apart = null;
        }
    }

    private int take(MemifQueue q, Mbuf[] pkts, int max, int ready) {
        int n = Math.min(max, ready);
        // an error of the ring is not to be raised while the pool gives packets that are in no list yet
        q.settle();
        while (!pool.allocRawBulk(pkts, 0, n)) {
            n >>= 1;
            if (n == 0) {
                noMbuf++;
                return 0;
            }
        }
        for (int i = 0; q.unsealed && i < n; i++) {
            // what is abandoned must be packets
            pkts[i].received(0, port);
        }
        held = n;
        int out = 0;
        int at = q.at;
        int end = q.at + ready;
        long sum = 0;
        for (int i = 0; i < n && at != end; i++) {
            int plain = takePlain(q, pkts, out, at, Math.min(n - i, end - at));
            for (int last = out + plain; out < last; out++) {
                sum += pkts[out].dataLen();
            }
            at += plain;
            i += plain;
            if (i == n || at == end) {
                break;
            }
            Mbuf m = pkts[out];
            int flags = q.ring.flagsAndRegion(at);
            if ((flags & MemifRing.NEXT) != 0) {
                // its end was published with it, but perhaps after the peer's index was read
                end = q.at + q.look(true);
            }
            if ((flags & MemifRing.NEXT) == 0 ? one(q, m, flags, at) : chain(q, m, at, end)) {
                sum += m.pktLen();
                out++;
            }
            at = (flags & MemifRing.NEXT) == 0 ? at + 1 : after(q, at, end);
        }
        giveBack(q, at);
        packets += out;
        bytes += sum;
        if (out < n) {
            // an error of what was copied is not to be raised among the packets that are freed
            q.settle();
            held = out;
            release(pkts, out, n);
        }
        return out;
    }

    /**
     * Takes packets of one buffer in the region of the first, as long as the next are such and are sound. A method of its own,
     * so that the JIT sees its loop apart from the many polls of an idle ring.
     */
    private int takePlain(MemifQueue q, Mbuf[] pkts, int out, int from, int n) {
        MemifRing ring = q.ring;
        boolean client = q.client;
        int region = client ? 0 : (int) ring.first(from) >>> 16;
        if (region >= q.regions.length) {
            return 0;
        }
        MemorySegment memory = q.regions[region];
        long most = memory.byteSize();
        int i = 0;
        for (; i < n; i++) {
            int at = from + i;
            long first = ring.first(at);
            Mbuf m = pkts[out + i];
            long length = first >>> 32;
            long offset = client ? q.offset(at) : ring.offset(at);
            if ((first & MemifRing.NEXT) != 0 || !client && ((int) first >>> 16) != region || length == 0
                    || length > m.bufLen() - Mbuf.HEADROOM || offset > most - length) {
                break;
            }
            m.received((int) length, port);
            m.write(0, memory, offset, (int) length);
        }
        return i;
    }

    private boolean one(MemifQueue q, Mbuf m, int flags, int at) {
        long length = q.ring.length(at);
        long offset = q.offset(at);
        int region = q.region(flags, offset, length);
        if (region < 0 || length > MAX_BYTES || length == 0) {
            errors++;
            return false;
        }
        if (length > m.bufLen() - Mbuf.HEADROOM) {
            // nor one of what was copied before
            q.settle();
        }
        if (!Frames.in(q.regions[region], offset, (int) length, m, pool, port)) {
            noMbuf++;
            return false;
        }
        return true;
    }

    /** A packet of several buffers; its end must have been published with its beginning. */
    private boolean chain(MemifQueue q, Mbuf head, int from, int end) {
        int flags = q.ring.flagsAndRegion(from);
        if (!one(q, head, flags, from)) {
            return false;
        }
        q.settle();
        for (int at = from + 1; (flags & MemifRing.NEXT) != 0; at++) {
            Mbuf m = at == end ? null : pool.alloc();
            if (m == null) {
                noMbuf += at == end ? 0 : 1;
                return drop(head, at == end);
            }
            apart = m;
            flags = q.ring.flagsAndRegion(at);
            boolean whole = one(q, m, flags, at);
            q.settle();
            apart = null;
            if (!whole) {
                m.free();
                return drop(head, false);
            }
            if (!join(q, head, m)) {
                return drop(head, false);
            }
        }
        return true;
    }

    /** Takes packets where the peer put them. */
    private int takeLent(MemifQueue q, Mbuf[] pkts, int max, int ready) {
        int end = q.at + ready;
        int at = q.at;
        int out = 0;
        long sum = 0;
        while (out < max && at != end) {
            int plain = q.loans.receive(q.ring, pkts, out, at, Math.min(max - out, end - at), port);
            for (int last = out + plain; out < last; out++) {
                sum += pkts[out].dataLen();
            }
            at += plain;
            if (out == max || at == end) {
                break;
            }
            Mbuf head = null;
            boolean whole = true;
            int flags;
            do {
                flags = q.ring.flagsAndRegion(at);
                if ((flags & MemifRing.NEXT) != 0 && at + 1 == end) {
                    // its end was published with it, but perhaps after the peer's index was read
                    end = q.at + q.look(true);
                    if (at + 1 == end) {
                        q.badDescriptors++;
                        errors++;
                        whole = false;
                        flags = 0;
                    }
                }
                Mbuf m = whole ? segment(q, at, flags) : null;
                at++;
                if (m == null || head != null && !join(q, head, m)) {
                    whole = false;
                } else if (head == null) {
                    head = m;
                }
            } while ((flags & MemifRing.NEXT) != 0);
            if (whole) {
                pkts[out++] = head;
                sum += head.pktLen();
            } else if (head != null) {
                head.free();
            }
        }
        giveBack(q, at);
        packets += out;
        bytes += sum;
        return out;
    }

    /** What one descriptor tells of: the packet that was lent, or a copy of what is in the slot's own buffer; null when it is lost. */
    private Mbuf segment(MemifQueue q, int at, int flags) {
        Mbuf m = q.loans.take(at);
        if (m == null) {
            m = pool.alloc();
            if (m == null) {
                noMbuf++;
            } else if (one(q, m, flags, at)) {
                copied++;
                return m;
            }
        } else {
            long length = q.ring.length(at);
            if (length != 0 && length <= m.bufLen() - Mbuf.HEADROOM) {
                m.received((int) length, port);
                return m;
            }
            m.received(0, port);
            q.badDescriptors++;
            errors++;
        }
        if (m != null) {
            m.free();
        }
        return null;
    }

    private boolean join(MemifQueue q, Mbuf head, Mbuf m) {
        if (head.pktLen() + m.pktLen() <= MAX_BYTES && head.chain(m)) {
            return true;
        }
        m.free();
        q.badDescriptors++;
        errors++;
        return false;
    }

    private boolean drop(Mbuf head, boolean endless) {
        if (endless) {
            queue.badDescriptors++;
            errors++;
        }
        head.freeRest();
        return false;
    }

    private static int after(MemifQueue q, int from, int end) {
        int at = from;
        while (at != end && (q.ring.flagsAndRegion(at++) & MemifRing.NEXT) != 0) {
            // the peer may write meanwhile; the end bounds it
        }
        return at;
    }

    private void giveBack(MemifQueue q, int to) {
        if (q.loans != null) {
            q.loans.offer(q, to, pool);
            q.ring.head(to + q.ring.size());
        } else if (q.client) {
            for (int at = q.at; at != to; at++) {
                q.ring.length(at, q.bufferBytes);
            }
            q.ring.head(to + q.ring.size());
        } else {
            q.ring.tail(to);
        }
        q.moved(to);
    }

    private void release(Mbuf[] pkts, int from, int to) {
        for (int i = from; i < to; i++) {
            pkts[i].received(0, port);
        }
        Mbuf.freeBulk(pkts, from, to - from);
    }

    @Override
    protected Fd interruptFd() {
        return queue.watch.fd();
    }

    /** A sender, DPDK's too, moves the index and looks at once whether somebody sleeps, when others may not see the index yet. */
    @Override
    protected boolean mayMissSleeper() {
        return true;
    }

    @Override
    protected void enableInterrupt() {
        interrupts(true);
    }

    @Override
    protected void disableInterrupt() {
        interrupts(false);
    }

    private void interrupts(boolean on) {
        if (!queue.enter()) {
            return;
        }
        try {
            queue.wake.take();
            queue.ring.polled(!on);
            // who sends moves the index, and then looks whether somebody sleeps; see mayMissSleeper
            VarHandle.fullFence();
            queue.settle();
        } catch (InternalError e) {
            queue.lose();
        } finally {
            queue.exit();
        }
    }

    @Override
    protected int waiting() {
        if (!queue.enter()) {
            return 0;
        }
        try {
            int n = queue.distance(queue.at, queue.client ? queue.ring.tail() : queue.ring.head());
            queue.settle();
            return n;
        } catch (InternalError e) {
            queue.lose();
            return 0;
        } finally {
            queue.exit();
        }
    }

    void close() {
        queue.watch.close();
    }
}
