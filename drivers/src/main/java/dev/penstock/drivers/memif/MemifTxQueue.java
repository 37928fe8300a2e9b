package dev.penstock.drivers.memif;

import dev.penstock.ethdev.TxQueue;
import dev.penstock.mbuf.Mbuf;
import java.lang.foreign.MemorySegment;

/** Copies packets into shared buffers, or lends them, and publishes them, once a burst. */
final class MemifTxQueue extends TxQueue {
    /** What part of a ring may be lent before the peer is asked whether it has read some. */
    private static final int UNREAD = 8;

    final MemifQueue queue = new MemifQueue();

    /** Packets that not even an empty ring could take. */
    long tooLong;
    /** Buffers that the peer offered outside its memory, with the packets that were meant for them. */
    long badBuffers;
    /** Packets that were copied although the port lends its own. */
    long copied;

    @Override
    protected boolean isUsed() {
        return queue.ring != null;
    }

    @Override
    protected int transmit(Mbuf[] pkts, int from, int n) {
        MemifQueue q = queue;
        if (!q.enter()) {
            return 0;
        }
        try {
            int sent = q.loans == null ? send(q, pkts, from, n) : lend(q, pkts, from, n);
            q.settle();
            return sent;
        } catch (InternalError e) {
            q.lose();
            return 0;
        } finally {
            q.exit();
        }
    }

    private int send(MemifQueue q, Mbuf[] pkts, int from, int n) {
        int end = q.at + q.free(n);
        int at = q.at;
        int sent = 0;
        long sum = 0;
        int i = from;
        while (i < from + n && at != end) {
            int plain = sendPlain(q, pkts, i, at, Math.min(from + n - i, end - at));
            for (int last = i + plain; i < last; i++) {
                sum += pkts[i].dataLen();
            }
            at += plain;
            sent += plain;
            if (i == from + n || at == end) {
                break;
            }
            Mbuf m = pkts[i];
            int length = m.pktLen();
            int taken = m.nbSegs() == 1 ? one(q, m, at, end) : pieces(q, m, at, end);
            if (taken == 0) {
                int before = end;
                end = q.at + q.look(false);
                if (end == before) {
                    break;
                }
                continue;
            }
            i++;
            if (taken > 0) {
                at += taken;
                sent++;
                sum += length;
            }
            if (at == end) {
                end = q.at + q.look(false);
            }
        }
        publish(q, at);
        // an error of what was copied is to be raised while the packets are still the caller's
        q.settle();
        packets += sent;
        bytes += sum;
        Mbuf.freeBulk(pkts, from, i - from);
        return i - from;
    }

    /**
     * Copies packets of one segment into a buffer each, in the region of the first, as long as the next are such and the
     * buffers are sound. A method of its own, so that the JIT sees its loop apart from the many polls of a full ring.
     */
    private static int sendPlain(MemifQueue q, Mbuf[] pkts, int from, int slot, int n) {
        MemifRing ring = q.ring;
        boolean client = q.client;
        int region = client ? 0 : (int) ring.first(slot) >>> 16;
        if (region >= q.regions.length) {
            return 0;
        }
        MemorySegment memory = q.regions[region];
        long most = memory.byteSize();
        int i = 0;
        for (; i < n; i++) {
            int at = slot + i;
            Mbuf m = pkts[from + i];
            int length = m.dataLen();
            long had = ring.first(at);
            long first = client ? (long) q.bufferBytes << 32 : had;
            long offset = client ? q.offset(at) : ring.offset(at);
            if (m.next() != null || length > first >>> 32 || ((int) first >>> 16) != region || offset > most - length) {
                break;
            }
            m.read(0, memory, offset, length);
            long has = (long) region << 16 | (long) length << 32;
            if (had != has) {
                // a line that both only read stays in both caches
                ring.first(at, has);
            }
        }
        return i;
    }

    /** Lends packets where they lie, and copies those that the peer could not see or somebody else has too. */
    private int lend(MemifQueue q, Mbuf[] pkts, int from, int n) {
        if (q.loans.unread(q.at) >= q.ring.size() / UNREAD) {
            q.look(false);
        }
        int end = q.at + q.free(n);
        int at = q.at;
        int sent = 0;
        long sum = 0;
        int i = from;
        while (i < from + n && at != end) {
            int lent = q.loans.send(q.ring, pkts, i, at, Math.min(from + n - i, end - at));
            for (int last = i + lent; i < last; i++) {
                sum += pkts[i].dataLen();
            }
            at += lent;
            sent += lent;
            if (i == from + n || at == end) {
                break;
            }
            Mbuf m = pkts[i];
            int taken = m.nbSegs() == 1 ? one(q, m, at, end) : pieces(q, m, at, end);
            if (taken == 0) {
                int before = end;
                end = q.at + q.look(false);
                if (end == before) {
                    break;
                }
                continue;
            }
            for (int last = at + Math.max(0, taken); at < last; at++) {
                q.ring.offset(at, (int) q.offset(at));
            }
            if (taken > 0) {
                sent++;
                copied++;
                sum += m.pktLen();
            }
            m.free();
            i++;
        }
        publish(q, at);
        packets += sent;
        bytes += sum;
        return i - from;
    }

    private void publish(MemifQueue q, int at) {
        if (at == q.at) {
            return;
        }
        if (q.client) {
            q.ring.head(at);
        } else {
            q.ring.tail(at);
        }
        q.moved(at);
        if (q.ring.wantsInterrupt()) {
            q.wake.signal();
        }
    }

    /** @return 1 when the packet fitted into one buffer, else what {@link #pieces} says */
    private int one(MemifQueue q, Mbuf m, int at, int end) {
        int length = m.dataLen();
        int flags = q.client ? 0 : q.ring.flagsAndRegion(at);
        long room = q.client ? q.bufferBytes : q.ring.length(at);
        if (length > room) {
            return pieces(q, m, at, end);
        }
        long offset = q.offset(at);
        int region = q.region(flags, offset, length);
        if (region < 0) {
            return refused();
        }
        m.read(0, q.regions[region], offset, length);
        q.ring.flagsAndRegion(at, region << 16);
        q.ring.length(at, length);
        return 1;
    }

    private int refused() {
        badBuffers++;
        errors++;
        return -1;
    }

    /**
     * A packet of several segments, or longer than a buffer.
     *
     * @return how many buffers it took; 0 when the ring has too few just now; -1 when it is lost, and counted
     */
    private int pieces(MemifQueue q, Mbuf packet, int from, int end) {
        int at = from;
        int filled = 0;
        long room = 0;
        MemorySegment memory = null;
        long offset = 0;
        for (Mbuf m = packet; m != null; m = m.next()) {
            for (int done = 0; done < m.dataLen();) {
                if (filled == room) {
                    if (memory != null) {
                        q.ring.length(at, filled);
                        at++;
                    }
                    if (at == end) {
                        return full(q, at - from);
                    }
                    int flags = q.ring.flagsAndRegion(at);
                    room = q.client ? q.bufferBytes : q.ring.length(at);
                    offset = q.offset(at);
                    int region = room == 0 ? -1 : q.region(flags, offset, room);
                    if (region < 0) {
                        return refused();
                    }
                    memory = q.regions[region];
                    q.ring.flagsAndRegion(at, region << 16 | MemifRing.NEXT);
                    filled = 0;
                }
                int part = (int) Math.min(room - filled, m.dataLen() - done);
                m.read(done, memory, offset + filled, part);
                done += part;
                filled += part;
            }
        }
        if (memory == null) {
            return refused();
        }
        q.ring.length(at, filled);
        q.ring.flagsAndRegion(at, q.ring.flagsAndRegion(at) & ~MemifRing.NEXT);
        return at + 1 - from;
    }

    /** Some packet waits for buffers, unless it had the whole ring already. */
    private int full(MemifQueue q, int had) {
        if (had < q.ring.size()) {
            return 0;
        }
        tooLong++;
        errors++;
        return -1;
    }
}
