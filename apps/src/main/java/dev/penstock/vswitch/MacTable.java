package dev.penstock.vswitch;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.SplittableRandom;
import java.util.function.LongPredicate;

/**
 * Which port each address was seen behind (IEEE 802.1Q, 8.8: the filtering database): a flat table of open addressing,
 * keyed by address and filtering identifier, a number for each VLAN of each tenant.
 *
 * <p>Any thread may look up, without a lock: a reader may miss an address that is being moved at that moment, which floods
 * a packet, no more. Changes take a spin lock; the refresh of an address that is known does not. The multiplier of the hash
 * is random, so that a guest can't choose addresses that collide.
 */
public final class MacTable {
    /** What {@link #learn} did: nothing, since all was known. */
    static final int KNOWN = 0;
    /** What {@link #learn} did: added the address. */
    static final int LEARNED = 1;
    /** What {@link #learn} did: the address was behind another port. */
    static final int MOVED = 2;
    /** What {@link #learn} did: nothing, as the port has all the addresses it may have or others have the rest. */
    static final int REFUSED = 3;
    /** No port. */
    public static final int NONE = -1;

    private static final int MAX_PROBES = 64;
    /** The most addresses that are kept for each port, whatever the others have. */
    private static final int KEPT = 16;
    private static final int PORT_BITS = 16;
    private static final int SLICE = 512;
    private static final VarHandle SLOTS = MethodHandles.arrayElementVarHandle(long[].class);
    private static final VarHandle LOCK;

    static {
        try {
            LOCK = MethodHandles.lookup().findVarHandle(MacTable.class, "lock", int.class);
        } catch (ReflectiveOperationException e) {
            throw new ExceptionInInitializerError(e);
        }
    }

    /** Takes entries as a table is walked. */
    @FunctionalInterface
    public interface Visitor {
        /**
         * Takes one entry.
         *
         * @param mac the address
         * @param fid filtering identifier, 1 or more
         * @param port the switch port's index
         * @param ageS seconds since it was last seen
         * @param packets how many came from it since it was learned there
         */
        void entry(long mac, int fid, int port, int ageS, long packets);
    }

    private final int maxEntries;
    private final int mask;
    private final int shift;
    private final long multiplier;
    /** Key, 0 when empty, and value in turn, so that both lie in one cache line. */
    private final long[] slots;
    /** Of each slot, how many packets came from its address since it was learned behind its port; one that changes hands meanwhile may miss a few. */
    private final long[] packets;
    private final int[] perPort;
    private int size;
    /** How many addresses each port may have although the others take all that is left. */
    private int kept;
    /** How many addresses may be beyond what is kept for their ports, and how many are. */
    private int mostBeyond;
    private int beyond;
    private int lock;

    /**
     * Makes an empty table.
     *
     * @param maxEntries the most addresses, 1 to 2^20
     * @param maxPorts ports have indexes below this, at most 65536
     */
    public MacTable(int maxEntries, int maxPorts) {
        this(maxEntries, maxPorts, new SplittableRandom().nextLong());
    }

    MacTable(int maxEntries, int maxPorts, long seed) {
        if (maxEntries < 1 || maxEntries > 1 << 20) {
            throw new IllegalArgumentException("a MAC table of " + maxEntries + " addresses; give 1 to " + (1 << 20));
        }
        this.maxEntries = maxEntries;
        // At most a quarter full: runs stay far below the most probes.
        int bits = Math.max(8, Integer.SIZE - Integer.numberOfLeadingZeros(maxEntries - 1) + 2);
        mask = (1 << bits) - 1;
        shift = Long.SIZE - bits;
        multiplier = seed | 1;
        slots = new long[2 << bits];
        packets = new long[1 << bits];
        perPort = new int[maxPorts];
        mostBeyond = maxEntries;
    }

    /**
     * Keeps a part of the table for each port, so that the machines behind some can't take it from those behind others: 16 addresses, or
     * what half of the table gives to each. Where ports come to a full table, addresses go of those that have the most beyond their part;
     * a packet to one of them is flooded until it is seen again. For a control thread; takes the lock a slice at a time.
     *
     * @param ports how many there are
     */
    void keepFor(int ports) {
        int level;
        lock();
        try {
            kept = ports == 0 ? 0 : Math.min(KEPT, maxEntries / (2 * ports));
            mostBeyond = maxEntries - kept * ports;
            beyond = beyondFor(Integer.MAX_VALUE);
            level = beyond <= mostBeyond ? Integer.MAX_VALUE : fairLevel();
        } finally {
            unlock();
        }
        for (int begin = 0; begin <= mask && level != Integer.MAX_VALUE; begin += SLICE) {
            lock();
            try {
                removeSlice(begin, value -> beyond > mostBeyond && perPort[(int) value & 0xffff] > kept + level);
            } finally {
                unlock();
            }
        }
    }

    /** How many addresses would be beyond what is kept if no port might have more of them than so many. */
    private int beyondFor(int most) {
        int sum = 0;
        for (int n : perPort) {
            sum += Math.clamp(n - kept, 0, most);
        }
        return sum;
    }

    /** How many addresses beyond what is kept each port may have, where all that they have are too many. */
    private int fairLevel() {
        int low = 0;
        int high = maxEntries;
        while (low < high) {
            int middle = low + high + 1 >>> 1;
            if (beyondFor(middle) <= mostBeyond) {
                low = middle;
            } else {
                high = middle - 1;
            }
        }
        return low;
    }

    /** What is kept is there but for the moment in which ports come to a full table. */
    private boolean isFull(int port) {
        return size >= maxEntries || perPort[port] >= kept && beyond >= mostBeyond;
    }

    private void added(int port) {
        size++;
        if (++perPort[port] > kept) {
            beyond++;
        }
    }

    private void removed(int port) {
        size--;
        if (perPort[port]-- > kept) {
            beyond--;
        }
    }

    /** Never 0, which an empty slot has, since filtering identifiers are not. */
    static long key(long mac, int fid) {
        return mac << 16 | fid;
    }

    /** Addresses that count up, as a hypervisor gives them, must not come to lie in one run: products alone would under some multipliers. */
    private int home(long key) {
        long mixed = key * multiplier;
        return (int) ((mixed ^ mixed >>> 32) * multiplier >>> shift);
    }

    /**
     * Where an address is.
     *
     * @param key of {@link #key}
     * @return the port's index, or {@link #NONE}
     */
    int lookup(long key) {
        int i = home(key);
        for (int probes = 0; probes < MAX_PROBES; probes++) {
            long k = (long) SLOTS.getAcquire(slots, 2 * i);
            if (k == key) {
                long value = (long) SLOTS.getAcquire(slots, 2 * i + 1);
                // The slot may have been given to another address between the two reads.
                return (long) SLOTS.getOpaque(slots, 2 * i) == key ? (int) value & 0xffff : NONE;
            }
            if (k == 0) {
                return NONE;
            }
            i = i + 1 & mask;
        }
        return NONE;
    }

    /**
     * Notes that an address was seen, in a packet, which is counted.
     *
     * @param key of {@link #key}
     * @param port the port's index
     * @param tick seconds since some time
     * @param limit the most addresses that the port may have
     * @param shared whether several threads receive from the port
     * @return {@link #KNOWN}, {@link #LEARNED}, {@link #MOVED} or {@link #REFUSED}
     */
    int learn(long key, int port, int tick, int limit, boolean shared) {
        int i = home(key);
        long fresh = (long) tick << PORT_BITS | port;
        for (int probes = 0; probes < MAX_PROBES; probes++) {
            long k = (long) SLOTS.getAcquire(slots, 2 * i);
            if (k == key) {
                long value = (long) SLOTS.getAcquire(slots, 2 * i + 1);
                if (value == fresh) {
                    count(i, 1, shared);
                    return KNOWN;
                }
                if (((int) value & 0xffff) == port) {
                    // Fails when the slot was given away meanwhile; then the next packet sees to it.
                    SLOTS.compareAndSet(slots, 2 * i + 1, value, fresh);
                    count(i, 1, shared);
                    return KNOWN;
                }
                return place(key, port, fresh, limit);
            }
            if (k == 0) {
                break;
            }
            i = i + 1 & mask;
        }
        // Asked before the lock too, so that a guest that makes addresses up costs others nothing.
        return perPort[port] >= limit || isFull(port) ? REFUSED : place(key, port, fresh, limit);
    }

    /**
     * Counts packets from an address that came behind the one for which {@link #learn} was called.
     *
     * @param key of {@link #key}
     * @param n how many
     * @param shared whether several threads receive from the port
     */
    void count(long key, int n, boolean shared) {
        int i = home(key);
        for (int probes = 0; probes < MAX_PROBES; probes++) {
            long k = (long) SLOTS.getAcquire(slots, 2 * i);
            if (k == key) {
                count(i, n, shared);
                return;
            }
            if (k == 0) {
                return;
            }
            i = i + 1 & mask;
        }
    }

    private void count(int slot, int n, boolean shared) {
        if (shared) {
            SLOTS.getAndAdd(packets, slot, (long) n);
        } else {
            packets[slot] += n;
        }
    }

    private int place(long key, int port, long fresh, int limit) {
        lock();
        try {
            if (perPort[port] >= limit) {
                return REFUSED;
            }
            int i = home(key);
            for (int probes = 0; probes < MAX_PROBES; probes++) {
                long k = slots[2 * i];
                if (k == key) {
                    int old = (int) slots[2 * i + 1] & 0xffff;
                    removed(old);
                    if (isFull(port)) {
                        added(old);
                        return REFUSED;
                    }
                    added(port);
                    packets[i] = old == port ? packets[i] + 1 : 1;
                    SLOTS.setRelease(slots, 2 * i + 1, fresh);
                    return old == port ? KNOWN : MOVED;
                }
                if (k == 0) {
                    if (isFull(port)) {
                        return REFUSED;
                    }
                    packets[i] = 1;
                    put(i, key, fresh);
                    added(port);
                    return LEARNED;
                }
                i = i + 1 & mask;
            }
            return REFUSED;
        } finally {
            unlock();
        }
    }

    private void put(int i, long key, long value) {
        SLOTS.setRelease(slots, 2 * i + 1, value);
        SLOTS.setRelease(slots, 2 * i, key);
    }

    /**
     * Takes out addresses that were not seen for long. For a control thread; takes the lock a slice at a time.
     *
     * @param tick now, as for {@link #learn}
     * @param ageS those not seen for this many seconds go
     * @return how many went
     */
    int expire(int tick, int ageS) {
        return removeIf(NONE, tick, ageS);
    }

    /**
     * Takes out all addresses of a port.
     *
     * @param port the port's index
     * @return how many went
     */
    int flush(int port) {
        return removeIf(port, 0, 0);
    }

    /** Of a port, or of all ports those of an age. */
    private int removeIf(int port, int tick, int ageS) {
        int removed = 0;
        for (int begin = 0; begin <= mask; begin += SLICE) {
            lock();
            try {
                removed += removeSlice(begin, value -> port == NONE ? tick - (int) (value >>> PORT_BITS) >= ageS
                        : ((int) value & 0xffff) == port);
            } finally {
                unlock();
            }
        }
        return removed;
    }

    private int removeSlice(int begin, LongPredicate goes) {
        int removed = 0;
        for (int i = begin; i < Math.min(begin + SLICE, mask + 1);) {
            long value = slots[2 * i + 1];
            if (slots[2 * i] != 0 && goes.test(value)) {
                removed((int) value & 0xffff);
                removed++;
                // What was behind it may now stand here, so this slot is looked at again.
                remove(i);
            } else {
                i++;
            }
        }
        return removed;
    }

    /** Empties a slot and moves up what was pushed behind it, so that no search ends early. */
    private void remove(int at) {
        int hole = at;
        SLOTS.setRelease(slots, 2 * hole, 0L);
        for (int i = hole + 1 & mask; slots[2 * i] != 0; i = i + 1 & mask) {
            int wanted = home(slots[2 * i]);
            if ((i - wanted & mask) >= (i - hole & mask)) {
                packets[hole] = packets[i];
                put(hole, slots[2 * i], slots[2 * i + 1]);
                SLOTS.setRelease(slots, 2 * i, 0L);
                hole = i;
            }
        }
    }

    /**
     * Walks over all entries, which may change meanwhile.
     *
     * @param tick now
     * @param visitor takes each
     */
    void forEach(int tick, Visitor visitor) {
        for (int i = 0; i <= mask; i++) {
            long key = (long) SLOTS.getAcquire(slots, 2 * i);
            long value = (long) SLOTS.getAcquire(slots, 2 * i + 1);
            if (key != 0 && (long) SLOTS.getOpaque(slots, 2 * i) == key) {
                visitor.entry(key >>> 16, (int) key & 0xffff, (int) value & 0xffff, tick - (int) (value >>> PORT_BITS),
                        (long) SLOTS.getOpaque(packets, i));
            }
        }
    }

    /** @return how many addresses there are */
    public int size() {
        return size;
    }

    /** @return how many there can be */
    public int maxEntries() {
        return maxEntries;
    }

    /**
     * How many addresses a port has.
     *
     * @param port the port's index
     * @return how many
     */
    int size(int port) {
        return perPort[port];
    }

    private void lock() {
        while (!LOCK.compareAndSet(this, 0, 1)) {
            Thread.onSpinWait();
        }
    }

    private void unlock() {
        LOCK.setRelease(this, 0);
    }
}
