package dev.penstock.mbuf;

import dev.penstock.eal.Eal;
import dev.penstock.eal.Memzone;
import dev.penstock.mempool.Mempool;

/** A pool of packets with their data rooms (DPDK: rte_pktmbuf_pool). */
public final class MbufPool extends Mempool<Mbuf> {
    /** Data room that holds a 1518-byte frame with room to spare, headroom included. */
    public static final int DEFAULT_DATA_ROOM = 2048 + Mbuf.HEADROOM;

    private final int dataRoom;

    private MbufPool(Eal eal, String name, int size, int cacheSize, int dataRoom, int socket) {
        super(name, Mbuf.class, size, cacheSize);
        this.dataRoom = dataRoom;
        long stride = (dataRoom + 63L) & ~63L;
        Memzone zone = eal.reserve("mp_" + name, stride * size, 64, socket);
        long base = zone.segment().address();
        populate(i -> new Mbuf(this, base + i * stride, dataRoom));
    }

    /**
     * Creates a pool.
     *
     * @param eal whose memory it takes
     * @param name for people
     * @param size how many packets
     * @param cacheSize how many each worker keeps aside
     * @param dataRoom bytes for a packet, headroom included, at most 65535
     * @param socket NUMA node, or -1 for any
     * @return the pool
     */
    public static MbufPool create(Eal eal, String name, int size, int cacheSize, int dataRoom, int socket) {
        return new MbufPool(eal, name, size, cacheSize, dataRoom, socket);
    }

    /** @return bytes for a packet, headroom included */
    public int dataRoom() {
        return dataRoom;
    }

    /**
     * Allocates n empty packets, or none.
     *
     * @param to where they go
     * @param offset index of the first
     * @param n how many
     * @return false when the pool has fewer
     */
    public boolean allocBulk(Mbuf[] to, int offset, int n) {
        if (!getBulk(to, offset, n)) {
            return false;
        }
        for (int i = offset; i < offset + n; i++) {
            to[i].reset();
        }
        return true;
    }

    void free(Mbuf m) {
        putBulk(new Mbuf[] {m}, 0, 1);
    }
}
