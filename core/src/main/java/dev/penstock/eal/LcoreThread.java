package dev.penstock.eal;

import java.util.BitSet;

/** A worker thread with a slot number that is unique in the process, which pools use for their caches. */
public final class LcoreThread extends Thread {
    /** How many workers the process can have at once. */
    public static final int MAX_SLOTS = 128;

    private static final BitSet USED = new BitSet(MAX_SLOTS);

    private final int slot;

    /**
     * A thread that is not started.
     *
     * @param task what it runs
     * @param name its name
     */
    public LcoreThread(Runnable task, String name) {
        super(task, name);
        synchronized (USED) {
            slot = USED.nextClearBit(0);
            if (slot >= MAX_SLOTS) {
                throw new IllegalStateException("more than " + MAX_SLOTS + " workers in one process");
            }
            USED.set(slot);
        }
        setDaemon(true);
    }

    @Override
    public void run() {
        try {
            super.run();
        } finally {
            synchronized (USED) {
                USED.clear(slot);
            }
        }
    }

    /**
     * The slot of the calling thread.
     *
     * @return 0 to MAX_SLOTS - 1, or -1 when the caller is not a worker
     */
    public static int currentSlot() {
        return Thread.currentThread() instanceof LcoreThread t ? t.slot : -1;
    }
}
