package dev.penstock.mempool;

import dev.penstock.ring.LockFreeStack;

/** Last in, first out, without a lock (DPDK: lf_stack). */
record LockFreeStackOps<E>(LockFreeStack<E> stack) implements PoolOps<E> {
    @Override
    public String name() {
        return "lf_stack";
    }

    @Override
    public boolean enqueue(E[] from, int offset, int n) {
        return stack.push(from, offset, n) == n;
    }

    @Override
    public boolean dequeue(E[] to, int offset, int n) {
        return stack.pop(to, offset, n) == n;
    }

    @Override
    public int count() {
        return stack.count();
    }
}
