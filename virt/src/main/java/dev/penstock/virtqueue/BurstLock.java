package dev.penstock.virtqueue;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;

/**
 * Keeps a control thread and a polling thread apart without ever making the poller wait: a burst that finds the
 * control thread inside is skipped. Costs one compare-and-set a burst.
 */
public final class BurstLock {
    private static final VarHandle HELD;

    static {
        try {
            HELD = MethodHandles.lookup().findVarHandle(BurstLock.class, "held", int.class);
        } catch (ReflectiveOperationException e) {
            throw new ExceptionInInitializerError(e);
        }
    }

    private int held;

    /** A free lock. */
    public BurstLock() {}

    /**
     * Enters a burst.
     *
     * @return false when the control thread is inside
     */
    public boolean tryEnter() {
        return HELD.compareAndSet(this, 0, 1);
    }

    /** Leaves a burst, or the change of a control thread. */
    public void exit() {
        HELD.setRelease(this, 0);
    }

    /** Enters a change: waits for the burst that is under way, which takes microseconds. */
    public void enter() {
        while (!tryEnter()) {
            Thread.onSpinWait();
            Thread.yield();
        }
    }
}
