package dev.penstock.drivers.memif;

import dev.penstock.eal.Apart;
import dev.penstock.mbuf.Mbuf;
import dev.penstock.mbuf.MbufPool;

/**
 * The packets that a client's queue has lent its peer, one a slot: sent ones until they are read, empty ones until they
 * are filled. A slot that has none stands for its own buffer in the region of the rings. Where a packet lies is this
 * side's knowledge; what the peer writes into a descriptor is its length and whether it goes on.
 */
final class MemifLoans {
    private static final int BULK = 64;

    private final MemifShare share;
    private final Mbuf[] held;
    private final int mask;
    private final Mbuf[] some = Apart.array(Mbuf.class, BULK);
    /** The first position whose slot may hold a packet that was sent. */
    private int oldest;

    MemifLoans(MemifShare share, int size) {
        this.share = share;
        held = Apart.array(Mbuf.class, size);
        mask = size - 1;
    }

    /**
     * Lends packets that are sent, as long as they are of one segment in shared memory and nobody else's.
     *
     * @return how many, from the first on
     */
    int send(MemifRing ring, Mbuf[] pkts, int from, int slot, int n) {
        int plain = share.plain(pkts, from, n);
        for (int i = 0; i < plain; i++) {
            Mbuf m = pkts[from + i];
            put(ring, slot + i, m, share.place(m), m.dataOff(), m.dataLen());
        }
        return plain;
    }

    private void put(MemifRing ring, int slot, Mbuf m, long place, int at, int length) {
        held[slot & mask] = m;
        ring.first(slot, place >>> 32 << 16 | (long) length << 32);
        ring.offset(slot, (int) place + at);
    }

    /** Frees sent packets that the peer has read: those before a position. */
    void read(int to) {
        int n = 0;
        for (; oldest != (to & 0xffff); oldest = oldest + 1 & 0xffff) {
            Mbuf m = held[oldest & mask];
            if (m != null) {
                held[oldest & mask] = null;
                some[n++] = m;
            }
            if (n == BULK) {
                Mbuf.freeBulk(some, 0, n);
                n = 0;
            }
        }
        Mbuf.freeBulk(some, 0, n);
    }

    /** How far the sender's position is beyond what {@link #read} has seen. */
    int unread(int at) {
        return at - oldest & 0xffff;
    }

    /** The packet in a slot that is received, or null when the slot's own buffer has the data. The caller's from then on. */
    Mbuf take(int slot) {
        Mbuf m = held[slot & mask];
        held[slot & mask] = null;
        return m;
    }

    /**
     * Lends empty packets to be filled, and slots' own buffers where the pool has no more or cannot be seen by the peer.
     *
     * @param q the queue, whose slots from its position on were emptied
     * @param to the position behind them
     */
    void offer(MemifQueue q, int to, MbufPool pool) {
        int room = pool.dataRoom() - Mbuf.HEADROOM;
        for (int from = q.at; from != to;) {
            int n = Math.min(to - from, BULK);
            boolean lends = room > 0 && pool.allocRawBulk(some, 0, n);
            int used = 0;
            for (int i = 0; i < n; i++) {
                int slot = from + i;
                // one that the peer's nonsense left in its slot is lent again
                Mbuf m = held[slot & mask] != null ? held[slot & mask] : lends ? some[used] : null;
                long place = m == null ? -1 : share.place(m);
                if (place != -1) {
                    used += m == held[slot & mask] ? 0 : 1;
                    put(q.ring, slot, m, place, Mbuf.HEADROOM, room);
                } else {
                    q.ring.first(slot, (long) q.bufferBytes << 32);
                    q.ring.offset(slot, (int) q.offset(slot));
                }
            }
            if (lends && used < n) {
                release(used, n);
            }
            from += n;
        }
    }

    private void release(int from, int to) {
        for (int i = from; i < to; i++) {
            some[i].received(0, 0);
        }
        Mbuf.freeBulk(some, from, to - from);
    }

    /** Frees all that is lent, when the peer has gone. */
    void end() {
        for (int i = 0; i <= mask; i++) {
            Mbuf m = take(i);
            if (m != null) {
                m.free();
            }
        }
    }
}
