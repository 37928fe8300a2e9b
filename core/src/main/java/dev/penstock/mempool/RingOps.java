package dev.penstock.mempool;

import dev.penstock.ring.Pile;

/** First in, first out (DPDK: ring_mp_mc and its relatives); last in, first out where a {@link Pile} keeps elements for one thread. */
record RingOps<E>(String name, Pile<E> pile) implements PoolOps<E> {
    @Override
    public boolean enqueue(E[] from, int offset, int n) {
        return pile.push(from, offset, n);
    }

    @Override
    public boolean dequeue(E[] to, int offset, int n) {
        return pile.pop(to, offset, n);
    }

    @Override
    public int count() {
        return pile.count();
    }
}
