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
 * <p>Poll as ever; after many empty polls call {@link #await}, then poll again. A packet that arrives at any
 * moment ends the sleep, so none waits longer than the wake-up takes. Where a queue has no file descriptor,
 * the sleep is a short pause.
 */
public final class RxWaiter implements AutoCloseable {
    private static final long PAUSE_NS = 50_000;
    private static final int MAX_QUEUES = 1024;

    private final List<RxQueue> queues = new ArrayList<>();
    private Epoll epoll;
    private boolean allHaveFd = true;

    /** Waits for nothing yet. */
    public RxWaiter() {}

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
        queues.add(rx);
        if (fd == null) {
            allHaveFd = false;
            return false;
        }
        if (epoll == null) {
            epoll = new Epoll(64);
        }
        epoll.add(fd, Epoll.EPOLLIN, queues.size() - 1);
        return true;
    }

    /**
     * Sleeps until a packet waits or the time is over.
     *
     * @param timeoutMs at most so long; longer sleeps than 50 µs need file descriptors for all queues
     */
    public void await(int timeoutMs) {
        if (!allHaveFd || epoll == null) {
            LockSupport.parkNanos(Math.min(PAUSE_NS, timeoutMs * 1_000_000L));
            return;
        }
        boolean any = false;
        for (int i = 0; i < queues.size(); i++) {
            RxQueue rx = queues.get(i);
            rx.enableInterrupt();
            any |= rx.waiting() > 0;
        }
        if (!any) {
            epoll.await(timeoutMs);
        }
        for (int i = 0; i < queues.size(); i++) {
            queues.get(i).disableInterrupt();
        }
    }

    @Override
    public void close() {
        if (epoll != null) {
            epoll.close();
        }
    }
}
