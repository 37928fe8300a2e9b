package dev.penstock.mempool;

import dev.penstock.eal.LcoreThread;
import dev.penstock.eal.References;
import dev.penstock.ring.Pile;
import java.lang.reflect.Array;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.IntFunction;

/**
 * A fixed set of objects, created once, with a cache for each worker (DPDK: rte_mempool).
 *
 * <p>Any thread may use a pool, unless its {@link PoolOps} say otherwise. A worker ({@link LcoreThread})
 * has a cache of its own; another thread goes to the common pool, or names a cache that it owns. Of a pool without caches a worker
 * may keep some objects aside too, but any thread that finds too few in the common pool gets them ({@link Pile}).
 *
 * @param <E> the type of the objects
 */
public class Mempool<E> {
    private static final boolean CHECKED = Boolean.getBoolean("penstock.checked");

    private final String name;
    private final Class<E> type;
    private final int size;
    private final int cacheSize;
    private final PoolOps<E> store;
    /** The store as a pile, when it is a ring: what follows a compare-and-set waits for each reference that leads to the next. */
    private final Pile<E> pile;
    private final E[] all;
    private final MempoolCache<E>[] caches;
    private final MempoolStats shared = new MempoolStats();
    /** Carries one object for a thread without a cache; guarded by {@link #shared}. */
    private final E[] one;

    /**
     * A pool that is still empty.
     *
     * @param name for people
     * @param type the class of the objects
     * @param size how many
     * @param cacheSize how many a worker may keep aside, at most 512 and size / 1.5; 0 for no cache
     * @param store where the objects are kept, empty, with room for all
     */
    @SuppressWarnings({"unchecked", "rawtypes"})
    protected Mempool(String name, Class<E> type, int size, int cacheSize, PoolOps<E> store) {
        checkSizes(name, size, cacheSize);
        this.name = name;
        this.type = type;
        this.size = size;
        this.cacheSize = cacheSize;
        this.store = store;
        this.pile = store instanceof RingOps<E> ops ? ops.pile() : null;
        if (pile != null && cacheSize == 0) {
            pile.keepAside(Math.min(MempoolCache.MAX_SIZE, size / 4));
        }
        this.all = (E[]) Array.newInstance(type, size);
        this.one = (E[]) Array.newInstance(type, 1);
        this.caches = new MempoolCache[LcoreThread.MAX_SLOTS];
    }

    /**
     * Raises the error that a pool of these sizes would.
     *
     * @param name the pool's name
     * @param size how many objects
     * @param cacheSize how many a worker may keep aside
     */
    protected static void checkSizes(String name, int size, int cacheSize) {
        if (size < 1 || size > 1 << 29) {
            throw new IllegalArgumentException("pool " + name + ": size " + size + " is not from 1 to " + (1 << 29));
        }
        if (cacheSize < 0 || cacheSize > MempoolCache.MAX_SIZE || cacheSize + cacheSize / 2 > size) {
            throw new IllegalArgumentException("pool " + name + ": cache size " + cacheSize + " is not from 0 to "
                    + Math.min(MempoolCache.MAX_SIZE, (int) (size / 1.5)) + ", the most for " + size
                    + " objects (512, or size / 1.5 if that is less)");
        }
    }

    /**
     * Creates a pool and all its objects.
     *
     * @param <E> the type of the objects
     * @param name for people
     * @param type the class of the objects
     * @param size how many
     * @param cacheSize how many a worker may keep aside, at most 512 and size / 1.5; 0 for no cache
     * @param factory makes object number i
     * @return the pool
     */
    public static <E> Mempool<E> create(String name, Class<E> type, int size, int cacheSize, IntFunction<E> factory) {
        return create(name, type, size, cacheSize, "ring_mp_mc", factory);
    }

    /**
     * Creates a pool whose common store is of a certain kind.
     *
     * @param <E> the type of the objects
     * @param name for people
     * @param type the class of the objects
     * @param size how many
     * @param cacheSize how many a worker may keep aside, at most 512 and size / 1.5; 0 for no cache
     * @param ops DPDK's name of the kind, see {@link PoolOps#named}
     * @param factory makes object number i
     * @return the pool
     */
    public static <E> Mempool<E> create(
            String name, Class<E> type, int size, int cacheSize, String ops, IntFunction<E> factory) {
        checkSizes(name, size, cacheSize);
        return create(name, type, size, cacheSize, PoolOps.named(ops, name, type, size), factory);
    }

    /**
     * Creates a pool with a common store of your own.
     *
     * @param <E> the type of the objects
     * @param name for people
     * @param type the class of the objects
     * @param size how many
     * @param cacheSize how many a worker may keep aside, at most 512 and size / 1.5; 0 for no cache
     * @param store empty, with room for all
     * @param factory makes object number i
     * @return the pool
     */
    public static <E> Mempool<E> create(
            String name, Class<E> type, int size, int cacheSize, PoolOps<E> store, IntFunction<E> factory) {
        Mempool<E> pool = new Mempool<>(name, type, size, cacheSize, store);
        pool.populate(factory);
        return pool;
    }

    /**
     * Creates all objects; called once.
     *
     * @param factory makes object number i
     */
    protected final void populate(IntFunction<E> factory) {
        if (all[0] != null) {
            throw new IllegalStateException("pool " + name + " is populated already");
        }
        for (int i = 0; i < size; i++) {
            all[i] = factory.apply(i);
        }
        if (!store.enqueue(all, 0, size)) {
            throw new IllegalArgumentException("pool " + name + ": its store " + store.name() + " has no room for "
                    + size + " objects");
        }
        if (pile != null) {
            pile.handOver();
        }
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
     * How many objects a worker keeps aside.
     *
     * @return the size given at creation
     */
    public final int cacheSize() {
        return cacheSize;
    }

    /**
     * The kind of the common store.
     *
     * @return DPDK's name of it
     */
    public final String opsName() {
        return store.name();
    }

    /**
     * How many objects are in the pool, caches included but for those that users own; exact only when
     * nobody uses the pool.
     *
     * @return the count
     */
    public final int availCount() {
        return Math.min(size, store.count() + cachedCount());
    }

    /**
     * How many objects are out of the pool, or in caches that users own; exact only when nobody uses the pool.
     *
     * @return the count
     */
    public final int inUseCount() {
        return size - availCount();
    }

    /** @return how many of {@link #availCount()} are in the workers' caches */
    public final int cachedCount() {
        int n = 0;
        for (MempoolCache<E> cache : caches) {
            n += cache == null ? 0 : cache.length;
        }
        return n;
    }

    /**
     * Makes a cache for the calling thread to own. Whoever drops it calls {@link #flush} before.
     *
     * @param cacheSize 1 to 512
     * @return an empty cache
     */
    public final MempoolCache<E> newCache(int cacheSize) {
        if (cacheSize == 0) {
            throw new IllegalArgumentException("a cache of pool " + name + " needs a size of 1 to 512");
        }
        checkSizes(name, size, cacheSize);
        return new MempoolCache<>(type, cacheSize);
    }

    /**
     * Gives all objects of a cache to the common pool.
     *
     * @param cache the calling thread's
     */
    public final void flush(MempoolCache<E> cache) {
        if (cache.length > 0) {
            giveBack(cache.objects, 0, cache.length, cache);
            cache.length = 0;
        }
    }

    /**
     * Takes one object.
     *
     * @return the object, or null when there is none
     */
    public final E get() {
        return get(cache());
    }

    /**
     * Takes one object by way of a cache.
     *
     * @param cache the calling thread's, or null for none
     * @return the object, or null when there is none
     */
    public final E get(MempoolCache<E> cache) {
        if (cache == null) {
            synchronized (shared) {
                return getBulk(null, one, 0, 1) ? one[0] : null;
            }
        }
        int length = cache.length;
        if (length == 0) {
            if (!refill(cache, 1)) {
                count(cache, 1, false);
                return null;
            }
            length = cache.length;
        }
        E object = cache.objects[--length];
        cache.length = length;
        count(cache, 1, true);
        if (CHECKED) {
            taken(object);
        }
        return object;
    }

    /**
     * Gives one object back.
     *
     * @param object taken from this pool
     */
    public final void put(E object) {
        put(cache(), object);
    }

    /**
     * Gives one object back by way of a cache.
     *
     * @param cache the calling thread's, or null for none
     * @param object taken from this pool
     */
    public final void put(MempoolCache<E> cache, E object) {
        if (cache == null) {
            synchronized (shared) {
                one[0] = object;
                putBulk(null, one, 0, 1);
            }
            return;
        }
        if (CHECKED) {
            returned(object);
        }
        int length = cache.length;
        if (length == cache.most) {
            giveBack(cache.objects, 0, length, cache);
            length = 0;
        }
        cache.objects[length] = object;
        cache.length = length + 1;
        if (MempoolStats.ENABLED) {
            cache.stats.put(1);
        }
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
        return getBulk(cache(), to, offset, n);
    }

    /**
     * Takes n objects, or none, by way of a cache.
     *
     * @param cache the calling thread's, or null for none
     * @param to where they go
     * @param offset index of the first
     * @param n how many
     * @return false when the pool has fewer
     */
    public final boolean getBulk(MempoolCache<E> cache, E[] to, int offset, int n) {
        if (cache != null && n <= cache.size) {
            E[] objects = cache.objects;
            int length = cache.length - n;
            if (length >= 0 && to.getClass() == objects.getClass()) {
                if (n == 1) {
                    to[offset] = objects[length];
                } else if (n == 4) {
                    References.copyFour(objects, length, to, offset);
                } else if (n == 8) {
                    References.copyEight(objects, length, to, offset);
                } else if (isTwo(n)) {
                    References.copyTwo(objects, length, to, offset);
                } else {
                    System.arraycopy(objects, length, to, offset, n);
                }
                cache.length = length;
                return counted(cache, to, offset, n, true);
            }
            return getRest(cache, to, offset, n);
        }
        boolean got = dequeue(to, offset, n) || cache != null && dequeueWith(cache, to, offset, n);
        if (MempoolStats.ENABLED && got) {
            gotCommon(cache, n);
        }
        return counted(cache, to, offset, n, got);
    }

    /** Where the common pool has too few for more than a cache holds: what is in the cache may be what lacks. */
    private boolean dequeueWith(MempoolCache<E> cache, E[] to, int offset, int n) {
        if (store.count() + cache.length < n) {
            return false;
        }
        flush(cache);
        return dequeue(to, offset, n);
    }

    /** Where the cache has too few, or the array is of another class. */
    private boolean getRest(MempoolCache<E> cache, E[] to, int offset, int n) {
        boolean got = cache.length >= n || refill(cache, n);
        if (got) {
            int length = cache.length - n;
            System.arraycopy(cache.objects, length, to, offset, n);
            cache.length = length;
        }
        return counted(cache, to, offset, n, got);
    }

    private boolean counted(MempoolCache<E> cache, E[] to, int offset, int n, boolean got) {
        count(cache, n, got);
        for (int i = offset; CHECKED && got && i < offset + n; i++) {
            taken(to[i]);
        }
        return got;
    }

    /**
     * Gives n objects back.
     *
     * @param from the objects, each taken from this pool
     * @param offset index of the first
     * @param n how many
     */
    public final void putBulk(E[] from, int offset, int n) {
        putBulk(cache(), from, offset, n);
    }

    /**
     * Gives n objects back by way of a cache.
     *
     * @param cache the calling thread's, or null for none
     * @param from the objects, each taken from this pool
     * @param offset index of the first
     * @param n how many
     */
    public final void putBulk(MempoolCache<E> cache, E[] from, int offset, int n) {
        if (CHECKED) {
            for (int i = offset; i < offset + n; i++) {
                returned(from[i]);
            }
        }
        if (MempoolStats.ENABLED) {
            countPut(cache, n);
        }
        if (cache != null && n <= cache.size) {
            E[] objects = cache.objects;
            int length = cache.length;
            if (length + n <= cache.most && from.getClass() == objects.getClass()) {
                if (n == 1) {
                    objects[length] = from[offset];
                } else if (n == 4) {
                    References.copyFour(from, offset, objects, length);
                } else if (n == 8) {
                    References.copyEight(from, offset, objects, length);
                } else if (isTwo(n)) {
                    References.copyTwo(from, offset, objects, length);
                } else {
                    System.arraycopy(from, offset, objects, length, n);
                }
                cache.length = length + n;
            } else {
                putRest(cache, from, offset, n);
            }
        } else {
            giveBack(from, offset, n, cache);
        }
    }

    /** Where the cache is full, or the array is of another class. */
    private void putRest(MempoolCache<E> cache, E[] from, int offset, int n) {
        int length = cache.length;
        if (length + n > cache.most) {
            giveBack(cache.objects, 0, length, cache);
            // before the copy, which may throw
            cache.length = 0;
            length = 0;
        }
        System.arraycopy(from, offset, cache.objects, length, n);
        cache.length = length + n;
    }

    /**
     * Asks so that the JIT does not take the number for a constant in the loop around: testpmd's bursts of two, whose loop it then
     * unrolls and checks beforehand, are slower by a tenth. Loops of one and of four gain by it.
     */
    private static boolean isTwo(int n) {
        return (n ^ 2) == 0;
    }

    /**
     * Told of each object that leaves the pool, in checked mode only.
     *
     * @param object the object
     */
    protected void taken(E object) {}

    /**
     * Told of each object that is put back, before it is, in checked mode only; may refuse by an exception.
     *
     * @param object the object
     */
    protected void returned(E object) {}

    private boolean refill(MempoolCache<E> cache, int n) {
        int room = cache.most - cache.length;
        int want = Math.min(n + cache.size - cache.length, room);
        if (!dequeue(cache.objects, cache.length, want)) {
            want = n - cache.length;
            if (!dequeue(cache.objects, cache.length, want)) {
                return false;
            }
        }
        if (MempoolStats.ENABLED) {
            cache.stats.gotCommon(want);
        }
        cache.length += want;
        return true;
    }

    private boolean dequeue(E[] to, int offset, int n) {
        return pile != null ? pile.pop(to, offset, n) : store.dequeue(to, offset, n);
    }

    private boolean enqueue(E[] from, int offset, int n) {
        return pile != null ? pile.push(from, offset, n) : store.enqueue(from, offset, n);
    }

    private void giveBack(E[] from, int offset, int n, MempoolCache<E> cache) {
        if (!enqueue(from, offset, n)) {
            throw new IllegalStateException("pool " + name + " of " + size
                    + " objects is given more than it owns: something was put back twice, or into the wrong pool; "
                    + "run with -Dpenstock.checked=true to find out where");
        }
        if (MempoolStats.ENABLED) {
            putCommon(cache, n);
        }
    }

    /**
     * The calling worker's cache, for a loop that names it in each call (DPDK: rte_mempool_default_cache).
     *
     * @return the cache; null when the pool has none for the thread
     */
    public final MempoolCache<E> defaultCache() {
        return cache();
    }

    private MempoolCache<E> cache() {
        int slot = LcoreThread.currentSlot();
        if (slot < 0 || cacheSize == 0) {
            return null;
        }
        MempoolCache<E> cache = caches[slot];
        return cache != null ? cache : makeCache(slot);
    }

    private MempoolCache<E> makeCache(int slot) {
        return caches[slot] = new MempoolCache<>(type, cacheSize);
    }

    private void count(MempoolCache<E> cache, int n, boolean got) {
        if (MempoolStats.ENABLED) {
            if (cache != null) {
                cache.stats.got(n, got);
            } else {
                synchronized (shared) {
                    shared.got(n, got);
                }
            }
        }
    }

    private void countPut(MempoolCache<E> cache, int n) {
        if (cache != null) {
            cache.stats.put(n);
        } else {
            synchronized (shared) {
                shared.put(n);
            }
        }
    }

    private void gotCommon(MempoolCache<E> cache, int n) {
        if (cache != null) {
            cache.stats.gotCommon(n);
        } else {
            synchronized (shared) {
                shared.gotCommon(n);
            }
        }
    }

    private void putCommon(MempoolCache<E> cache, int n) {
        if (cache != null) {
            cache.stats.putCommon(n);
        } else {
            synchronized (shared) {
                shared.putCommon(n);
            }
        }
    }

    /**
     * What was taken and given back, by workers and by threads without a cache.
     *
     * @return the sums, all 0 unless {@link MempoolStats#ENABLED}
     */
    public final MempoolStats stats() {
        MempoolStats sum = new MempoolStats();
        synchronized (shared) {
            sum.add(shared);
        }
        for (MempoolCache<E> cache : caches) {
            if (cache != null) {
                sum.add(cache.stats);
            }
        }
        return sum;
    }

    /**
     * Visits every object that the pool owns, in the pool or out of it (DPDK: rte_mempool_obj_iter).
     *
     * @param visitor is given each object in the order of creation
     */
    public final void forEach(Consumer<? super E> visitor) {
        for (E object : all) {
            visitor.accept(object);
        }
    }

    /**
     * Checks that each cache holds objects of this pool, each once (DPDK: rte_mempool_audit). For an idle pool.
     *
     * @throws IllegalStateException when not
     */
    public final void audit() {
        Set<E> own = Collections.newSetFromMap(new IdentityHashMap<>());
        Collections.addAll(own, all);
        for (int slot = 0; slot < caches.length; slot++) {
            MempoolCache<E> cache = caches[slot];
            for (int i = 0; cache != null && i < cache.length; i++) {
                if (!own.remove(cache.objects[i])) {
                    throw new IllegalStateException("pool " + name + ": the cache of worker " + slot + " holds "
                            + cache.objects[i] + ", which is not the pool's or was put back twice");
                }
            }
        }
        int common = store.count();
        if (common > own.size()) {
            throw new IllegalStateException("pool " + name + ": the common pool holds " + common + " of at most "
                    + own.size() + " objects; something was put back twice");
        }
    }

    /**
     * Describes the pool as rte_mempool_dump does.
     *
     * @return lines of text
     */
    public final String dump() {
        StringBuilder text = new StringBuilder();
        text.append("mempool <").append(name).append(">@0x").append(Integer.toHexString(System.identityHashCode(this)));
        text.append("\n  flags=").append(Integer.toHexString(flags()));
        text.append("\n  socket_id=").append(socket());
        text.append("\n  pool=0x").append(Integer.toHexString(System.identityHashCode(store)));
        text.append("\n  iova=0x").append(Long.toHexString(address()));
        text.append("\n  nb_mem_chunks=").append(memoryBytes() == 0 ? 0 : 1);
        text.append("\n  size=").append(size).append("\n  populated_size=").append(size);
        text.append("\n  header_size=").append(headerBytes()).append("\n  elt_size=").append(elementBytes());
        text.append("\n  trailer_size=").append(totalBytes() - headerBytes() - elementBytes());
        text.append("\n  total_obj_size=").append(totalBytes());
        text.append("\n  private_data_size=").append(privateBytes());
        text.append("\n  ops_index=").append(opsIndex()).append("\n  ops_name: <").append(store.name()).append(">\n");
        if (memoryBytes() != 0) {
            text.append(String.format("  avg bytes/object=%f%n", (double) memoryBytes() / size));
        }
        text.append("  internal cache infos:\n    cache_size=").append(cacheSize).append('\n');
        if (cacheSize != 0) {
            for (int slot = 0; slot < caches.length; slot++) {
                int n = caches[slot] == null ? 0 : caches[slot].length;
                text.append("    cache_count[").append(slot).append("]=").append(n).append('\n');
            }
            text.append("    total_cache_count=").append(cachedCount()).append('\n');
        }
        text.append("  common_pool_count=").append(Math.min(store.count(), size - cachedCount())).append('\n');
        text.append(MempoolStats.ENABLED ? stats().toString() : "  no statistics available\n");
        return text.toString();
    }

    private int opsIndex() {
        return List.of("ring_mp_mc", "ring_sp_sc", "ring_mp_sc", "ring_sp_mc", "ring_mt_rts", "ring_mt_hts",
                "stack", "lf_stack").indexOf(store.name());
    }

    /** @return DPDK's flags of the pool */
    protected int flags() {
        return 0;
    }

    /** @return the NUMA node it was asked for, or -1 */
    protected int socket() {
        return -1;
    }

    /** @return where its off-heap memory starts, or 0 */
    protected long address() {
        return 0;
    }

    /** @return bytes of off-heap memory of all objects */
    protected long memoryBytes() {
        return 0;
    }

    /** @return bytes of off-heap memory before each object */
    protected int headerBytes() {
        return 0;
    }

    /** @return bytes of off-heap memory of each object */
    protected int elementBytes() {
        return 0;
    }

    /** @return bytes from one object to the next */
    protected int totalBytes() {
        return headerBytes() + elementBytes();
    }

    /** @return bytes of private data of the pool */
    protected int privateBytes() {
        return 0;
    }
}
