package dev.penstock.ethdev;

import dev.penstock.linux.Epoll;
import dev.penstock.linux.Fd;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.locks.LockSupport;

/**
 * Lets a thread that polls some queues sleep while nothing comes (DPDK: rte_eth_dev_rx_intr). Used by that
 * thread alone.
 *
 * <p>Poll as ever and call {@link #polled} in each turn: under load it does nothing, after many empty turns it
 * sleeps. A packet that arrives at any moment ends the sleep, so none waits longer than the wake-up takes, and none
 * is lost at the change. Where a queue has no file descriptor, the sleep is a short pause.
 */
public final class RxWaiter implements AutoCloseable {
    /** Empty turns before a sleep, unless told: about as long as falling asleep and being woken take. */
    public static final int EMPTY_TURNS = 300;

    private static final long PAUSE_NS = 50_000;
    /** So that a loop looks now and then whether it shall end. */
    private static final int LONGEST_MS = 100;
    /** Time in which a processor has long shown to others what it wrote before it looked whether somebody sleeps. */
    private static final int GLANCE_MS = 1;
    private static final int MAX_QUEUES = 1024;

    private final List<RxQueue> queues = new ArrayList<>();
    private Epoll epoll;
    private boolean allHaveFd = true;
    private final int emptyTurns;
    /** Whether a sleep begins with a short one, behind which it looks again. */
    private boolean looksAgain;
    private int empty;
    /** Times that it slept. */
    private long sleeps;

    /** Waits for nothing yet; sleeps after {@value #EMPTY_TURNS} empty turns. */
    public RxWaiter() {
        this(EMPTY_TURNS);
    }

    /**
     * Waits for nothing yet.
     *
     * @param emptyTurns sleeps after so many turns in which nothing came, 1 or more; few save the most time of the
     *     processor, many the most wake-ups
     */
    public RxWaiter(int emptyTurns) {
        if (emptyTurns < 1) {
            throw new IllegalArgumentException("sleep after 1 empty turn or more, not " + emptyTurns);
        }
        this.emptyTurns = emptyTurns;
    }

    /**
     * To be called in each turn of a poll loop: sleeps when nothing came in many turns, 100 ms at most, so that
     * the loop sees when it shall end.
     *
     * @param packets how many this turn received from all queues added
     */
    public void polled(int packets) {
        if (packets != 0) {
            empty = 0;
        } else if (++empty >= emptyTurns) {
            await(LONGEST_MS);
            // one more turn without a packet sleeps again
            empty = emptyTurns;
        }
    }

    /** @return how often it slept */
    public long sleeps() {
        return sleeps;
    }

    /**
     * Adds a queue to those that end the sleep.
     *
     * @param port the port, configured with {@link PortConfig#rxInterrupt()}
     * @param queue the queue's number, set up
     * @return true when the queue can wake a sleeper; false when it can only be polled
     */
    public boolean add(Port port, int queue) {
        RxQueue rx = port.rxQueue(queue);
        Fd fd = rx.interruptFd();
        if (queues.size() >= MAX_QUEUES) {
            throw new IllegalArgumentException("more than " + MAX_QUEUES + " queues to wait for");
        }
        if (fd == null) {
            queues.add(rx);
            allHaveFd = false;
            return false;
        }
        if (epoll == null) {
            epoll = new Epoll(64);
        }
        epoll.add(fd, Epoll.EPOLLIN, queues.size());
        queues.add(rx);
        looksAgain |= rx.mayMissSleeper();
        return true;
    }

    /**
     * Sleeps until a packet waits or the time is over.
     *
     * @param timeoutMs at most so long; longer sleeps than 50 µs need file descriptors for all queues
     */
    public void await(int timeoutMs) {
        sleeps++;
        if (!allHaveFd || epoll == null) {
            LockSupport.parkNanos(Math.min(PAUSE_NS, timeoutMs * 1_000_000L));
            return;
        }
        for (int i = 0; i < queues.size(); i++) {
            queues.get(i).enableInterrupt();
        }
        if (!isWaiting() && failed(sleep(timeoutMs))) {
            // such as that of a deleted TAP interface, which ends each sleep at once
            LockSupport.parkNanos(PAUSE_NS);
        }
        for (int i = 0; i < queues.size(); i++) {
            queues.get(i).disableInterrupt();
        }
    }

    private int sleep(int timeoutMs) {
        if (looksAgain && timeoutMs > GLANCE_MS) {
            int events = epoll.await(GLANCE_MS);
            if (events > 0 || isWaiting()) {
                return events;
            }
        }
        return epoll.await(timeoutMs);
    }

    private boolean isWaiting() {
        boolean any = false;
        for (int i = 0; i < queues.size(); i++) {
            any |= queues.get(i).waiting() > 0;
        }
        return any;
    }

    private boolean failed(int events) {
        int all = 0;
        for (int i = 0; i < events; i++) {
            all |= epoll.events(i);
        }
        return (all & Epoll.EPOLLERR) != 0;
    }

    @Override
    public void close() {
        if (epoll != null) {
            epoll.close();
        }
    }
}
