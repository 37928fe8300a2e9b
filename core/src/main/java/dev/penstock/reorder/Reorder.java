package dev.penstock.reorder;

import dev.penstock.mbuf.Mbuf;
import java.util.Objects;

/**
 * A window of sequence numbers in which packets wait for those before them (DPDK: rte_reorder). The first packet sets
 * where it begins. One that is beyond the window, by less than its size, moves it: what waits at its start becomes
 * ready, gaps and all. For one thread.
 *
 * <p>The number usually travels in a dynamic field of the packet, named {@code rte_reorder_seqn} in DPDK.
 */
public final class Reorder {
    /** What became of a packet; one that was not inserted stays the caller's. */
    public enum Insert {
        /** It waits, or is ready. */
        INSERTED,
        /** The window can't move since too many packets are ready: drain, then try again (DPDK: ENOSPC). */
        NO_SPACE,
        /** It is before the window, or more than its size beyond (DPDK: ERANGE). */
        OUT_OF_WINDOW,
        /** Its number waits already. DPDK loses the packet that waited. */
        DUPLICATE
    }

    private final int mask;
    private final Mbuf[] waiting;
    private final Mbuf[] ready;
    private int waitingHead;
    private int waitingCount;
    private int readyHead;
    private int readyCount;
    private int minSeqn;
    private boolean begun;
    private long early;
    private long late;
    private long skipped;
    private long duplicates;

    /**
     * Makes an empty buffer.
     *
     * @param size of the window in packets, a power of two from 2 to 2^20
     * @throws IllegalArgumentException when it is not
     */
    public Reorder(int size) {
        if (size < 2 || size > 1 << 20 || Integer.bitCount(size) != 1) {
            throw new IllegalArgumentException("reorder window of " + size + " packets; give a power of two from 2 to 1048576");
        }
        mask = size - 1;
        waiting = new Mbuf[size];
        ready = new Mbuf[size];
    }

    /** @return the first number of the window; meaningful once there was a packet */
    public int minSeqn() {
        return minSeqn;
    }

    /**
     * Sets where the window begins (rte_reorder_min_seqn_set).
     *
     * @param seqn the first number expected
     * @return false, and nothing done, when there was a packet already
     */
    public boolean minSeqn(int seqn) {
        if (begun) {
            return false;
        }
        begun = true;
        minSeqn = seqn;
        return true;
    }

    /** @return packets in it, waiting and ready */
    public int count() {
        return waitingCount + readyCount;
    }

    /** @return packets that came before the numbers between them and the window, and moved it */
    public long early() {
        return early;
    }

    /** @return packets refused as out of the window */
    public long late() {
        return late;
    }

    /** @return numbers that the window has passed without their packet */
    public long skipped() {
        return skipped;
    }

    /** @return packets refused since their number waited already */
    public long duplicates() {
        return duplicates;
    }

    /**
     * Takes a packet.
     *
     * @param m the packet
     * @param seqn its number; numbers wrap at 2^32
     * @return what became of it
     */
    public Insert insert(Mbuf m, int seqn) {
        if (!begun) {
            minSeqn(seqn);
        }
        int size = mask + 1;
        int offset = seqn - minSeqn;
        if (offset < 0 || offset >= 2 * size) {
            late++;
            return Insert.OUT_OF_WINDOW;
        }
        if (offset >= size) {
            if (!move(offset - mask)) {
                return Insert.NO_SPACE;
            }
            early++;
            offset = mask;
        }
        int at = waitingHead + offset & mask;
        if (waiting[at] != null) {
            duplicates++;
            return Insert.DUPLICATE;
        }
        waiting[at] = m;
        waitingCount++;
        return Insert.INSERTED;
    }

    /** Moves the window; false when there was no room for all of its packets, then it has moved as far as there was. */
    private boolean move(int by) {
        for (int i = 0; i < by; i++) {
            Mbuf m = waiting[waitingHead];
            if (m != null) {
                if (readyCount > mask) {
                    return false;
                }
                ready[readyHead + readyCount++ & mask] = m;
            }
            skipped += m == null ? 1 : 0;
            pass();
        }
        return true;
    }

    private void pass() {
        if (waiting[waitingHead] != null) {
            waiting[waitingHead] = null;
            waitingCount--;
        }
        waitingHead = waitingHead + 1 & mask;
        minSeqn++;
    }

    /**
     * Gives packets in order, as far as no number is missing.
     *
     * @param to gets them
     * @param offset where the first one goes
     * @param max how many at most
     * @return how many
     * @throws IndexOutOfBoundsException when the array has no room for so many; nothing is drained
     */
    public int drain(Mbuf[] to, int offset, int max) {
        Objects.checkFromIndexSize(offset, max, to.length);
        int n = drainReady(to, offset, max);
        while (n < max && waiting[waitingHead] != null) {
            to[offset + n++] = waiting[waitingHead];
            pass();
        }
        return n;
    }

    /**
     * Gives packets in order up to a number, without those that are missing (rte_reorder_drain_up_to_seqn): for when
     * waiting has taken too long.
     *
     * @param to gets them
     * @param offset where the first one goes
     * @param max how many at most
     * @param seqn the number to stop before; within the window or its end
     * @return how many
     * @throws IndexOutOfBoundsException when the array has no room for so many; nothing is drained
     */
    public int drainUpTo(Mbuf[] to, int offset, int max, int seqn) {
        Objects.checkFromIndexSize(offset, max, to.length);
        int n = drainReady(to, offset, max);
        int upTo = Math.min(seqn - minSeqn, mask + 1);
        for (int passed = 0; n < max && passed < upTo; passed++) {
            Mbuf m = waiting[waitingHead];
            if (m != null) {
                to[offset + n++] = m;
            } else {
                skipped++;
            }
            pass();
        }
        return n;
    }

    private int drainReady(Mbuf[] to, int offset, int max) {
        int n = Math.min(max, readyCount);
        for (int i = 0; i < n; i++) {
            int at = readyHead + i & mask;
            to[offset + i] = ready[at];
            ready[at] = null;
        }
        readyHead = readyHead + n & mask;
        readyCount -= n;
        return n;
    }

    /** Frees all packets and begins anew with the next one (rte_reorder_reset); counters stay. */
    public void reset() {
        for (int i = 0; i <= mask; i++) {
            if (waiting[i] != null) {
                waiting[i].free();
                waiting[i] = null;
            }
            if (ready[i] != null) {
                ready[i].free();
                ready[i] = null;
            }
        }
        waitingCount = 0;
        readyCount = 0;
        begun = false;
    }
}
