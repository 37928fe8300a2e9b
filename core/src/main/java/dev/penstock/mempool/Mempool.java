package dev.penstock.mempool;

import dev.penstock.eal.LcoreThread;
import dev.penstock.ring.Ring;
import java.lang.reflect.Array;
import java.util.function.IntFunction;

/**
 * A fixed set of objects, created once, with a cache for each worker (DPDK: rte_mempool).
 *
 * @param <E> the type of the objects
 */
public class Mempool<E> {
    private final String name;
    private final Class<E> type;
    private final int size;
    private final int cacheSize;
    private final Ring<E> store;
    private final Cache<E>[] caches;

    private static final class Cache<E> {
        final E[] objects;
        int length;

        Cache(E[] objects) {
            this.objects = objects;
        }
    }

    /**
     * A pool that is still empty.
     *
     * @param name for people
     * @param type the class of the objects
     * @param size how many
     * @param cacheSize how many a worker may keep aside; 0 for no cache
     */
    @SuppressWarnings({"unchecked", "rawtypes"})
    protected Mempool(String name, Class<E> type, int size, int cacheSize) {
        this.name = name;
        this.type = type;
        this.size = size;
        this.cacheSize = cacheSize;
        this.store = new Ring<>(name, type, Integer.highestOneBit(size) << 1, Ring.Sync.MULTI, Ring.Sync.MULTI);
        this.caches = new Cache[LcoreThread.MAX_SLOTS];
    }

    /**
     * Creates a pool and all its objects.
     *
     * @param <E> the type of the objects
     * @param name for people
     * @param type the class of the objects
     * @param size how many
     * @param cacheSize how many a worker may keep aside; 0 for no cache
     * @param factory makes object number i
     * @return the pool
     */
    public static <E> Mempool<E> create(String name, Class<E> type, int size, int cacheSize, IntFunction<E> factory) {
        Mempool<E> pool = new Mempool<>(name, type, size, cacheSize);
        pool.populate(factory);
        return pool;
    }

    /**
     * Creates all objects; called once.
     *
     * @param factory makes object number i
     */
    @SuppressWarnings("unchecked")
    protected final void populate(IntFunction<E> factory) {
        E[] all = (E[]) Array.newInstance(type, size);
        for (int i = 0; i < size; i++) {
            all[i] = factory.apply(i);
        }
        store.enqueueBulk(all, 0, size);
    }

    /**
     * The name given at creation.
     *
     * @return the name
     */
    public final String name() {
        return name;
    }

    /**
     * How many objects the pool owns.
     *
     * @return the count
     */
    public final int size() {
        return size;
    }

    /**
     * How many objects are in the pool, caches included; exact only when nobody uses the pool.
     *
     * @return the count
     */
    public final int availCount() {
        int n = store.count();
        for (Cache<E> cache : caches) {
            n += cache == null ? 0 : cache.length;
        }
        return n;
    }

    /**
     * Takes n objects, or none.
     *
     * @param to where they go
     * @param offset index of the first
     * @param n how many
     * @return false when the pool has fewer
     */
    public final boolean getBulk(E[] to, int offset, int n) {
        Cache<E> cache = cache();
        if (cache == null || n > cacheSize) {
            return store.dequeueBulk(to, offset, n) == n;
        }
        if (cache.length < n && !refill(cache, n)) {
            return false;
        }
        int length = cache.length - n;
        System.arraycopy(cache.objects, length, to, offset, n);
        cache.length = length;
        return true;
    }

    /**
     * Gives n objects back.
     *
     * @param from the objects, each taken from this pool
     * @param offset index of the first
     * @param n how many
     */
    public final void putBulk(E[] from, int offset, int n) {
        Cache<E> cache = cache();
        if (cache == null || n > cacheSize) {
            store.enqueueBulk(from, offset, n);
            return;
        }
        int length = cache.length;
        if (length + n > cache.objects.length) {
            store.enqueueBulk(cache.objects, 0, length);
            length = 0;
        }
        System.arraycopy(from, offset, cache.objects, length, n);
        cache.length = length + n;
    }

    private boolean refill(Cache<E> cache, int n) {
        int want = n + cacheSize - cache.length;
        want = Math.min(want, cache.objects.length - cache.length);
        if (store.dequeueBulk(cache.objects, cache.length, want) == 0) {
            want = n - cache.length;
            if (store.dequeueBulk(cache.objects, cache.length, want) == 0) {
                return false;
            }
        }
        cache.length += want;
        return true;
    }

    private Cache<E> cache() {
        int slot = LcoreThread.currentSlot();
        if (slot < 0 || cacheSize == 0) {
            return null;
        }
        Cache<E> cache = caches[slot];
        return cache != null ? cache : makeCache(slot);
    }

    @SuppressWarnings("unchecked")
    private Cache<E> makeCache(int slot) {
        return caches[slot] = new Cache<>((E[]) Array.newInstance(type, cacheSize + cacheSize / 2));
    }
}
