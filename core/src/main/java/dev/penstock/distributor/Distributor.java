package dev.penstock.distributor;

import dev.penstock.mbuf.Mbuf;
import dev.penstock.ring.Ring;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.Objects;

/**
 * One lcore that spreads packets over workers, so that packets with the same tag are never with two workers at once and
 * stay in order (DPDK: rte_distributor, burst mode). The tag is {@link Mbuf#rssHash()}, as it is when the packet comes.
 * Tags are followed in 4096 groups; a group belongs to a worker while packets of it are there, and to the least
 * loaded one next.
 *
 * <p>{@link #process}, {@link #returned} and the counters are for the distributing thread, {@link #poll} and {@link
 * #leave} for the worker's. A worker asks for packets again only when it is done with those it has.
 */
public final class Distributor {
    /** The answer of {@link #poll} to a worker that wanted to leave and has. */
    public static final int LEFT = -1;
    /** Greatest number of workers. */
    public static final int MAX_WORKERS = 64;

    private static final int GROUPS = 4096;
    /** Packets that may wait for a worker or be with it. */
    private static final int BACKLOG = 1024;
    /** Packets that came back and that nobody has taken yet. */
    private static final int RETURNS = 4096;
    /** Two cache lines between what two threads write. */
    private static final int STRIDE = 16;
    private static final VarHandle SHARED = MethodHandles.arrayElementVarHandle(long[].class);
    private static final long ABSENT = 0;
    private static final long ACTIVE = 1;
    private static final long LEAVING = 2;
    private static final long GONE = 3;

    private final int workers;
    private final Ring<Mbuf>[] toWorker;
    private final Ring<Mbuf>[] fromWorker;
    /** By worker: packets it has done, and whether it wants more; written by the worker, but for GONE. */
    private final long[] done;
    private final long[] state;
    /** By worker: packets it has taken with its last poll. */
    private final long[] taken;
    /** By worker: the groups of the packets given to it, oldest first. */
    private final short[] given = new short[MAX_WORKERS * BACKLOG];
    private final long[] givenCount = new long[MAX_WORKERS];
    private final long[] completed = new long[MAX_WORKERS];
    private final byte[] owner = new byte[GROUPS];
    private final int[] inFlight = new int[GROUPS];
    private final Mbuf[] returns = new Mbuf[RETURNS];
    private int returnsHead;
    private int returnsCount;
    private final Mbuf[] burst = new Mbuf[64];
    private int turn;
    private long returnsLost;
    private long processed;
    private long refused;

    /**
     * Makes a distributor; workers join with their first {@link #poll}.
     *
     * @param name of its rings
     * @param workers how many, 1 to {@link #MAX_WORKERS}
     * @throws IllegalArgumentException when that is out of range
     */
    @SuppressWarnings({"unchecked", "rawtypes"})
    public Distributor(String name, int workers) {
        if (workers < 1 || workers > MAX_WORKERS) {
            throw new IllegalArgumentException("distributor with " + workers + " workers; give 1 to " + MAX_WORKERS);
        }
        this.workers = workers;
        toWorker = new Ring[workers];
        fromWorker = new Ring[workers];
        for (int i = 0; i < workers; i++) {
            toWorker[i] = Ring.exactSize(name + " to " + i, Mbuf.class, BACKLOG, Ring.Sync.SINGLE, Ring.Sync.SINGLE);
            fromWorker[i] = Ring.exactSize(name + " from " + i, Mbuf.class, BACKLOG, Ring.Sync.SINGLE, Ring.Sync.SINGLE);
        }
        done = new long[(workers + 1) * STRIDE];
        state = new long[(workers + 1) * STRIDE];
        taken = new long[(workers + 1) * STRIDE];
    }

    /**
     * Gives packets to workers.
     *
     * @param packets array that holds them
     * @param offset of the first one
     * @param n how many
     * @return how many were given, from the first on; fewer than n when the one worker a packet may go to has 1024
     *     already or leaves, or there is no worker. The others stay the caller's.
     */
    public int process(Mbuf[] packets, int offset, int n) {
        Objects.checkFromIndexSize(offset, n, packets.length);
        long leaving = 0;
        for (int w = 0; w < workers; w++) {
            complete(w);
            leaving |= (long) SHARED.getOpaque(state, slot(w)) == LEAVING ? 1L << w : 0;
        }
        int i = 0;
        for (; i < n; i++) {
            Mbuf m = packets[offset + i];
            int group = group(m.rssHash());
            int worker = inFlight[group] > 0 ? owner[group] : leastLoaded();
            if (worker < 0 || load(worker) == BACKLOG || (leaving >>> worker & 1) != 0) {
                refused += n - i;
                break;
            }
            owner[group] = (byte) worker;
            inFlight[group]++;
            given[worker * BACKLOG + (int) (givenCount[worker]++ & BACKLOG - 1)] = (short) group;
            toWorker[worker].enqueue(m);
        }
        processed += i;
        return i;
    }

    private static int group(int tag) {
        return tag * 0x9e37_79b1 >>> 20;
    }

    private int load(int worker) {
        return (int) (givenCount[worker] - completed[worker]);
    }

    /**
     * Takes what a worker has given back, and only then frees the groups of what it has done, so that another worker's
     * packets of the same tag come later. Lets it leave when it has nothing any more.
     */
    private void complete(int worker) {
        long now = (long) SHARED.getAcquire(done, slot(worker));
        if (now != completed[worker]) {
            collect(worker);
        }
        for (long c = completed[worker]; c < now; c++) {
            inFlight[given[worker * BACKLOG + (int) (c & BACKLOG - 1)]]--;
        }
        completed[worker] = now;
        if (load(worker) == 0 && (long) SHARED.getAcquire(state, slot(worker)) == LEAVING) {
            SHARED.setRelease(state, slot(worker), GONE);
        }
    }

    private void collect(int worker) {
        int n = fromWorker[worker].dequeueBurst(burst, 0, burst.length);
        while (n > 0) {
            int kept = Math.min(n, RETURNS - returnsCount);
            for (int i = 0; i < kept; i++) {
                returns[returnsHead + returnsCount++ & RETURNS - 1] = burst[i];
            }
            returnsLost += n - kept;
            Mbuf.freeBulk(burst, kept, n - kept);
            n = fromWorker[worker].dequeueBurst(burst, 0, burst.length);
        }
    }

    private int leastLoaded() {
        int best = -1;
        int least = BACKLOG;
        for (int i = 0; i < workers; i++) {
            int worker = turn + i < workers ? turn + i : turn + i - workers;
            if (load(worker) < least && (long) SHARED.getOpaque(state, slot(worker)) == ACTIVE) {
                least = load(worker);
                best = worker;
            }
        }
        turn = best + 1 < workers ? best + 1 : 0;
        return best;
    }

    /**
     * Takes packets that workers have given back (rte_distributor_returned_pkts). Those of one tag are in order.
     *
     * @param packets gets them
     * @param offset where the first one goes
     * @param max how many at most
     * @return how many
     * @throws IndexOutOfBoundsException when the array has no room for so many; none is taken
     */
    public int returned(Mbuf[] packets, int offset, int max) {
        Objects.checkFromIndexSize(offset, max, packets.length);
        for (int w = 0; w < workers; w++) {
            complete(w);
        }
        int n = Math.min(max, returnsCount);
        for (int i = 0; i < n; i++) {
            int at = returnsHead + i & RETURNS - 1;
            packets[offset + i] = returns[at];
            returns[at] = null;
        }
        returnsHead = returnsHead + n & RETURNS - 1;
        returnsCount -= n;
        return n;
    }

    /** @return packets that workers have or that wait for them (0: flushed) */
    public int outstanding() {
        int sum = 0;
        for (int w = 0; w < workers; w++) {
            complete(w);
            sum += load(w);
        }
        return sum;
    }

    /** @return packets given to workers so far */
    public long processed() {
        return processed;
    }

    /** @return packets that {@link #process} left to its caller, counted at each try */
    public long refused() {
        return refused;
    }

    /** @return packets freed since nobody took what workers gave back, beyond 4096 */
    public long returnsLost() {
        return returnsLost;
    }

    /**
     * Is done with the last packets, gives some back and asks for more (rte_distributor_get_pkt). For a worker.
     *
     * @param worker its number, from 0
     * @param packets the first ones go back to the distributor; gets the next ones
     * @param back how many go back, up to those of the last poll; those that the worker has freed or sent do not
     * @param max how many to get at most
     * @return how many there are now, maybe 0, or {@link #LEFT}
     * @throws IllegalArgumentException when more go back than came
     */
    public int poll(int worker, Mbuf[] packets, int back, int max) {
        int at = slot(Objects.checkIndex(worker, workers));
        if (back < 0 || back > taken[at]) {
            throw new IllegalArgumentException("worker " + worker + " gives back " + back + " packets of " + taken[at]
                    + "; give back at most those of its last poll");
        }
        fromWorker[worker].enqueueBulk(packets, 0, back);
        if (taken[at] != 0) {
            SHARED.setRelease(done, at, done[at] + taken[at]);
            taken[at] = 0;
        }
        long now = (long) SHARED.getAcquire(state, at);
        if (now == GONE) {
            SHARED.setRelease(state, at, ABSENT);
            return LEFT;
        }
        if (now == ABSENT) {
            SHARED.setRelease(state, at, ACTIVE);
        }
        int n = toWorker[worker].dequeueBurst(packets, 0, max);
        taken[at] = n;
        return n;
    }

    /**
     * Asks for no more packets. The worker goes on polling until that answers {@link #LEFT}; packets that were given
     * before still come. It may join again with another poll.
     *
     * @param worker its number, from 0
     */
    public void leave(int worker) {
        SHARED.setRelease(state, slot(Objects.checkIndex(worker, workers)), LEAVING);
    }

    private static int slot(int worker) {
        return worker * STRIDE;
    }
}
