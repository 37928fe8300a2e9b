package dev.penstock.hash;

import dev.penstock.rcu.DeferQueue;
import dev.penstock.rcu.Qsbr;
import dev.penstock.rcu.Reclaim;
import java.lang.invoke.VarHandle;
import java.lang.ref.Reference;
import java.util.BitSet;
import java.util.Objects;
import java.util.function.LongConsumer;

/**
 * Exact match of keys of one length, with 8 bytes of data each (DPDK: rte_hash): a bucketised cuckoo hash. Keys are
 * bytes of an array from an offset on. A key keeps its position, 0 to below the number of entries, while it is in
 * the table, so data of any size may be kept in an array beside it.
 *
 * <p>Any number of threads look up without a lock while others add and delete; those take turns, by a lock unless the
 * table is made for one writer. A look-up never misses a key that is there throughout. A position that is freed may soon
 * be another key's: with readers in other threads give {@link #rcu} their variable, or make the table without freeing on
 * delete.
 */
public final class Hash {
    /** The key is not in the table. */
    public static final int ABSENT = -1;
    /** No key can be added: all entries are used, or, when not extendable, no place was found. */
    public static final int FULL = -2;
    /** Greatest number of keys in one bulk look-up with data, the bits of its answer. */
    public static final int MAX_BULK = 64;

    /** Keys whose misses are under way at once; two words of a bit each are one. A pass's bit of key i is bit i modulo 64 until its end. */
    private static final int BURST = 32;
    private static final long ALL = 0xffff_ffffL;
    /** Bytes between keys, less than. */
    private static final int MAX_STRIDE = 1 << 20;
    /** A sum that what was touched can hardly have: it is asked for so that the JIT keeps the loads. */
    private static final long NEVER = 0x5bd1_e995_9e37_79b9L;

    private final HashConfig config;
    private final HashFunction function;
    /** The function, when it is the one that hashes a burst itself. */
    private final Multiply multiply;
    private final int keyLength;
    private final int init;
    private final Slots slots;
    private final Buckets buckets;
    /** The positions of deleted keys that wait for {@link #free}, in a table that does not free them itself. */
    private final BitSet deleted;
    /** The writers' lock with room around it: who looks up reads no line that a writer writes to, but what changed. */
    private final Object[] apart = {new long[Long.SIZE / 4], new Object(), new long[Long.SIZE / 4]};
    private final Object lock = apart[1];
    private Qsbr qsbr;
    private DeferQueue deferred;
    private LongConsumer freed = position -> {};

    /**
     * Makes an empty table.
     *
     * @param config its size and kind
     */
    public Hash(HashConfig config) {
        this.config = config;
        function = config.function();
        multiply = function instanceof Multiply m ? m : null;
        keyLength = config.keyLength();
        init = config.init();
        slots = new Slots(config.entries(), keyLength);
        deleted = new BitSet(config.freeOnDelete() ? 0 : config.entries());
        buckets = new Buckets(config.entries(), config.extendable());
    }

    /** @return how it was made */
    public HashConfig config() {
        return config;
    }

    /** @return keys in it */
    public int size() {
        int size = slots.size();
        Reference.reachabilityFence(this);
        return size;
    }

    /**
     * Names the readers that look-ups are made by (rte_hash_rcu_qsbr_add).
     *
     * @param readers their variable; each reader is quiescent between bursts
     * @param mode whether {@link #delete} waits for them or a later {@link #add} frees the position
     * @param onFree called with the position that no reader holds any more, before it is used again
     * @throws IllegalStateException when there is a variable already, or positions are freed by hand
     */
    public void rcu(Qsbr readers, Reclaim mode, LongConsumer onFree) {
        synchronized (lock) {
            setRcu(readers, mode, onFree);
        }
    }

    private void setRcu(Qsbr readers, Reclaim mode, LongConsumer onFree) {
        if (qsbr != null || !config.freeOnDelete()) {
            throw new IllegalStateException(qsbr != null ? "this hash has an RCU variable already; it takes one"
                    : "this hash frees no position on delete; make it with freeOnDelete(true) to use RCU");
        }
        qsbr = readers;
        freed = onFree;
        if (mode == Reclaim.DEFER) {
            deferred = new DeferQueue(readers, slots.entries(), 32, 64, this::reuse);
        }
    }

    /**
     * Hashes a key as this table does.
     *
     * @param key array that holds it
     * @param offset of its first byte
     * @return the hash, for the methods that take one
     */
    public int hash(byte[] key, int offset) {
        return function.hash(key, offset, keyLength, init);
    }

    /**
     * Adds a key, or changes the data of the one that is there.
     *
     * @param key array that holds it
     * @param offset of its first byte
     * @param hash what {@link #hash} gave
     * @param data its data
     * @return its position, or {@link #FULL}
     */
    public int add(byte[] key, int offset, int hash, long data) {
        int position;
        if (config.oneWriter()) {
            position = addAlone(key, offset, hash, data);
        } else {
            synchronized (lock) {
                position = addAlone(key, offset, hash, data);
            }
        }
        Reference.reachabilityFence(this);
        return position;
    }

    private int addAlone(byte[] key, int offset, int hash, long data) {
        int position = lookup(key, offset, hash);
        if (position >= 0) {
            slots.data(position, data);
            return position;
        }
        position = slots.take();
        if (position < 0 && deferred != null && deferred.reclaim(64) > 0) {
            position = slots.take();
        }
        if (position < 0) {
            return FULL;
        }
        slots.fill(position, key, offset, data);
        if (!buckets.add(hash, position)) {
            slots.free(position);
            return FULL;
        }
        slots.keep(position);
        return position;
    }

    /**
     * Adds a key, or changes the data of the one that is there.
     *
     * @param key its bytes, from the array's first on
     * @param data its data
     * @return its position, or {@link #FULL}
     */
    public int add(byte[] key, long data) {
        return add(key, 0, hash(key, 0), data);
    }

    /**
     * Takes a key out.
     *
     * @param key array that holds it
     * @param offset of its first byte
     * @param hash what {@link #hash} gave
     * @return the position it had, or {@link #ABSENT}
     */
    public int delete(byte[] key, int offset, int hash) {
        int position;
        if (config.oneWriter()) {
            position = deleteAlone(key, offset, hash);
        } else {
            synchronized (lock) {
                position = deleteAlone(key, offset, hash);
            }
        }
        Reference.reachabilityFence(this);
        return position;
    }

    private int deleteAlone(byte[] key, int offset, int hash) {
        int tag = buckets.tag(hash);
        int first = buckets.first(hash);
        long match = buckets.matches(first, tag);
        int position = buckets.position(first, match);
        if (match != 0 && slots.matches(position, key, offset)) {
            buckets.remove(first, match);
        } else {
            position = lookFurther(first, tag, key, offset);
            if (position < 0) {
                return ABSENT;
            }
            buckets.removePosition(hash, position);
        }
        return drop(position);
    }

    private int drop(int position) {
        slots.drop(position);
        if (!config.freeOnDelete()) {
            deleted.set(position);
        } else {
            if (deferred != null) {
                deferred.enqueue(position);
            } else {
                if (qsbr != null) {
                    qsbr.synchronize(Qsbr.NO_READER);
                }
                reuse(position);
            }
        }
        return position;
    }

    /**
     * Takes a key out.
     *
     * @param key its bytes, from the array's first on
     * @return the position it had, or {@link #ABSENT}
     */
    public int delete(byte[] key) {
        return delete(key, 0, hash(key, 0));
    }

    /** The writer's, whose lock is held where there is one. */
    private void reuse(long position) {
        try {
            freed.accept(position);
        } finally {
            slots.free((int) position);
        }
    }

    /**
     * Frees the position of a deleted key, in a table that does not do so itself (rte_hash_free_key_with_position).
     *
     * @param position what {@link #delete} gave
     * @throws IllegalStateException when the table frees on delete, or the position is a key's or free
     */
    public void free(int position) {
        synchronized (lock) {
            if (config.freeOnDelete() || !deleted.get(Objects.checkIndex(position, slots.entries()))) {
                throw new IllegalStateException(config.freeOnDelete() ? "this hash frees positions itself"
                        : "position " + position + (slots.isUsed(position) ? " is a key's; delete the key first" : " is free"));
            }
            deleted.clear(position);
            slots.free(position);
        }
        Reference.reachabilityFence(this);
    }

    /**
     * Finds a key.
     *
     * @param key array that holds it
     * @param offset of its first byte
     * @param hash what {@link #hash} gave
     * @return its position, or {@link #ABSENT}
     */
    public int lookup(byte[] key, int offset, int hash) {
        int tag = buckets.tag(hash);
        int first = buckets.first(hash);
        long match = buckets.matches(first, tag);
        int position = buckets.position(first, match);
        VarHandle.acquireFence();
        // Most keys are here, and alone with their tag; most of those that are absent have no bucket that is crowded.
        if (match == 0) {
            position = buckets.isCrowded(first) ? lookElsewhere(first, tag, key, offset) : ABSENT;
        } else if (!slots.matches(position, key, offset)) {
            position = lookFurther(first, tag, key, offset);
        }
        Reference.reachabilityFence(this);
        return position;
    }

    private int lookFurther(int first, int tag, byte[] key, int offset) {
        int position = search(first, tag, key, offset);
        if (position >= 0) {
            return position;
        }
        VarHandle.acquireFence();
        return buckets.isCrowded(first) ? lookElsewhere(first, tag, key, offset) : ABSENT;
    }

    /** In the other bucket and those that extend it; and in the first one again, since the key may have moved there meanwhile. */
    private int lookElsewhere(int first, int tag, byte[] key, int offset) {
        int second = buckets.other(first, tag);
        int moves;
        do {
            moves = buckets.moves();
            for (int b = second; ; ) {
                int position = search(b, tag, key, offset);
                if (position >= 0) {
                    return position;
                }
                b = buckets.next(b);
                if (b == 0) {
                    break;
                }
            }
            int position = search(first, tag, key, offset);
            if (position >= 0) {
                return position;
            }
            VarHandle.acquireFence();
        } while (moves != buckets.moves());
        return ABSENT;
    }

    /**
     * Finds a key.
     *
     * @param key its bytes, from the array's first on
     * @return its position, or {@link #ABSENT}
     */
    public int lookup(byte[] key) {
        return lookup(key, 0, hash(key, 0));
    }

    private int search(int bucket, int tag, byte[] key, int offset) {
        for (long m = buckets.matches(bucket, tag); m != 0; m &= m - 1) {
            int position = buckets.position(bucket, m);
            VarHandle.acquireFence();
            if (slots.matches(position, key, offset)) {
                return position;
            }
        }
        return ABSENT;
    }

    /**
     * Finds a burst of keys that lie one behind the other: the loads of several are under way at once.
     *
     * @param keys array that holds them
     * @param offset of the first one's first byte
     * @param positions gets their positions, {@link #ABSENT} where there is none
     * @param n how many
     * @throws IndexOutOfBoundsException when an array is shorter than that
     */
    public void lookupBulk(byte[] keys, int offset, int[] positions, int n) {
        check(keys, offset, keyLength, positions, n);
        for (int done = 0; done < n; done += BURST) {
            burst(keys, offset + done * keyLength, keyLength, null, positions, null, done, Math.min(BURST, n - done));
        }
        Reference.reachabilityFence(this);
    }

    /**
     * Finds a burst of keys whose hashes are known.
     *
     * @param keys array that holds them
     * @param offset of the first one's first byte
     * @param hashes what {@link #hash} gave for each; another array than positions
     * @param positions gets their positions, {@link #ABSENT} where there is none
     * @param n how many
     * @throws IndexOutOfBoundsException when an array is shorter than that
     */
    public void lookupBulk(byte[] keys, int offset, int[] hashes, int[] positions, int n) {
        check(keys, offset, keyLength, positions, n);
        Objects.checkFromIndexSize(0, n, hashes.length);
        for (int done = 0; done < n; done += BURST) {
            burst(keys, offset + done * keyLength, keyLength, hashes, positions, null, done, Math.min(BURST, n - done));
        }
        Reference.reachabilityFence(this);
    }

    /**
     * Finds a burst of keys and their data.
     *
     * @param keys array that holds them
     * @param offset of the first one's first byte
     * @param stride bytes from one key's first byte to the next one's; the key length when they lie one behind the other
     * @param positions gets their positions, {@link #ABSENT} where there is none
     * @param data gets their data; where there is no key it is left
     * @param n how many, up to {@link #MAX_BULK}
     * @return bit i is set when key i was found
     * @throws IndexOutOfBoundsException when an array is shorter than that, or n is greater
     */
    public long lookupBulkData(byte[] keys, int offset, int stride, int[] positions, long[] data, int n) {
        Objects.checkFromIndexSize(0, n, Math.min(MAX_BULK, data.length));
        check(keys, offset, stride, positions, n);
        long hits = 0;
        for (int done = 0; done < n; done += BURST) {
            hits |= burst(keys, offset + done * stride, stride, null, positions, data, done, Math.min(BURST, n - done)) << done;
        }
        Reference.reachabilityFence(this);
        return hits;
    }

    private void check(byte[] keys, int offset, int stride, int[] positions, int n) {
        Objects.checkFromIndexSize(0, n, positions.length);
        if (n > 0) {
            Objects.checkFromIndexSize(offset, Math.addExact(Math.multiplyExact(n - 1, Objects.checkIndex(stride, MAX_STRIDE)), keyLength), keys.length);
        }
    }

    /**
     * One burst, in which the misses of the cache overlap: a pass over all of it for the hashes, one to have the first buckets under way
     * and, where hints say that these are crowded, the second ones, one for what they name, one to have the keys' slots under way, one to
     * compare. A pass branches on nothing that it waits for but what is rare, and each is so short that the processor has all its loads
     * under way before the first one ends: behind a load that waits it goes on for some 250 instructions. Bit i of a word is key i's.
     */
    private long burst(byte[] keys, int offset, int stride, int[] hashes, int[] positions, long[] data, int from, int n) {
        int moves = buckets.moves();
        long touched = 0;
        hashAll(keys, offset, stride, hashes, positions, from, n);
        if (buckets.areMany()) {
            touched = buckets.touchAll(positions, from, n);
        }
        long none = buckets.findAll(positions, from, n);
        long unsure = 0;
        if (none != 0) {
            VarHandle.acquireFence();
            long second = secondBuckets(positions, from, none);
            none = second & ALL;
            unsure = second >>> BURST;
        }
        if (slots.areMany()) {
            touched += slots.touchAll(positions, from, n);
        }
        if (touched == NEVER) {
            Thread.onSpinWait();
        }
        VarHandle.acquireFence();
        if (moves != buckets.moves()) {
            unsure = none;
        }
        long wrong = none == 0 ? compare(keys, offset, stride, positions, data, from, n)
                : compareSome(keys, offset, stride, positions, data, from, ~none & ALL >>> BURST - n);
        for (long left = none; left != 0; left &= left - 1) {
            positions[from + Long.numberOfTrailingZeros(left)] = ABSENT;
        }
        unsure |= wrong;
        wrong |= none;
        for (long left = unsure; left != 0; left &= left - 1) {
            int i = Long.numberOfTrailingZeros(left);
            int position = lookup(keys, offset + i * stride, hashOf(keys, offset + i * stride, hashes, from + i));
            positions[from + i] = position;
            if (position >= 0) {
                wrong &= ~(1L << i);
                if (data != null) {
                    data[from + i] = slots.data(position);
                }
            }
        }
        VarHandle.acquireFence();
        return ~wrong & ALL >>> BURST - n;
    }

    private int hashOf(byte[] keys, int at, int[] hashes, int i) {
        return hashes == null ? hash(keys, at) : hashes[i];
    }

    /** Leaves the hashes where the positions will be. */
    private void hashAll(byte[] keys, int offset, int stride, int[] hashes, int[] positions, int from, int n) {
        if (hashes != null) {
            System.arraycopy(hashes, from, positions, from, n);
            return;
        }
        if (multiply != null) {
            multiply.hashAll(keys, offset, stride, keyLength, init, positions, from, n);
            return;
        }
        for (int i = 0, at = offset; i < n; i++, at += stride) {
            positions[from + i] = hash(keys, at);
        }
    }

    /**
     * Looks for the keys that are not in their first buckets. Those that are elsewhere get their positions, all others the position 0: a
     * slot that may be read. Which may be elsewhere is found without a branch, since of keys that are absent some are and some are not.
     *
     * @return the keys that are not there either, and in the upper half those whose buckets are extended
     */
    private long secondBuckets(int[] positions, int from, long elsewhere) {
        long crowded = 0;
        for (long left = elsewhere; left != 0; left &= left - 1) {
            int i = Long.numberOfTrailingZeros(left);
            int hash = positions[from + i];
            int sign = buckets.touch(buckets.first(hash)) >> 31;
            positions[from + i] = hash & sign;
            crowded |= (long) (sign & 1) << i;
        }
        long none = elsewhere & ~crowded;
        long extended = 0;
        for (long left = crowded; left != 0; left &= left - 1) {
            int i = Long.numberOfTrailingZeros(left);
            int hash = positions[from + i];
            int second = buckets.second(hash);
            int found = buckets.find(second, buckets.tag(hash));
            int position = buckets.positionAt(second, found);
            positions[from + i] = position & ~(position >> 31);
            none |= (long) Buckets.none(found) << i;
            extended |= position < 0 && buckets.next(second) != 0 ? 1L << i : 0;
        }
        return extended << BURST | none;
    }

    /** Which keys are not those of the positions that they have, all of which are some; where one is, its data is taken. */
    private long compare(byte[] keys, int offset, int stride, int[] positions, long[] data, int from, int n) {
        long wrong = 0;
        for (int i = 0; i < n; i++) {
            i = slots.compareAll(keys, offset + i * stride, stride, positions, data, from + i, from + n) - from;
            wrong |= i < n ? 1L << i : 0;
        }
        return wrong;
    }

    /** As {@link #compare}, of some keys: that the others are absent costs no branch that is foretold wrongly. */
    private long compareSome(byte[] keys, int offset, int stride, int[] positions, long[] data, int from, long some) {
        long wrong = 0;
        for (long left = some; left != 0; left &= left - 1) {
            int i = Long.numberOfTrailingZeros(left);
            int position = positions[from + i];
            if (!slots.matches(position, keys, offset + i * stride)) {
                wrong |= 1L << i;
            } else if (data != null) {
                data[from + i] = slots.data(position);
            }
        }
        return wrong;
    }

    /**
     * Reads the data of a key.
     *
     * @param position where it was found
     * @return its data
     */
    public long data(int position) {
        long data = slots.data(Objects.checkIndex(position, slots.entries()));
        VarHandle.acquireFence();
        Reference.reachabilityFence(this);
        return data;
    }

    /**
     * Changes the data of a key.
     *
     * @param position where it was found
     * @param data its data from now on
     */
    public void data(int position, long data) {
        slots.data(Objects.checkIndex(position, slots.entries()), data);
        Reference.reachabilityFence(this);
    }

    /**
     * Copies the key of a position (rte_hash_get_key_with_position).
     *
     * @param position where it was found
     * @param key gets the key
     * @param offset where its first byte goes
     */
    public void key(int position, byte[] key, int offset) {
        Objects.checkFromIndexSize(offset, keyLength, key.length);
        slots.copyKey(Objects.checkIndex(position, slots.entries()), key, offset);
        Reference.reachabilityFence(this);
    }

    /**
     * Visits the keys (rte_hash_iterate): {@code for (int p = hash.next(0); p >= 0; p = hash.next(p + 1))}. Keys that
     * are added or deleted meanwhile may be seen or not.
     *
     * @param from the position to begin at
     * @return the first position from there on that has a key, or {@link #ABSENT}
     */
    public int next(int from) {
        synchronized (lock) {
            return slots.nextUsed(from);
        }
    }

    /** Takes all keys out, and frees the positions of those that were deleted before: no reader may hold one. */
    public void clear() {
        byte[] key = new byte[keyLength];
        synchronized (lock) {
            for (int p = slots.nextUsed(0); p >= 0; p = slots.nextUsed(p + 1)) {
                slots.copyKey(p, key, 0);
                delete(key, 0, hash(key, 0));
            }
            deleted.stream().forEach(slots::free);
            deleted.clear();
            buckets.uncrowd();
        }
        Reference.reachabilityFence(this);
    }
}
