package dev.penstock.ethdev;

import dev.penstock.linux.Fd;
import dev.penstock.mbuf.Mbuf;

/**
 * One receive queue, written by a driver. One thread polls it at a time; its counters are written by
 * that thread alone and may be read by any.
 */
public abstract class RxQueue extends RxCountersApart {
    RxCallback[] callbacks;
    /** Packets lost because a callback threw. */
    long callbackErrors;

    /** For drivers. */
    protected RxQueue() {}

    /**
     * Takes what has arrived.
     *
     * @param packets where the packets go, from index 0
     * @param max how many at most, 0 to the length of the array
     * @return how many
     */
    protected abstract int receive(Mbuf[] packets, int max);

    /** @return a file descriptor that becomes readable when packets wait, which the queue keeps; null when the queue can only be polled */
    protected Fd interruptFd() {
        return null;
    }

    /** @return whether a packet that comes just when somebody falls asleep may wake nobody: who sleeps has to look once more soon */
    protected boolean mayMissSleeper() {
        return false;
    }

    /** Asks for a wake-up at the next packet; the caller polls once more before it sleeps. */
    protected void enableInterrupt() {}

    /** Back to polling. */
    protected void disableInterrupt() {}

    /** @return how many packets wait, or -1 where the device can't tell */
    protected int waiting() {
        return -1;
    }

    /** Brings counters up to date that are kept elsewhere, before any thread reads them; {@link #missed} for one. */
    protected void updateCounters() {}

    /** Called when the queue is started. */
    protected void start() {}

    /** Called when the queue is stopped; packets that it still holds go back to their pool. */
    protected void stop() {}
}
