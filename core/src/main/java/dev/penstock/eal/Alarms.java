package dev.penstock.eal;

import dev.penstock.threads.Uninterrupted;
import java.time.Duration;
import java.util.concurrent.locks.LockSupport;

/**
 * Callbacks after a delay, run by one thread of the instance that is no lcore (DPDK: rte_alarm).
 *
 * <p>For what is rare: link checks, statistics. What an lcore must do itself belongs into a {@link TimerList}.
 */
public final class Alarms {
    private static final long MAX_DELAY_US = Long.MAX_VALUE / 2000;

    private final TimerList timers = new TimerList();
    private final Log.Type log;
    private final Thread thread;
    private volatile boolean closed;
    private boolean started;

    Alarms(Log.Type log, Unpinned threads) {
        this.log = log;
        this.thread = threads.thread("alarms", this::loop);
    }

    /** An alarm that was set. */
    public final class Alarm {
        private final Timer timer = new Timer();
        private volatile boolean begun;

        private Alarm() {}

        /**
         * Cancels the alarm; waits while its callback runs, unless called by the callback itself (rte_eal_alarm_cancel).
         *
         * @return true when the callback has not run and will not
         */
        public boolean cancel() {
            timer.stopSync();
            return !begun;
        }
    }

    /**
     * Sets an alarm (rte_eal_alarm_set).
     *
     * @param delayUs microseconds from now, at least 1
     * @param callback what to do, once; what it throws is logged
     * @return the alarm
     */
    public Alarm set(long delayUs, Runnable callback) {
        if (delayUs < 1 || delayUs > MAX_DELAY_US) {
            throw new IllegalArgumentException("alarm delay " + delayUs + " us is not from 1 to " + MAX_DELAY_US);
        }
        Alarm alarm = new Alarm();
        alarm.timer.reset(timers, delayUs * 1000, 0, t -> {
            alarm.begun = true;
            callback.run();
        });
        wake();
        return alarm;
    }

    private synchronized void wake() {
        if (closed) {
            throw new IllegalStateException("alarms of a closed instance cannot be set");
        }
        if (!started) {
            started = true;
            thread.start();
        }
        LockSupport.unpark(thread);
    }

    private void loop() {
        while (!closed) {
            try {
                timers.manage();
            } catch (Throwable e) {
                log.error("an alarm's callback failed", e);
            }
            // a callback may leave an interrupt behind, with which nothing sleeps
            Thread.interrupted();
            long waitNs = timers.nextInNs();
            if (waitNs < 0) {
                LockSupport.park(this);
            } else if (waitNs > 0) {
                LockSupport.parkNanos(this, waitNs);
            }
        }
    }

    /** @return whether a callback runs in the calling thread */
    boolean isCurrent() {
        return thread == Thread.currentThread();
    }

    /** Ends the thread; callbacks not begun are dropped. */
    void close() {
        synchronized (this) {
            closed = true;
        }
        LockSupport.unpark(thread);
        if (started && !isCurrent()) {
            Uninterrupted.await(() -> {
                while (!thread.join(Duration.ofSeconds(1))) {
                    LockSupport.unpark(thread);
                }
            });
        }
    }
}
