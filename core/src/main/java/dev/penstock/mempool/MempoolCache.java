package dev.penstock.mempool;

import dev.penstock.eal.Apart;

/** A cache's fields, of which its thread writes one with each call. */
abstract class MempoolCacheFields<E> extends Apart {
    final E[] objects;
    final int size;
    /** How many it holds at most. */
    final int most;
    final MempoolStats stats = new MempoolStats();
    int length;

    MempoolCacheFields(Class<E> type, int size) {
        this.size = size;
        this.most = size + size / 2;
        this.objects = array(type, most);
    }
}

/**
 * Objects kept aside for one thread, so that it seldom touches what all share (DPDK: rte_mempool_cache).
 * A pool has one for each worker; a thread that is no worker may own one and name it with each call. It
 * is flushed when it holds more than one and a half times its size.
 *
 * @param <E> the type of the objects
 */
public final class MempoolCache<E> extends MempoolCacheFields<E> {
    /** Largest size (DPDK: RTE_MEMPOOL_CACHE_MAX_SIZE). */
    public static final int MAX_SIZE = 512;

    @SuppressWarnings("unused")
    private long b0, b1, b2, b3, b4, b5, b6, b7, b8, b9, b10, b11, b12, b13, b14, b15;

    MempoolCache(Class<E> type, int size) {
        super(type, size);
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
