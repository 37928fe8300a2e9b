package dev.penstock.flowtable;

import dev.penstock.flowtable.Eviction.Reason;
import dev.penstock.hash.Hash;
import dev.penstock.hash.HashConfig;
import java.util.Arrays;

/**
 * Flows by key, each with a time after which it is forgotten when silent: millions of them, one table an lcore, for
 * that lcore alone. Time is counted in ticks of the caller's, such as tenths of seconds.
 *
 * <p>A packet only notes the tick. Flows lie in a wheel of ticks; when a flow's tick comes it is forgotten or, if it was
 * seen meanwhile, put where its time now ends. So a flow is visited once in its timeout, and no scan is made.
 */
public final class FlowTable {
    /** There is no such flow. */
    public static final int ABSENT = Hash.ABSENT;
    /** Greatest timeout in ticks. */
    public static final int MAX_TIMEOUT = 1 << 16;

    private final Hash hash;
    private final Eviction onEviction;
    private final int defaultTimeout;
    private final byte[] key;
    private final int mask;
    /** By slot of the wheel: its first flow, or -1; a flow's links; and which slots have one. */
    private final int[] slots;
    private final long[] filled;
    private final int[] next;
    private final int[] previous;
    private final int[] slotOf;
    private final int[] lastSeen;
    private final int[] timeout;
    private int now;
    private final long[] evicted = new long[Reason.values().length];

    /**
     * Makes an empty table at tick 0.
     *
     * @param flows how many it may hold, 8 to 2^26
     * @param keyLength bytes of a key
     * @param timeout ticks of silence after which a flow is forgotten, 1 to {@link #MAX_TIMEOUT}
     * @param onEviction told of each flow that leaves
     * @throws IllegalArgumentException when a number is out of range
     */
    public FlowTable(int flows, int keyLength, int timeout, Eviction onEviction) {
        hash = new Hash(HashConfig.of(flows, keyLength));
        this.onEviction = onEviction;
        defaultTimeout = checked(timeout);
        key = new byte[keyLength];
        mask = 2 * MAX_TIMEOUT - 1;
        slots = new int[mask + 1];
        Arrays.fill(slots, -1);
        filled = new long[(mask + 1) / 64];
        next = new int[flows];
        previous = new int[flows];
        slotOf = new int[flows];
        lastSeen = new int[flows];
        this.timeout = new int[flows];
    }

    private static int checked(int ticks) {
        if (ticks < 1 || ticks > MAX_TIMEOUT) {
            throw new IllegalArgumentException("timeout of " + ticks + " ticks; give 1 to " + MAX_TIMEOUT);
        }
        return ticks;
    }

    /** @return flows in it */
    public int size() {
        return hash.size();
    }

    /**
     * How many flows have left so.
     *
     * @param reason why
     * @return the count
     */
    public long evictions(Reason reason) {
        return evicted[reason.ordinal()];
    }

    /**
     * Hashes a key.
     *
     * @param bytes array that holds it
     * @param offset of its first byte
     * @return the hash, for the methods that take one
     */
    public int hash(byte[] bytes, int offset) {
        return hash.hash(bytes, offset);
    }

    /**
     * Finds a flow and notes that it was seen.
     *
     * @param bytes array that holds its key
     * @param offset of the key's first byte
     * @param keyHash what {@link #hash} gave
     * @return its position, or {@link #ABSENT}
     */
    public int lookup(byte[] bytes, int offset, int keyHash) {
        int position = hash.lookup(bytes, offset, keyHash);
        if (position >= 0) {
            lastSeen[position] = now;
        }
        return position;
    }

    /**
     * Adds a flow, or changes the data of one that is there; it counts as seen. Where the table is full the flow that
     * is nearest to its end makes room.
     *
     * @param bytes array that holds its key
     * @param offset of the key's first byte
     * @param keyHash what {@link #hash} gave
     * @param data its data
     * @return its position
     */
    public int add(byte[] bytes, int offset, int keyHash, long data) {
        int before = hash.size();
        int position = hash.add(bytes, offset, keyHash, data);
        if (position == Hash.FULL) {
            evict(nearestToItsEnd(), Reason.PUSHED_OUT);
            before--;
            position = hash.add(bytes, offset, keyHash, data);
        }
        lastSeen[position] = now;
        if (hash.size() != before) {
            timeout[position] = defaultTimeout;
            file(position, now + defaultTimeout);
        }
        return position;
    }

    /**
     * Reads a flow's data.
     *
     * @param position where it was found
     * @return the data
     */
    public long data(int position) {
        return hash.data(position);
    }

    /**
     * Copies a flow's key.
     *
     * @param position where it was found
     * @param to gets the key
     */
    public void key(int position, byte[] to) {
        hash.key(position, to, 0);
    }

    /**
     * Gives a flow a time of its own, such as a short one after a FIN.
     *
     * @param position where it was found
     * @param ticks of silence after which it is forgotten, 1 to {@link #MAX_TIMEOUT}
     * @throws IllegalArgumentException when that is out of range
     */
    public void timeout(int position, int ticks) {
        timeout[position] = checked(ticks);
        unfile(position);
        file(position, lastSeen[position] + ticks);
    }

    /**
     * Takes a flow out.
     *
     * @param position where it was found
     */
    public void delete(int position) {
        evict(position, Reason.DELETED);
    }

    /**
     * Moves time on and forgets flows whose time has ended.
     *
     * @param tick the time now; an earlier one than before changes nothing
     * @param most how many flows to visit at most; with more to do time stops on the way, call again
     * @return whether the tick was reached
     */
    public boolean advance(int tick, int most) {
        int left = most;
        while (tick - now > 0) {
            int slot = now + 1 & mask;
            for (int position = slots[slot]; position >= 0; position = slots[slot]) {
                if (left-- == 0) {
                    return false;
                }
                int end = lastSeen[position] + timeout[position];
                if (end - (now + 1) > 0) {
                    unfile(position);
                    file(position, end);
                } else {
                    evict(position, Reason.EXPIRED);
                }
            }
            int idle = nextFilled(slot + 1) - slot - 1 & mask;
            now += Math.min(1 + idle, tick - now);
        }
        return true;
    }

    private void evict(int position, Reason reason) {
        onEviction.evicted(position, reason);
        evicted[reason.ordinal()]++;
        unfile(position);
        hash.key(position, key, 0);
        hash.delete(key);
    }

    /** By what the wheel knows: flows that were seen since they were filed are filed anew on the way. */
    private int nearestToItsEnd() {
        int slot = nextFilled(now + 1);
        while (true) {
            int position = slots[slot];
            int end = lastSeen[position] + timeout[position];
            if (end - now <= 0 || (end & mask) == slot) {
                return position;
            }
            unfile(position);
            file(position, end);
            slot = nextFilled(slot);
        }
    }

    private int nextFilled(int from) {
        int slot = from & mask;
        int word = slot >>> 6;
        long bits = filled[word] & -1L << slot;
        for (int i = 0; bits == 0 && i < filled.length; i++) {
            word = word + 1 & filled.length - 1;
            bits = filled[word];
        }
        return bits == 0 ? slot - 1 & mask : word << 6 | Long.numberOfTrailingZeros(bits);
    }

    private void file(int position, int end) {
        // A flow whose shortened time has ended already goes with the next tick.
        int slot = (end - now > 0 ? end : now + 1) & mask;
        slotOf[position] = slot;
        int first = slots[slot];
        next[position] = first;
        previous[position] = -1;
        if (first >= 0) {
            previous[first] = position;
        }
        slots[slot] = position;
        filled[slot >>> 6] |= 1L << slot;
    }

    private void unfile(int position) {
        int slot = slotOf[position];
        if (previous[position] >= 0) {
            next[previous[position]] = next[position];
        } else {
            slots[slot] = next[position];
            if (next[position] < 0) {
                filled[slot >>> 6] &= ~(1L << slot);
            }
        }
        if (next[position] >= 0) {
            previous[next[position]] = previous[position];
        }
    }
}
