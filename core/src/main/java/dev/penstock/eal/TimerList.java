package dev.penstock.eal;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.Arrays;
import java.util.function.LongSupplier;

/**
 * The timers of one lcore, or of any thread that calls {@link #manage()} in its loop.
 *
 * <p>A binary heap under a lock that is held for a few comparisons. {@code manage()} with nothing due takes no
 * lock: it costs a reading of the clock.
 */
public final class TimerList {
    static final int NOWHERE = Integer.MIN_VALUE;
    private static final VarHandle NEXT;

    static {
        try {
            NEXT = MethodHandles.lookup().findVarHandle(TimerList.class, "nextNs", long.class);
        } catch (ReflectiveOperationException e) {
            throw new ExceptionInInitializerError(e);
        }
    }

    private final LongSupplier clockNs;
    private Timer[] heap = new Timer[16];
    private int size;
    /** Expired timers whose turn has not come; the place of due[i] is -1 - i. */
    private Timer[] due = new Timer[16];
    private int dueCount;
    private long nextNs = Long.MAX_VALUE;
    private volatile Timer running;
    private volatile Thread runner;

    /** An empty list on {@link Clock#ns()}. */
    public TimerList() {
        this(Clock::ns);
    }

    /**
     * An empty list on a clock of the caller's, such as a test's.
     *
     * @param clockNs rising nanoseconds
     */
    public TimerList(LongSupplier clockNs) {
        // the clock may stand anywhere; differences from here do not overflow
        long origin = clockNs.getAsLong();
        this.clockNs = () -> clockNs.getAsLong() - origin;
    }

    long nowNs() {
        return clockNs.getAsLong();
    }

    static long later(long ns, long byNs) {
        return ns + byNs < ns ? Long.MAX_VALUE : ns + byNs;
    }

    boolean runs(Timer timer) {
        return running == timer && runner == Thread.currentThread();
    }

    /** @return how many timers are set */
    public synchronized int pendingCount() {
        int n = size;
        for (int i = 0; i < dueCount; i++) {
            n += due[i] != null ? 1 : 0;
        }
        return n;
    }

    /** @return nanoseconds to the next expiry, for a thread that would sleep (rte_timer_next_ticks); 0 when one is due, -1 when none is set */
    public long nextInNs() {
        long next = (long) NEXT.getOpaque(this);
        return next == Long.MAX_VALUE ? -1 : Math.max(0, next - nowNs());
    }

    /**
     * Runs the callbacks that are due, earliest first, each timer at most once (rte_timer_manage). One thread at
     * a time; not from a callback. A periodic timer that is late by several periods catches up call by call.
     *
     * @return how many ran
     * @throws RuntimeException what a callback threw; all timers stay in order, those still due run at the next call
     */
    public int manage() {
        long now = nowNs();
        if ((long) NEXT.getOpaque(this) > now) {
            return 0;
        }
        if (runner != null) {
            throw new IllegalStateException("timers of this list are being run by " + runner.getName());
        }
        runner = Thread.currentThread();
        int ran = 0;
        try {
            collect(now);
            for (int i = 0; i < dueCount; i++) {
                Timer timer = takeDue(i);
                if (timer != null) {
                    ran++;
                    run(timer);
                }
            }
        } finally {
            putBack();
            runner = null;
        }
        return ran;
    }

    private void run(Timer timer) {
        running = timer;
        try {
            timer.callback.expired(timer);
        } finally {
            running = null;
            // not RUNNING any more when the callback itself set or stopped the timer; when another list runs it by now, the state shows which
            if (timer.state() == Timer.RUNNING && timer.list == this) {
                if (timer.periodNs > 0) {
                    timer.expireNs = later(timer.expireNs, timer.periodNs);
                    insert(timer);
                } else {
                    timer.state(Timer.STOPPED);
                }
            }
        }
    }

    private synchronized void collect(long now) {
        dueCount = 0;
        while (size > 0 && heap[0].expireNs <= now) {
            Timer timer = heap[0];
            removeFromHeap(0);
            if (dueCount == due.length) {
                due = Arrays.copyOf(due, 2 * dueCount);
            }
            timer.place = -1 - dueCount;
            due[dueCount++] = timer;
        }
        updateNext();
    }

    private synchronized Timer takeDue(int i) {
        Timer timer = due[i];
        due[i] = null;
        if (timer == null) {
            return null;
        }
        timer.place = NOWHERE;
        // fails when another thread has taken the timer to set or stop it, and now waits to remove it from here
        return Timer.STATE.compareAndSet(timer, Timer.PENDING, Timer.RUNNING) ? timer : null;
    }

    private synchronized void putBack() {
        for (int i = 0; i < dueCount; i++) {
            if (due[i] != null) {
                addToHeap(due[i]);
                due[i] = null;
            }
        }
        dueCount = 0;
        updateNext();
    }

    synchronized void insert(Timer timer) {
        addToHeap(timer);
        timer.state(Timer.PENDING);
        updateNext();
    }

    synchronized void remove(Timer timer) {
        if (timer.place >= 0) {
            removeFromHeap(timer.place);
        } else if (timer.place != NOWHERE) {
            due[-1 - timer.place] = null;
            timer.place = NOWHERE;
        }
        updateNext();
    }

    private void updateNext() {
        NEXT.setOpaque(this, size == 0 ? Long.MAX_VALUE : heap[0].expireNs);
    }

    private void addToHeap(Timer timer) {
        if (size == heap.length) {
            heap = Arrays.copyOf(heap, 2 * size);
        }
        up(size++, timer);
    }

    private void removeFromHeap(int at) {
        heap[at].place = NOWHERE;
        Timer last = heap[--size];
        heap[size] = null;
        if (at == size) {
            return;
        }
        if (at > 0 && last.expireNs < heap[(at - 1) / 2].expireNs) {
            up(at, last);
        } else {
            down(at, last);
        }
    }

    private void up(int at, Timer timer) {
        while (at > 0 && timer.expireNs < heap[(at - 1) / 2].expireNs) {
            put(at, heap[(at - 1) / 2]);
            at = (at - 1) / 2;
        }
        put(at, timer);
    }

    private void down(int at, Timer timer) {
        for (int child = 2 * at + 1; child < size; child = 2 * at + 1) {
            if (child + 1 < size && heap[child + 1].expireNs < heap[child].expireNs) {
                child++;
            }
            if (timer.expireNs <= heap[child].expireNs) {
                break;
            }
            put(at, heap[child]);
            at = child;
        }
        put(at, timer);
    }

    private void put(int at, Timer timer) {
        heap[at] = timer;
        timer.place = at;
    }
}
