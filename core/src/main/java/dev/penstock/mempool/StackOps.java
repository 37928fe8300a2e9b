package dev.penstock.mempool;

import dev.penstock.ring.Stack;

/** Last in, first out, under a spin lock (DPDK: stack). */
record StackOps<E>(Stack<E> stack) implements PoolOps<E> {
    @Override
    public String name() {
        return "stack";
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
