package dev.penstock.mempool;

import java.lang.reflect.Array;

/**
 * Objects kept aside for one thread, so that it seldom touches what all share (DPDK: rte_mempool_cache).
 * A pool has one for each worker; a thread that is no worker may own one and name it with each call. It
 * is flushed when it holds more than one and a half times its size.
 *
 * @param <E> the type of the objects
 */
public final class MempoolCache<E> {
    /** Largest size (DPDK: RTE_MEMPOOL_CACHE_MAX_SIZE). */
    public static final int MAX_SIZE = 512;

    final E[] objects;
    final int size;
    final MempoolStats stats = new MempoolStats();
    int length;

    @SuppressWarnings("unchecked")
    MempoolCache(Class<E> type, int size) {
        this.size = size;
        this.objects = (E[]) Array.newInstance(type, size + size / 2);
    }

    /**
     * How many objects it is refilled to.
     *
     * @return the size given at creation
     */
    public int size() {
        return size;
    }

    /**
     * How many objects it holds.
     *
     * @return the count; exact only in the owner's thread
     */
    public int count() {
        return length;
    }
}
