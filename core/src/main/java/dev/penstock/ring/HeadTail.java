package dev.penstock.ring;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;

/** What only the threads of this side touch. */
abstract class HeadTailOwn extends Owned {
    /** MULTI: position. RTS: count in the upper half, position in the lower. SINGLE: end of what was started. */
    long head;
    /** SINGLE, MULTI: up to where this side may go, as some thread of it once read. It may be further now. */
    long limit;
    /** SINGLE and MULTI's owner, for bursts: the same, but not beyond the last slot of the array, so that a burst is copied in one part. */
    long end;
    /** While it is worth waiting: the position at which the next look is a patient one. */
    long calmUntil = Long.MAX_VALUE;
    /** The position from which on a look that finds too little is a patient one. */
    long patientFrom;
    /** How many slots behind a wait that was not worth it the next one may come. */
    int rest = HeadTail.FIRST_REST;
    int pauses = HeadTail.FEWEST_PAUSES;
    final int mostPauses;
    /** Fewer slots than these are few. */
    final int few;
    /** RTS: how far the head may run before the tail. */
    int htdMax;
    final int mode;
    final int base;

    HeadTailOwn(int mode, int base, int capacity) {
        this.mode = mode;
        this.base = base;
        this.few = Math.clamp(capacity / 16, 1, HeadTail.FEW);
        this.mostPauses = Math.clamp(capacity / 64, HeadTail.FEWEST_PAUSES, HeadTail.MOST_PAUSES);
    }
}

/** Keeps the tail, which the other side reads, off the fields that it does not read. */
abstract class HeadTailPad1 extends HeadTailOwn {
    long b0, b1, b2, b3, b4, b5, b6, b7, b8, b9, b10, b11, b12, b13, b14, b15;

    HeadTailPad1(int mode, int base, int capacity) {
        super(mode, base, capacity);
    }
}

/** What the other side reads too. */
abstract class HeadTailShared extends HeadTailPad1 {
    /** The position in the lower half. Upper half: more of it; RTS: count; HTS: head. */
    long tail;

    HeadTailShared(int mode, int base, int capacity) {
        super(mode, base, capacity);
    }
}

/**
 * One side of a ring, producer or consumer: where its threads claim slots (head) and up to where they are done
 * (tail). Both sides work alike: the producer may claim {@code capacity + consumer.tail - head}, the consumer
 * {@code 0 + producer.tail - head}; the addend is {@code base}.
 *
 * <p>Why the access modes suffice. A thread works on its slots after it has read the other side's tail with
 * acquire, and before it stores its own with release; so what one side did to a slot happens before what the
 * other does. Threads of one side publish in the order of their claims: each reads its predecessor's tail with
 * acquire before it stores its own, so one acquire of the last tail orders all that was done up to it. The claim
 * (compare-and-set of the head) acquires, which keeps slot accesses after it, and releases: who reads a head
 * must not then read a tail of the other side that is older than the one which that head was made from.
 *
 * <p>A SINGLE side has no head to claim with: its tail is its position, and one release store publishes. It
 * reads the other side's tail, which costs a cache miss, only when what it saw last is used up. MULTI threads do so
 * too: any thread may have stored the limit, and one that is too old only makes them look again.
 *
 * <p>A MULTI consumer claims before it reads, as a producer does before it writes, although to read first and claim then
 * would leave no consumer waiting for another one. But what a producer on the same core has just written is read at once
 * only when the claim's locked instruction lies between, which waits for the stores before it: see docs/figures.md.
 */
final class HeadTail extends HeadTailShared {
    static final int SINGLE = 0;
    static final int MULTI = 1;
    static final int RTS = 2;
    static final int HTS = 3;

    /** A patient look waits this many pauses, some 80 ns; next time twice as many if it was {@link #WORTH} it. */
    static final int FEWEST_PAUSES = 4;
    static final int MOST_PAUSES = 32;
    static final int FEW = 128;
    static final int FIRST_REST = 64;
    private static final int LONGEST_REST = 1 << 15;
    /** How many slots must come in a pause: some 80 million a second, where a pause takes 25 ns. */
    private static final int WORTH = 2;

    private static final long LOW = 0xffffffffL;
    private static final VarHandle HEAD;
    private static final VarHandle TAIL;
    private static final VarHandle LIMIT;

    long c0, c1, c2, c3, c4, c5, c6, c7, c8, c9, c10, c11, c12, c13, c14, c15;

    static {
        try {
            MethodHandles.Lookup lookup = MethodHandles.lookup();
            HEAD = lookup.findVarHandle(HeadTailOwn.class, "head", long.class);
            TAIL = lookup.findVarHandle(HeadTailShared.class, "tail", long.class);
            LIMIT = lookup.findVarHandle(HeadTailOwn.class, "limit", long.class);
        } catch (ReflectiveOperationException e) {
            throw new ExceptionInInitializerError(e);
        }
    }

    HeadTail(int mode, int base, int capacity) {
        super(mode, base, capacity);
        limit = base;
        end = base;
        htdMax = capacity / 8;
        forget();
    }

    /** SINGLE: the position of the next slot. */
    long position() {
        return tail;
    }

    /** SINGLE: how many slots from a position on may be used, n at most; nothing is claimed. */
    int mayUseSingle(HeadTail other, long position, int n, boolean fixed) {
        return n <= limit - position ? n : atMost(lookBeyond(other, position), n, fixed);
    }

    private int lookBeyond(HeadTail other, long position) {
        int most = base + other.tailAcquire() - (int) position;
        limit = position + most;
        return most;
    }

    /** SINGLE: whether n slots from its position on may be used, lie in one part of the array, and need no patient look; nothing is claimed. */
    boolean inOnePart(HeadTail other, long position, int n, int mask) {
        if (n <= end - position) {
            return true;
        }
        int most = base + other.tailAcquire() - (int) position;
        if (n > most) {
            return false;
        }
        end = endOf(position, most, mask);
        return n <= end - position;
    }

    private long endOf(long position, int most, int mask) {
        return Math.min(calmUntil, position + Math.min(most, mask + 1 - ((int) position & mask)));
    }

    /** SINGLE, after {@link #inOnePart} said no: whether it may go no further, and has looked patiently before. */
    boolean isStopped(HeadTail other, long position) {
        return base + other.tailAcquire() == (int) position && position < patientFrom;
    }

    /** SINGLE, after {@link #isStopped} said no: how many slots from its position on may be used now. */
    int lookSingle(HeadTail other, long position, int mask) {
        lookPatiently(other, position);
        int most = base + other.tailAcquire() - (int) position;
        end = endOf(position, most, mask);
        return most;
    }

    /**
     * SINGLE, and MULTI's owner: lets the other side get ahead when it is close and fast. Each look at its tail takes the line away from
     * it, and so do slots in a line that it works at, until both sides go at the pace of lines between processors; after a moment
     * without a look each goes at its own. Whether the other side is fast shows in how far it gets meanwhile; if it does not, there is no
     * wait for the next slots, twice as many each time.
     */
    private void lookPatiently(HeadTail other, long position) {
        if (position < patientFrom) {
            return;
        }
        int before = base + other.tailAcquire() - (int) position;
        if (before >= few) {
            goCalmly(position, before);
            return;
        }
        for (int i = 0; i < pauses; i++) {
            Thread.onSpinWait();
        }
        int most = base + other.tailAcquire() - (int) position;
        if (most - before >= WORTH * pauses) {
            pauses = Math.min(2 * pauses, mostPauses);
            rest = FIRST_REST;
            goCalmly(position, most);
        } else {
            pauses = FEWEST_PAUSES;
            calmUntil = Long.MAX_VALUE;
            patientFrom = position + rest;
            rest = Math.min(2 * rest, LONGEST_REST);
        }
    }

    private void goCalmly(long position, int most) {
        calmUntil = position + most;
        patientFrom = calmUntil;
    }

    /** SINGLE, and MULTI's owner: lets the other side have n more slots. */
    void publishSingle(int n) {
        publishTo(tail + n);
    }

    /** As {@link #publishSingle}, the slots before a position. */
    void publishTo(long position) {
        TAIL.setRelease(this, position);
    }

    /** The position of the tail, which wraps as 32-bit numbers do. */
    int tailAcquire() {
        return (int) (long) TAIL.getAcquire(this);
    }

    /** The position of the tail as MULTI has it, with all bits. */
    @Override
    long tailPosition() {
        return (long) TAIL.getAcquire(this);
    }

    /** The position of the head, for people: nothing is said about slots. */
    int headPosition() {
        return switch (mode) {
            case SINGLE -> tailAcquire();
            case HTS -> (int) ((long) TAIL.getAcquire(this) >>> 32);
            case MULTI -> (int) (Bias.isShared(this) ? next() : Bias.entered(this));
            default -> (int) (long) HEAD.getAcquire(this);
        };
    }

    /** As a new one, but for its position, which is that of the other side or up to the capacity before it. */
    void reset(long position) {
        head = position;
        limit = base;
        end = base;
        calmUntil = Long.MAX_VALUE;
        patientFrom = position;
        TAIL.setRelease(this, position);
        forget();
    }

    /** Lets the next thread have the side, which nobody uses now. */
    void forget() {
        Bias.forget(this, mode == MULTI);
    }

    @Override
    void share() {
        head = tail;
    }

    /**
     * Claims slots for one of many threads.
     *
     * @param other the other side
     * @param n how many
     * @param fixed all or nothing
     * @return how many in the upper half, the first's position in the lower; 0 for none
     */
    long claim(HeadTail other, int n, boolean fixed) {
        if (mode == MULTI) {
            return claimMulti(other, n, fixed);
        }
        return mode == HTS ? claimHts(other, n, fixed) : claimRts(other, n, fixed);
    }

    /**
     * Lets the other side have claimed slots, in the order of the claims.
     *
     * @param position of the first slot
     * @param n how many, as claimed
     */
    void publish(int position, int n) {
        if (mode == MULTI) {
            if (tailAcquire() != position) {
                awaitTail(position);
            }
            TAIL.setRelease(this, tail + n);
        } else if (mode == HTS) {
            TAIL.setRelease(this, both(position + n));
        } else {
            publishRts();
        }
    }

    private long claimMulti(HeadTail other, int n, boolean fixed) {
        if (isMine()) {
            lookPatiently(other, position());
        }
        long before;
        int take;
        do {
            before = isShared() ? next() : tailPosition();
            take = mayUse(other, before, n, fixed);
            if (take == 0) {
                return 0;
            }
        } while (isShared() || !Bias.settle(this) ? !take(before, take) : tail != before || !enter(before, take));
        return join(take, (int) before);
    }

    /** MULTI: how many slots from a position on may be used, n at most; below 0 for a position of long ago alone. */
    int mayUse(HeadTail other, long position, int n, boolean fixed) {
        return n <= (long) LIMIT.getAcquire(this) - position ? n : atMost(look(other, position), n, fixed);
    }

    private int look(HeadTail other, long position) {
        int most = base + other.tailAcquire() - (int) position;
        LIMIT.setRelease(this, position + most);
        return most;
    }

    static int atMost(int most, int n, boolean fixed) {
        return n <= most ? n : fixed ? Math.min(most, 0) : most;
    }

    /** MULTI, shared: the position of the next slot that nobody has claimed. */
    long next() {
        return (long) HEAD.getAcquire(this);
    }

    /** MULTI, shared: claims the n slots from a position on, unless another thread has claimed some since. */
    boolean take(long position, int n) {
        return HEAD.weakCompareAndSet(this, position, position + n);
    }

    /** MULTI: whether threads claim by compare-and-set; once so, it stays so while the ring is in use. */
    boolean isShared() {
        return Bias.isShared(this);
    }

    /** MULTI: whether the calling thread has the side for itself. */
    boolean isMine() {
        return Bias.isMine(this);
    }

    /** MULTI: claims the n slots from the tail on, one at least, for the thread that {@link #isMine} holds for, if it still does. */
    boolean enter(long position, int n) {
        return Bias.enter(this, position, n);
    }

    /** MULTI, {@link #isMine}: claims the n slots from the tail on if the side still is so and they lie in one part of the array. */
    boolean mayEnter(HeadTail other, long position, int n, int mask) {
        return inOnePart(other, position, n, mask) && n != 0 && enter(position, n);
    }

    /** MULTI, after {@link #mayEnter} said no: whether the side is the calling thread's and may go no further. */
    boolean endsAt(HeadTail other, long position) {
        return isStopped(other, position) && isMine();
    }

    /** MULTI: lets the other side have the n slots from a position on, when those before it have come. */
    void publish(long position, int n) {
        if ((long) TAIL.getAcquire(this) != position) {
            awaitTail((int) position);
        }
        TAIL.setRelease(this, position + n);
    }

    private void awaitTail(int position) {
        for (int attempt = 0; tailAcquire() != position; attempt++) {
            Backoff.pause(attempt);
        }
    }

    private long claimRts(HeadTail other, int n, boolean fixed) {
        long before;
        int position;
        int take;
        do {
            before = rtsHead();
            position = (int) before;
            int most = base + other.tailAcquire() - position;
            take = n <= most ? n : fixed ? 0 : most;
            if (take == 0) {
                return 0;
            }
        } while (!HEAD.weakCompareAndSet(this, before, join((int) (before >>> 32) + 1, position + take)));
        return join(take, position);
    }

    private long rtsHead() {
        long before = (long) HEAD.getAcquire(this);
        for (int attempt = 0; (int) before - tailAcquire() > htdMax; attempt++) {
            Backoff.pause(attempt);
            before = (long) HEAD.getAcquire(this);
        }
        return before;
    }

    /** The last one that is done moves the tail for all; nobody waits. */
    private void publishRts() {
        long before;
        long after;
        do {
            before = (long) TAIL.getAcquire(this);
            long last = (long) HEAD.getAcquire(this);
            int count = (int) (before >>> 32) + 1;
            after = join(count, count == (int) (last >>> 32) ? (int) last : (int) before);
        } while (!TAIL.weakCompareAndSet(this, before, after));
    }

    private long claimHts(HeadTail other, int n, boolean fixed) {
        long before;
        int position;
        int take;
        do {
            before = htsBoth();
            position = (int) before;
            int most = base + other.tailAcquire() - position;
            take = n <= most ? n : fixed ? 0 : most;
            if (take == 0) {
                return 0;
            }
        } while (!TAIL.weakCompareAndSet(this, before, join(position + take, position)));
        return join(take, position);
    }

    /** Waits until no thread is between claim and publish. */
    private long htsBoth() {
        long before = (long) TAIL.getAcquire(this);
        for (int attempt = 0; (int) before != (int) (before >>> 32); attempt++) {
            Backoff.pause(attempt);
            before = (long) TAIL.getAcquire(this);
        }
        return before;
    }

    /** Claims slots until {@link #finish}: as {@link #claim}, for SINGLE and HTS. */
    long start(HeadTail other, int n, boolean fixed) {
        if (mode != SINGLE) {
            return claimHts(other, n, fixed);
        }
        int taken = mayUseSingle(other, tail, n, fixed);
        head = tail + taken;
        return join(taken, (int) tail);
    }

    /** The position of the first slot of what was started, after a check that n of them were. */
    int startedPosition(int n) {
        long word = tail;
        int position = (int) word;
        int most = mode == SINGLE ? (int) head - position : (int) (word >>> 32) - position;
        if (n < 0 || n > Math.max(most, 0)) {
            throw new IllegalArgumentException("finish of " + n + " elements, but "
                    + Math.max(most, 0) + " were started; start first, and finish with at most as many");
        }
        return position;
    }

    /** Publishes the first n of what was started and gives the others up. */
    void finish(int position, int n) {
        if (mode == SINGLE) {
            long after = tail + n;
            head = after;
            TAIL.setRelease(this, after);
        } else {
            TAIL.setRelease(this, both(position + n));
        }
    }

    private static long both(int position) {
        return join(position, position);
    }

    private static long join(int upper, int lower) {
        return (long) upper << 32 | lower & LOW;
    }
}
