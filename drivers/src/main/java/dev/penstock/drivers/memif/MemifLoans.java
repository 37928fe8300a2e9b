package dev.penstock.drivers.memif;

import dev.penstock.eal.Apart;
import dev.penstock.mbuf.IovaMap;
import dev.penstock.mbuf.Mbuf;
import dev.penstock.mbuf.MbufPool;
import java.util.Arrays;

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
        int plain = share.plain(pkts, from, n, 1);
        if (plain == 0) {
            return 0;
        }
        Mbuf[] holds = held;
        int region = share.region(IovaMap.plainIova(pkts[from]));
        long start = share.start(region);
        long first = (long) region << 16;
        for (int i = 0; i < plain; i++) {
            Mbuf m = pkts[from + i];
            holds[slot + i & mask] = m;
            ring.first(slot + i, first | (long) m.dataLen() << 32);
            ring.offset(slot + i, (int) (IovaMap.plainIova(m) - start) + m.dataOff());
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
        int left = unread(to);
        while (left > 0) {
            int slot = oldest & mask;
            int n = Math.min(left, mask + 1 - slot);
            Mbuf.freeBulk(held, slot, n);
            Arrays.fill(held, slot, slot + n, null);
            oldest = oldest + n & 0xffff;
            left -= n;
        }
    }

    /** How far the sender's position is beyond what {@link #read} has seen. */
    int unread(int at) {
        return at - oldest & 0xffff;
    }

    /**
     * Takes packets that the peer filled, each in one buffer that was lent, as long as the next are such and their lengths make
     * sense.
     *
     * @return how many
     */
    int receive(MemifRing ring, Mbuf[] pkts, int out, int slot, int n, int port) {
        Mbuf[] holds = held;
        int i = 0;
        for (; i < n; i++) {
            Mbuf m = holds[slot + i & mask];
            long first = ring.first(slot + i);
            long length = first >>> 32;
            if (m == null || (first & MemifRing.NEXT) != 0 || length == 0 || length > m.bufLen() - Mbuf.HEADROOM) {
                break;
            }
            holds[slot + i & mask] = null;
            m.received((int) length, port);
            pkts[out + i] = m;
        }
        return i;
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
            if (lends && offerPlain(q.ring, from, n, room)) {
                from += n;
                continue;
            }
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

    /** Lends packets of one region into slots that are all empty; false when they are not such. */
    private boolean offerPlain(MemifRing ring, int slot, int n, int room) {
        if (share.plain(some, 0, n, 0) < n) {
            return false;
        }
        Mbuf[] holds = held;
        for (int i = 0; i < n; i++) {
            if (holds[slot + i & mask] != null) {
                return false;
            }
        }
        int region = share.region(IovaMap.plainIova(some[0]));
        long start = share.start(region) - Mbuf.HEADROOM;
        long first = (long) region << 16 | (long) room << 32;
        for (int i = 0; i < n; i++) {
            Mbuf m = some[i];
            holds[slot + i & mask] = m;
            ring.first(slot + i, first);
            ring.offset(slot + i, (int) (IovaMap.plainIova(m) - start));
        }
        return true;
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
