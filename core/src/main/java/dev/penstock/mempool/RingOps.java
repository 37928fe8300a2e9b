package dev.penstock.mempool;

import dev.penstock.ring.Ring;

/** First in, first out (DPDK: ring_mp_mc and its relatives). */
record RingOps<E>(String name, Ring<E> ring) implements PoolOps<E> {
    @Override
    public boolean enqueue(E[] from, int offset, int n) {
        return ring.enqueueBulk(from, offset, n) == n;
    }

    @Override
    public boolean dequeue(E[] to, int offset, int n) {
        return ring.dequeueBulk(to, offset, n) == n;
    }

    @Override
    public int count() {
        return ring.count();
    }
}
