package dev.penstock.efd;

import dev.penstock.hash.Hash;
import dev.penstock.hash.HashConfig;
import dev.penstock.hash.HashFunction;
import dev.penstock.rcu.Qsbr;
import java.util.Objects;

/**
 * Keys to values of 8 bits in 2 to 4 bytes a key (DPDK: rte_efd, "elastic flow distributor"; after Zhou and others, "Scaling Up
 * Clustered Network Appliances with ScaleBricks", SIGCOMM 2015). A look-up reads one line of 32 bytes and never the keys:
 * of a key that was not put in it gives any value.
 *
 * <p>Keys fall into bins, and each bin into one of four groups of up to 28 keys. For each bit of the value a group has the
 * number of a hash function, found by trial, that sends its keys with a 1 and those with a 0 to different bits of a word of
 * 16. The keys themselves are kept for updates alone.
 *
 * <p>One thread updates while others look up: each finds the value of a key that does not change. A key that moves to
 * another group meanwhile can be answered wrongly by a look-up that began before and took very long; {@link #rcu} rules
 * that out.
 */
public final class Efd {
    /** What an update did. */
    public enum Update {
        /** The key has the value. */
        DONE,
        /** The key has the value, and its group has room for few others (RTE_EFD_UPDATE_WARN_GROUP_FULL). */
        GROUP_FULL,
        /** The key had the value before. */
        SAME,
        /** No group has room, or no hash function was found; nothing is changed (RTE_EFD_UPDATE_FAILED). */
        FAILED
    }

    /** Keys in one bulk look-up at most, as with DPDK. */
    public static final int MAX_BULK = 64;

    private final int keyLength;
    private final EfdOnline online;
    private final EfdOffline offline;
    private final Hash keys;
    private Qsbr readers;

    /**
     * Makes an empty table.
     *
     * @param maxKeys how many keys it is for, 64 to 2^24
     * @param keyLength bytes of a key, 1 to 1024
     * @throws IllegalArgumentException when a number is out of range
     */
    public Efd(int maxKeys, int keyLength) {
        if (maxKeys < 64 || maxKeys > 1 << 24) {
            throw new IllegalArgumentException("EFD of " + maxKeys + " keys; give 64 to " + (1 << 24));
        }
        this.keyLength = keyLength;
        keys = new Hash(HashConfig.of(maxKeys, keyLength));
        online = new EfdOnline(maxKeys);
        offline = new EfdOffline(online, maxKeys);
    }

    /**
     * Names the readers that look-ups are made by; updates then wait for them before a key's former group forgets it.
     *
     * @param variable their variable; each reader is quiescent between bursts
     */
    public void rcu(Qsbr variable) {
        readers = variable;
    }

    /** @return keys in it */
    public int size() {
        return keys.size();
    }

    private int first(byte[] key, int offset) {
        return HashFunction.MULTIPLY.hash(key, offset, keyLength, 0);
    }

    private int second(byte[] key, int offset) {
        return HashFunction.MULTIPLY.hash(key, offset, keyLength, -1) | 1;
    }

    /**
     * Gives a key a value.
     *
     * @param key array that holds it
     * @param offset of its first byte
     * @param value 0 to 255
     * @return what it did
     * @throws IllegalArgumentException when the value is out of range
     */
    public Update update(byte[] key, int offset, int value) {
        if (value < 0 || value > 0xff) {
            throw new IllegalArgumentException("EFD value " + value + "; give 0 to 255");
        }
        int hash = keys.hash(key, offset);
        int position = keys.lookup(key, offset, hash);
        if (position >= 0) {
            int before = (int) keys.data(position);
            if (before == value) {
                return Update.SAME;
            }
            boolean done = offline.change(position, value);
            if (done) {
                keys.data(position, value);
            }
            return done ? Update.DONE : Update.FAILED;
        }
        position = keys.add(key, offset, hash, value);
        if (position < 0) {
            return Update.FAILED;
        }
        Update update = offline.add(position, first(key, offset), second(key, offset), value, readers);
        if (update == Update.FAILED) {
            keys.delete(key, offset, hash);
        }
        return update;
    }

    /**
     * Takes a key out; look-ups of it may go on to give its value.
     *
     * @param key array that holds it
     * @param offset of its first byte
     * @return the value it had, or -1 when it was not there
     */
    public int delete(byte[] key, int offset) {
        int hash = keys.hash(key, offset);
        int position = keys.lookup(key, offset, hash);
        if (position < 0) {
            return -1;
        }
        int value = (int) keys.data(position);
        offline.remove(position);
        keys.delete(key, offset, hash);
        return value;
    }

    /**
     * Finds the value of a key that was put in.
     *
     * @param key array that holds it
     * @param offset of its first byte
     * @return its value; of other keys any value
     */
    public int lookup(byte[] key, int offset) {
        return online.lookup(first(key, offset), second(key, offset));
    }

    /**
     * Finds the values of keys that lie one behind the other.
     *
     * @param source array that holds them
     * @param offset of the first one's first byte
     * @param values gets each one's value
     * @param n how many
     * @throws IndexOutOfBoundsException when an array is shorter than that
     */
    public void lookupBulk(byte[] source, int offset, int[] values, int n) {
        Objects.checkFromIndexSize(offset, Math.multiplyExact(n, keyLength), source.length);
        Objects.checkFromIndexSize(0, n, values.length);
        for (int i = 0; i < n; i++) {
            int at = offset + i * keyLength;
            values[i] = online.lookup(first(source, at), second(source, at));
        }
    }
}
