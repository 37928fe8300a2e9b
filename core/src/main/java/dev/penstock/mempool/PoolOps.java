package dev.penstock.mempool;

import dev.penstock.ring.LockFreeStack;
import dev.penstock.ring.Pile;
import dev.penstock.ring.Ring;
import dev.penstock.ring.Stack;

/**
 * Where a pool keeps the objects that are in no worker's cache (DPDK: rte_mempool_ops). Write your own
 * for another order or another kind of memory.
 *
 * @param <E> the type of the objects
 */
public interface PoolOps<E> {
    /**
     * What it is called, for {@link Mempool#dump()}.
     *
     * @return the name
     */
    String name();

    /**
     * Takes objects in, all or none.
     *
     * @param from the objects
     * @param offset index of the first
     * @param n how many
     * @return false when there is no room, which means that something was put back twice
     */
    boolean enqueue(E[] from, int offset, int n);

    /**
     * Gives objects out, all or none.
     *
     * @param to where they go
     * @param offset index of the first
     * @param n how many
     * @return false when there are fewer
     */
    boolean dequeue(E[] to, int offset, int n);

    /**
     * How many are inside; exact only when nobody uses it.
     *
     * @return the count
     */
    int count();

    /**
     * Makes the store that DPDK calls by this name: ring_mp_mc, ring_sp_sc, ring_mp_sc, ring_sp_mc,
     * ring_mt_rts, ring_mt_hts, stack or lf_stack.
     *
     * @param <E> the type of the objects
     * @param ops DPDK's name
     * @param pool the name of the pool
     * @param type the class of the objects
     * @param size how many it holds
     * @return an empty store
     */
    static <E> PoolOps<E> named(String ops, String pool, Class<E> type, int size) {
        return switch (ops) {
            case "ring_mp_mc" -> ring(ops, pool, type, size, Ring.Sync.MULTI, Ring.Sync.MULTI);
            case "ring_sp_sc" -> ring(ops, pool, type, size, Ring.Sync.SINGLE, Ring.Sync.SINGLE);
            case "ring_mp_sc" -> ring(ops, pool, type, size, Ring.Sync.MULTI, Ring.Sync.SINGLE);
            case "ring_sp_mc" -> ring(ops, pool, type, size, Ring.Sync.SINGLE, Ring.Sync.MULTI);
            case "ring_mt_rts" -> ring(ops, pool, type, size, Ring.Sync.RTS, Ring.Sync.RTS);
            case "ring_mt_hts" -> ring(ops, pool, type, size, Ring.Sync.HTS, Ring.Sync.HTS);
            case "stack" -> new StackOps<>(new Stack<>(pool, type, size));
            case "lf_stack" -> new LockFreeStackOps<>(new LockFreeStack<>(pool, type, size));
            default -> throw new IllegalArgumentException("pool " + pool + ": no pool ops are called '" + ops
                    + "'; there are ring_mp_mc, ring_sp_sc, ring_mp_sc, ring_sp_mc, ring_mt_rts, ring_mt_hts, stack and "
                    + "lf_stack");
        };
    }

    private static <E> PoolOps<E> ring(String ops, String pool, Class<E> type, int size, Ring.Sync put, Ring.Sync get) {
        return new RingOps<>(ops, new Pile<>(new Ring<>(pool, type, Integer.highestOneBit(size) << 1, put, get)));
    }
}
