package dev.penstock.eal;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;

/**
 * A single or periodic timer, which a {@link TimerList} runs (DPDK: rte_timer).
 *
 * <p>Any thread may set and stop it. Its callback runs in the thread that manages the list, and may itself set
 * or stop the timer.
 */
public final class Timer {
    /** What happens when a timer expires. */
    @FunctionalInterface
    public interface Callback {
        /**
         * The time has come.
         *
         * @param timer the timer, which may be set or stopped here
         */
        void expired(Timer timer);
    }

    static final int STOPPED = 0;
    static final int PENDING = 1;
    static final int RUNNING = 2;
    static final int CONFIG = 3;
    static final VarHandle STATE;

    static {
        try {
            STATE = MethodHandles.lookup().findVarHandle(Timer.class, "state", int.class);
        } catch (ReflectiveOperationException e) {
            throw new ExceptionInInitializerError(e);
        }
    }

    private volatile int state;
    // the fields below belong to who holds CONFIG or, while PENDING, to who holds the list's lock
    TimerList list;
    long expireNs;
    long periodNs;
    Callback callback;
    /** Place in the list's heap; below 0 in its due timers; see there. */
    int place = TimerList.NOWHERE;

    /** A timer that is not set. */
    public Timer() {}

    /**
     * Sets the timer, again if it was set before (rte_timer_reset).
     *
     * @param on the list whose thread runs the callback
     * @param delayNs nanoseconds from now to the first expiry, not negative
     * @param periodNs nanoseconds between expiries; 0 for a single one
     * @param callback what happens
     * @return false, with nothing changed, when its callback runs in another thread or another thread is
     *         setting or stopping it; try again, or use {@link #resetSync}
     */
    public boolean reset(TimerList on, long delayNs, long periodNs, Callback callback) {
        if (delayNs < 0 || periodNs < 0) {
            throw new IllegalArgumentException("timer delay " + delayNs + " ns, period " + periodNs
                    + " ns: neither may be negative");
        }
        if (!configure()) {
            return false;
        }
        this.list = on;
        this.expireNs = TimerList.later(on.nowNs(), delayNs);
        this.periodNs = periodNs;
        this.callback = callback;
        on.insert(this);
        return true;
    }

    /**
     * Sets the timer; waits while another thread runs its callback, sets or stops it (rte_timer_reset_sync).
     *
     * @param on the list whose thread runs the callback
     * @param delayNs nanoseconds from now to the first expiry
     * @param periodNs nanoseconds between expiries; 0 for a single one
     * @param callback what happens
     */
    public void resetSync(TimerList on, long delayNs, long periodNs, Callback callback) {
        for (int tries = 0; !reset(on, delayNs, periodNs, callback); tries++) {
            pause(tries);
        }
    }

    /**
     * Stops the timer (rte_timer_stop).
     *
     * @return false, with nothing changed, when its callback runs in another thread or another thread is
     *         setting or stopping it
     */
    public boolean stop() {
        if (!configure()) {
            return false;
        }
        list = null;
        state = STOPPED;
        return true;
    }

    /** Stops the timer; when it returns, the callback neither runs nor will run (rte_timer_stop_sync). */
    public void stopSync() {
        for (int tries = 0; !stop(); tries++) {
            pause(tries);
        }
    }

    /** @return whether it is set and its callback has not begun */
    public boolean pending() {
        return state == PENDING;
    }

    /** Takes the timer for a change and out of its list. */
    private boolean configure() {
        int now = state;
        TimerList on = list;
        boolean own = now == RUNNING && on != null && on.runs(this);
        if (now == CONFIG || now == RUNNING && !own || !STATE.compareAndSet(this, now, CONFIG)) {
            return false;
        }
        if (now == PENDING) {
            list.remove(this);
        }
        return true;
    }

    private static void pause(int tries) {
        if (tries < 100) {
            Thread.onSpinWait();
        } else {
            Thread.yield();
        }
    }

    int state() {
        return state;
    }

    void state(int next) {
        state = next;
    }
}
