package dev.penstock.vhost;

import dev.penstock.linux.EventFd;
import dev.penstock.mbuf.Mbuf;
import dev.penstock.mbuf.MbufPool;
import dev.penstock.virtqueue.AddressSpace;
import dev.penstock.virtqueue.BurstLock;
import dev.penstock.virtqueue.DeviceQueue;
import dev.penstock.virtqueue.Faults;
import dev.penstock.virtqueue.Rejection;
import java.lang.invoke.VarHandle;

/**
 * A queue of a vhost-user device. One thread polls it; whether a front end is there, has come again or has changed its
 * memory does not matter to that thread: a queue that can't be used now gives and takes nothing.
 */
public final class Vring {
    /** What the front end has said of the queue; used by the control thread. */
    final VringSetup setup = new VringSetup();

    private final BurstLock lock = new BurstLock();
    private final EventFd wake;
    private final long[] refused = new long[Rejection.values().length];
    private long noMbuf;
    private long undeliverable;
    private long undeliverableBytes;
    private long untranslated;
    private DeviceQueue queue;
    private EventFd call;
    private EventFd error;
    /** Whether the front end was told that the ring makes no sense. */
    private boolean brokenTold;
    private boolean interrupts;
    private boolean completes = true;
    /** The address that the control thread was woken for, if so, and the one that it has asked the front end for. */
    private boolean missTold;
    private long toldAddress;
    private boolean missAsked;
    private long askedAddress;
    private boolean begun;
    private volatile boolean faulted;
    /** Whether what is sent through it has no effect. */
    private boolean disabled;
    private long discarded;

    /** @param wake tells the control thread that it is needed */
    Vring(EventFd wake) {
        this.wake = wake;
    }

    /**
     * Takes packets that the front end sends.
     *
     * @param pool where the packets come from
     * @param port what they are said to come from
     * @param out where the packets go, from index 0
     * @param max how many at most
     * @return how many
     */
    public int dequeue(MbufPool pool, int port, Mbuf[] out, int max) {
        if (!lock.tryEnter()) {
            return 0;
        }
        int n = 0;
        try {
            DeviceQueue q = queue;
            if (q != null) {
                n = q.dequeue(pool, port, out, 0, max);
                after(q, n);
                if (disabled) {
                    n = discard(out, n);
                }
            }
        } catch (InternalError e) {
            n = queue.abandon(out, 0) ? 0 : n;
            fault();
        } finally {
            lock.exit();
        }
        return n;
    }

    private int discard(Mbuf[] out, int n) {
        discarded += n;
        Mbuf.freeBulk(out, 0, n);
        return 0;
    }

    /**
     * Copies packets to the front end; they stay the caller's.
     *
     * @param packets the packets
     * @param from index of the first
     * @param n how many
     * @return how many from the first on are done with
     */
    public int enqueue(Mbuf[] packets, int from, int n) {
        return put(packets, from, n, false);
    }

    /**
     * The same, and frees the packets that are done with: before the front end is looked at, whether it wants to be told, since
     * that waits for all that was written to get to it.
     *
     * @param packets the packets
     * @param from index of the first
     * @param n how many
     * @return how many from the first on are done with, and no longer the caller's
     */
    public int send(Mbuf[] packets, int from, int n) {
        return put(packets, from, n, true);
    }

    private int put(Mbuf[] packets, int from, int n, boolean frees) {
        if (!lock.tryEnter()) {
            return 0;
        }
        int done = 0;
        try {
            DeviceQueue q = queue;
            if (q != null) {
                int sent = q.enqueue(packets, from, n);
                if (frees) {
                    // an error of what was copied is not to be raised among the packets that are freed
                    Faults.deliver();
                    done = sent;
                    Mbuf.freeBulk(packets, from, sent);
                }
                done = sent;
                after(q, sent);
            }
        } catch (InternalError e) {
            fault();
        } finally {
            lock.exit();
        }
        return done;
    }

    private void after(DeviceQueue q, int n) {
        EventFd c = call;
        // also of buffers that were refused, of which no packet came
        if (c != null && q.hasReturned()) {
            if (q.callNeeded()) {
                c.signal();
            }
        }
        if (q.hasMiss() && !(missTold && toldAddress == q.missedAddress())) {
            missTold = true;
            toldAddress = q.missedAddress();
            wake.signal();
        }
        Faults.deliver();
    }

    private void fault() {
        retire();
        faulted = true;
        wake.signal();
    }

    /**
     * Whether checksums and segmentation that the front end leaves to us are done when its packets are taken, or passed on in
     * the packets' flags. To be said before there is a front end.
     *
     * @param complete true, as at first, to do them
     */
    public void completeChecksums(boolean complete) {
        lock.enter();
        completes = complete;
        if (queue != null) {
            queue.completeChecksums(complete);
        }
        lock.exit();
    }

    /**
     * Whether the front end takes a packet before it is cut into segments. Any thread may ask.
     *
     * @param m the packet, with flags that ask for it
     * @return false when it has to be cut first
     */
    public boolean takesWhole(Mbuf m) {
        DeviceQueue q = queue;
        return q != null && q.takesWhole(m);
    }

    /** @return whether the queue is running, and is not disabled */
    public boolean isRunning() {
        // bursts use these fields, so they are not volatile: who asks in a loop is to see them change
        VarHandle.acquireFence();
        return queue != null && !disabled;
    }

    /** @return how many buffers wait, at least; 0 when the queue can't be used. Waits for the control thread: who asks is about to sleep. */
    public int waiting() {
        lock.enter();
        int n = 0;
        try {
            n = queue == null ? 0 : queue.waiting();
            Faults.deliver();
        } catch (InternalError e) {
            fault();
        } finally {
            lock.exit();
        }
        return n;
    }

    /**
     * Asks the front end to kick, which then makes the backend signal {@link VhostBackend#interruptFd}; or not to.
     *
     * @param on true to be kicked
     */
    public void interrupts(boolean on) {
        lock.enter();
        try {
            interrupts = on;
            if (queue != null) {
                queue.notifications(on);
            }
            Faults.deliver();
        } catch (InternalError e) {
            fault();
        } finally {
            lock.exit();
        }
    }

    /**
     * How often something was refused since the queue was made.
     *
     * @param why the reason
     * @return the count
     */
    public long rejected(Rejection why) {
        DeviceQueue q = queue;
        return refused[why.ordinal()] + (q == null ? 0 : q.rejected(why));
    }

    /** @return bursts that ended early because the pool was empty; nothing was lost */
    public long noMbuf() {
        DeviceQueue q = queue;
        return noMbuf + (q == null ? 0 : q.noMbuf());
    }

    /** @return packets that the front end's buffers can't hold */
    public long undeliverable() {
        DeviceQueue q = queue;
        return undeliverable + (q == null ? 0 : q.undeliverable());
    }

    /** @return their bytes */
    public long undeliverableBytes() {
        DeviceQueue q = queue;
        return undeliverableBytes + (q == null ? 0 : q.undeliverableBytes());
    }

    /** @return packets that the front end sent through the queue while it was disabled */
    public long discarded() {
        return discarded;
    }

    /** @return packets that were not taken because the IOMMU's translation of their buffers was still to come */
    public long untranslated() {
        DeviceQueue q = queue;
        return untranslated + (q == null ? 0 : q.untranslated());
    }

    /** Keeps the poller out. */
    void enter() {
        lock.enter();
    }

    void exit() {
        lock.exit();
    }

    /** Begins to run; the poller is out. */
    void run(DeviceQueue next) {
        queue = next;
        next.completeChecksums(completes);
        next.onBroken(this::broken);
        brokenTold = false;
        missTold = false;
        missAsked = false;
        begun = true;
        next.notifications(interrupts);
    }

    /** Whether it has begun to run since this was asked last; for the control thread. */
    boolean takeBegun() {
        boolean was = begun;
        begun = false;
        return was;
    }

    void disabled(boolean on) {
        disabled = on;
    }

    /** The queue, while the poller is out; null when it does not run. */
    DeviceQueue queue() {
        return queue;
    }

    /** Other addresses are known; the poller is out. */
    void space(AddressSpace space) {
        if (queue != null) {
            queue.space(space);
        }
        missTold = false;
        // an answer to another queue's question is none to this one's, which is not asked again for that
        missAsked &= space.find(askedAddress) < 0;
    }

    /** Addresses were taken back, perhaps one that is asked for. */
    void askAgain() {
        missAsked = false;
    }

    /** Looks for what packets to come will need to have translated; the poller is out. */
    void lookAhead() {
        if (queue != null) {
            queue.lookAhead();
            Faults.deliver();
            missTold = queue.hasMiss();
            toldAddress = queue.missedAddress();
        }
    }

    /** The queue, when it has missed an address that the front end is to be asked for, once; else null. The control thread's. */
    DeviceQueue takeMiss() {
        DeviceQueue q = queue;
        if (q == null || !q.hasMiss() || missAsked && askedAddress == q.missedAddress()) {
            return null;
        }
        missAsked = true;
        askedAddress = q.missedAddress();
        return q;
    }

    void call(EventFd next) {
        call = next;
    }

    void error(EventFd next) {
        error = next;
    }

    /** Tells the front end, once for a queue that was begun, that its ring makes no sense (SET_VRING_ERR). By who keeps the others out. */
    void broken() {
        if (error != null && !brokenTold) {
            brokenTold = true;
            error.signal();
        }
    }

    /** Ends to run, and keeps position and counts; the poller is out. */
    void retire() {
        DeviceQueue q = queue;
        if (q == null) {
            return;
        }
        setup.base = q.base();
        for (Rejection why : Rejection.values()) {
            refused[why.ordinal()] += q.rejected(why);
        }
        noMbuf += q.noMbuf();
        undeliverable += q.undeliverable();
        undeliverableBytes += q.undeliverableBytes();
        untranslated += q.untranslated();
        queue = null;
    }

    boolean takeFault() {
        boolean was = faulted;
        faulted = false;
        return was;
    }
}
