package dev.penstock.rcu;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.concurrent.atomic.AtomicIntegerArray;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Quiescent-state-based reclamation (DPDK: rte_rcu_qsbr). Readers say now and then that they hold no reference
 * into a shared table; a writer that has taken something out waits for each of them to say so before it uses the
 * memory again.
 *
 * <p>A reader registers, goes online, and calls {@link #quiescent} between bursts: two loads, and a store only when
 * a writer waits. It goes offline before it blocks. A writer calls {@link #start} after the removal and then
 * {@link #check} or {@link #await} with the token. Every method may be called by any thread; those with a reader's
 * number only by one thread at a time for each number.
 */
public final class Qsbr {
    /** For {@link #synchronize}: the caller is no reader. */
    public static final int NO_READER = -1;

    private static final VarHandle COUNT = MethodHandles.arrayElementVarHandle(long[].class);
    /** Longs between two readers' counts: two cache lines, since processors fetch lines in pairs. */
    private static final int STRIDE = 16;
    private static final long OFFLINE = 0;

    private final int maxReaders;
    /** The token each reader has seen, 0 while it is offline. */
    private final long[] counts;
    private final AtomicIntegerArray registered;
    private final AtomicLong token = new AtomicLong(1);
    /** Every token up to this one has been seen by all. */
    private final AtomicLong acknowledged = new AtomicLong();

    /**
     * Makes a variable without readers.
     *
     * @param maxReaders how many may register, 1 to 65536
     * @throws IllegalArgumentException when that is out of range
     */
    public Qsbr(int maxReaders) {
        if (maxReaders < 1 || maxReaders > 65_536) {
            throw new IllegalArgumentException("readers of an RCU variable: " + maxReaders + "; give 1 to 65536");
        }
        this.maxReaders = maxReaders;
        counts = new long[(maxReaders + 2) * STRIDE];
        registered = new AtomicIntegerArray(maxReaders);
    }

    /**
     * Adds a reader, offline. Does nothing when it is registered.
     *
     * @param reader its number, from 0 to below {@link #maxReaders}; the lcore's number is a good one
     * @throws IllegalArgumentException when there is no such number
     */
    public void register(int reader) {
        registered.set(checked(reader), 1);
    }

    /**
     * Removes a reader; nobody waits for it any more. Does nothing when it is not registered.
     *
     * @param reader its number
     * @throws IllegalArgumentException when there is no such number
     */
    public void unregister(int reader) {
        COUNT.setRelease(counts, slot(checked(reader)), OFFLINE);
        registered.set(reader, 0);
    }

    /**
     * Tells whether a reader is registered.
     *
     * @param reader its number
     * @return whether it is
     */
    public boolean isRegistered(int reader) {
        return registered.get(checked(reader)) == 1;
    }

    /**
     * From now on the reader may look into shared tables, and writers wait for it.
     *
     * @param reader its number
     * @throws IllegalStateException when it is not registered
     */
    public void online(int reader) {
        if (!isRegistered(reader)) {
            throw new IllegalStateException("reader " + reader + " is not registered; call register(" + reader + ") first");
        }
        COUNT.setOpaque(counts, slot(reader), token.getAcquire());
        // Writers must see the reader before the reader sees the table.
        VarHandle.fullFence();
    }

    /**
     * The reader holds no reference and will take none, until it is online again; nobody waits for it. For before
     * anything that blocks.
     *
     * @param reader its number
     */
    public void offline(int reader) {
        COUNT.setRelease(counts, slot(checked(reader)), OFFLINE);
    }

    /**
     * The reader, which is online, holds no reference at this moment.
     *
     * @param reader its number
     */
    public void quiescent(int reader) {
        long now = token.getAcquire();
        int slot = slot(reader);
        if (counts[slot] != now) {
            COUNT.setRelease(counts, slot, now);
        }
    }

    /**
     * Begins a grace period; to be called after something was taken out of a table.
     *
     * @return the token to check, greater than any before
     */
    public long start() {
        return token.incrementAndGet();
    }

    /**
     * Tells whether every reader that was online has been quiescent since the token was made.
     *
     * @param wanted from {@link #start}
     * @return whether the memory may be used again
     */
    public boolean check(long wanted) {
        if (wanted <= acknowledged.getAcquire()) {
            return true;
        }
        // of a later token a reader may know nothing that was offline when it was looked at, and came online since
        long least = token.getAcquire();
        VarHandle.fullFence();
        for (int reader = 0; reader < maxReaders; reader++) {
            if (registered.getAcquire(reader) == 1) {
                long count = (long) COUNT.getAcquire(counts, slot(reader));
                if (count != OFFLINE) {
                    if (count < wanted) {
                        return false;
                    }
                    least = Math.min(least, count);
                }
            }
        }
        acknowledged.accumulateAndGet(least, Math::max);
        return true;
    }

    /**
     * Waits until {@link #check} holds: spins for a while, then yields. A reader that waits must be quiescent or offline itself.
     *
     * @param wanted from {@link #start}
     */
    public void await(long wanted) {
        for (int spins = 0; !check(wanted); spins++) {
            // A reader may have lost its processor, to this very thread perhaps.
            if (spins < 1000) {
                Thread.onSpinWait();
            } else {
                Thread.yield();
            }
        }
    }

    /**
     * Waits for a whole grace period.
     *
     * @param reader the caller's number, which is quiescent with this call, or {@link #NO_READER}
     */
    public void synchronize(int reader) {
        long wanted = start();
        if (reader != NO_READER && (long) COUNT.getOpaque(counts, slot(checked(reader))) != OFFLINE) {
            quiescent(reader);
        }
        await(wanted);
    }

    private int checked(int reader) {
        if (reader < 0 || reader >= maxReaders) {
            throw new IllegalArgumentException("no reader " + reader + "; this variable has 0 to " + (maxReaders - 1));
        }
        return reader;
    }

    private static int slot(int reader) {
        return (reader + 1) * STRIDE;
    }

    @Override
    public String toString() {
        StringBuilder text = new StringBuilder("QSBR of ").append(maxReaders).append(" readers, token ").append(token.get());
        for (int reader = 0; reader < maxReaders; reader++) {
            if (registered.get(reader) == 1) {
                long count = (long) COUNT.getOpaque(counts, slot(reader));
                text.append(", reader ").append(reader).append(count == OFFLINE ? " offline" : " at " + count);
            }
        }
        return text.toString();
    }
}
