package dev.penstock.drivers.memif;

import dev.penstock.drivers.kernel.Watch;
import dev.penstock.linux.EventFd;
import dev.penstock.virtqueue.BurstLock;
import dev.penstock.virtqueue.Faults;
import java.lang.foreign.MemorySegment;

/**
 * What a receive or transmit queue works on while a peer is connected: a ring, the memory of its buffers, a way to wake
 * the peer. The control thread attaches and detaches it between bursts. A ring's memory goes only after that.
 */
final class MemifQueue {
    private final BurstLock lock = new BurstLock();
    /** What a receiver sleeps on, whichever peer is connected. */
    final Watch watch = new Watch();

    /** Null while no peer is connected. */
    MemifRing ring;
    MemorySegment[] regions;
    EventFd wake;
    /** Whether this side made the memory: then buffers stand where it laid them, whatever the descriptors say. */
    boolean client;
    /** A client's first buffer in its one region. */
    long buffers;
    int bufferBytes;
    /** What a client that does not copy has lent the peer; else null. */
    MemifLoans loans;
    /** Whether the peer can cut the memory short, so that a burst has to wait for errors. */
    boolean unsealed;
    /** The next position. */
    int at;
    /** How many positions from there on are known to be ours: the peer's index is read when these are too few. */
    private int known;

    /** The other side moved an index further than the ring is long. */
    long badIndexes;
    /** Descriptors that point outside the shared memory, or packets without an end. */
    long badDescriptors;
    /** The memory was taken away under a burst. */
    volatile boolean lost;

    /**
     * Enters a burst.
     *
     * @return false when no peer is connected
     */
    boolean enter() {
        if (!lock.tryEnter()) {
            return false;
        }
        if (ring == null) {
            lock.exit();
            return false;
        }
        return true;
    }

    void exit() {
        lock.exit();
    }

    /** Ends the accesses of a burst: has the JVM report one that failed. */
    void settle() {
        if (unsealed) {
            Faults.deliver();
        }
    }

    /** The memory turned out to be gone: the file behind it was cut short. */
    void lose() {
        ring = null;
        lost = true;
    }

    /** Connects a server's queue. */
    void attach(MemifRing to, MemorySegment[] memory, boolean canShrink, EventFd waker) {
        attach(to, memory, canShrink, waker, false, 0, 0, null);
    }

    /** Connects a client's queue, whose buffers lie in a row; with loans it lends packets where it can. */
    void attach(MemifRing to, MemorySegment memory, EventFd waker, long firstBuffer, int eachBytes, MemifLoans lends) {
        attach(to, new MemorySegment[] {memory}, false, waker, true, firstBuffer, eachBytes, lends);
    }

    private void attach(MemifRing to, MemorySegment[] memory, boolean canShrink, EventFd waker, boolean asClient,
            long firstBuffer, int eachBytes, MemifLoans lends) {
        watch.on(waker.fd());
        lock.enter();
        ring = to;
        regions = memory;
        wake = waker;
        unsealed = canShrink;
        client = asClient;
        buffers = firstBuffer;
        bufferBytes = eachBytes;
        loans = lends;
        at = 0;
        known = 0;
        lock.exit();
    }

    /** Wakes who sleeps until there is something to receive: it has asked the ring before to be told, or none. */
    void rouse() {
        wake.signal();
    }

    /** Disconnects; when it returns no burst touches the memory any more. */
    void detach() {
        watch.off();
        lock.enter();
        ring = null;
        regions = null;
        wake = null;
        lost = false;
        if (loans != null) {
            loans.end();
            loans = null;
        }
        lock.exit();
    }

    /**
     * Positions that are filled, for who receives; looks at the peer's index only when it must.
     *
     * @return as many as wanted or more, or else all that there are
     */
    int filled(int wanted) {
        return known < wanted ? look(true) : known;
    }

    /**
     * Positions that are free, for who sends; looks at the peer's index only when it must.
     *
     * @return as many as wanted or more, or else all that there are
     */
    int free(int wanted) {
        return known < wanted ? look(false) : known;
    }

    /**
     * Looks at the peer's index.
     *
     * @param receives whether filled positions are asked for, or else free ones
     * @return all that there are
     */
    int look(boolean receives) {
        int to = client ? ring.tail() : ring.head();
        // what the peer gave it cannot take back
        known = Math.max(known, client && !receives ? ring.size() - distance(to, at) : distance(at, to));
        if (loans != null && !receives) {
            loans.read(at + known - ring.size());
        }
        return known;
    }

    /** Goes on to another position, further by no more than is known to be ours. */
    void moved(int to) {
        known -= to - at;
        at = to & 0xffff;
    }

    /**
     * How far the peer's index is ahead.
     *
     * @return 0 to the ring's size; 0 when the peer's index makes no sense
     */
    int distance(int from, int to) {
        int n = to - from & 0xffff;
        if (n > ring.size()) {
            badIndexes++;
            return 0;
        }
        return n;
    }

    /**
     * The number of the region that a descriptor's bytes lie in.
     *
     * @return -1 when they lie in none
     */
    int region(int flagsAndRegion, long offset, long length) {
        int region = client ? 0 : flagsAndRegion >>> 16;
        if (region < regions.length && offset + length <= regions[region].byteSize()) {
            return region;
        }
        badDescriptors++;
        return -1;
    }

    /** Where a slot's buffer begins. */
    long offset(int slot) {
        return client ? buffers + (long) (slot & ring.size() - 1) * bufferBytes : ring.offset(slot);
    }
}
