package dev.penstock.eal;

import java.util.Arrays;

/**
 * A worker thread with a slot number that is unique in the process, which pools use for their caches.
 *
 * <p>Lcores are such threads. Any other thread becomes a worker for a while with {@link #register()}. The
 * slots are the one thing that all instances in a process share.
 */
public class LcoreThread extends Thread {
    /** How many workers the process can have at once. */
    public static final int MAX_SLOTS = 256;

    private static final Thread[] OWNERS = new Thread[MAX_SLOTS];
    private static final ThreadLocal<Registration> REGISTERED = new ThreadLocal<>();

    private int slot = -1;

    /**
     * A daemon thread that is not started; it has its slot from {@link #start()} until it ends.
     *
     * @param task what it runs
     * @param name its name
     */
    @SuppressWarnings("this-escape")
    public LcoreThread(Runnable task, String name) {
        super(task, name);
        setDaemon(true);
    }

    /**
     * Takes a slot and starts.
     *
     * @throws IllegalStateException when all slots are taken
     */
    @Override
    public final void start() {
        slot = take(this);
        try {
            super.start();
        } catch (Throwable e) {
            release(slot);
            throw e;
        }
    }

    @Override
    public final void run() {
        try {
            super.run();
        } finally {
            release(slot);
        }
    }

    /** @return the slot of the calling thread, 0 to MAX_SLOTS - 1, or -1 when the caller is not a worker */
    public static int currentSlot() {
        return Thread.currentThread() instanceof LcoreThread t ? t.slot : registeredSlot();
    }

    private static int registeredSlot() {
        Registration mine = REGISTERED.get();
        return mine == null ? -1 : mine.slot;
    }

    /**
     * Makes the calling thread a worker until the registration is closed by the same thread, so that pools
     * keep a cache for it (DPDK: rte_thread_register). A worker may register again; the slot stays the same.
     *
     * @return the registration
     * @throws IllegalStateException when all slots are taken
     */
    public static Registration register() {
        if (Thread.currentThread() instanceof LcoreThread t) {
            return new Registration(t.slot, true);
        }
        Registration outer = REGISTERED.get();
        if (outer != null) {
            return new Registration(outer.slot, true);
        }
        Registration mine = new Registration(take(Thread.currentThread()), false);
        REGISTERED.set(mine);
        return mine;
    }

    private static int take(Thread owner) {
        synchronized (OWNERS) {
            int free = Arrays.asList(OWNERS).indexOf(null);
            for (int i = 0; free < 0 && i < MAX_SLOTS; i++) {
                // a registered thread that ended without closing its registration
                free = OWNERS[i].getState() == State.TERMINATED ? i : -1;
            }
            if (free < 0) {
                throw new IllegalStateException("all " + MAX_SLOTS
                        + " worker slots of this process are taken; close an instance, or name fewer lcores with -l");
            }
            OWNERS[free] = owner;
            return free;
        }
    }

    private static void release(int slot) {
        synchronized (OWNERS) {
            OWNERS[slot] = null;
        }
    }

    /** That a thread is a worker; closed by the thread that made it. */
    public static final class Registration implements AutoCloseable {
        private final Thread thread = Thread.currentThread();
        private final int slot;
        private final boolean nested;
        private boolean closed;

        private Registration(int slot, boolean nested) {
            this.slot = slot;
            this.nested = nested;
        }

        /** @return the thread's slot */
        public int slot() {
            return slot;
        }

        @Override
        public void close() {
            if (thread != Thread.currentThread()) {
                throw new IllegalStateException("the worker registration of " + thread.getName()
                        + " must be closed by that thread, not by " + Thread.currentThread().getName());
            }
            if (!closed && !nested) {
                REGISTERED.remove();
                release(slot);
            }
            closed = true;
        }
    }
}
