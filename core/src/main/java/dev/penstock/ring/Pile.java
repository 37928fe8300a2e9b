package dev.penstock.ring;

import dev.penstock.eal.LcoreThread;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.Objects;

/** Keeps what lies behind a pile off its fields. */
abstract class PileFields<E> extends OwnedStack<E> {
    final Ring<E> ring;
    /** How many a worker may keep aside. */
    int mostAside;
    /** Each worker's, by its slot, from {@link Pile#FIRST} on; null while nobody keeps any aside, and again when all have been taken away. */
    Magazine<E>[] magazines;

    PileFields(Ring<E> ring) {
        super(ring.slots, ring.capacity());
        this.ring = ring;
    }
}

/**
 * A ring whose elements have no order, as a pool's. While one thread alone pushes and pops, they lie in the ring's slots as a stack, without an
 * atomic instruction; a second one makes a ring of it: see {@link Bias}. Then each worker ({@link LcoreThread}) may keep some aside, as a stack again;
 * they still are everybody's: who finds too few in the ring puts all of them back there, and nobody keeps any aside from then on.
 *
 * <p>Any thread may use it that may use the ring. An owner's stack is for rings whose both sides are {@link Ring.Sync#MULTI}; all
 * others are rings from the start.
 *
 * @param <E> the type of the elements
 */
public final class Pile<E> extends PileFields<E> {
    private static final VarHandle MAGAZINES;
    /** The slots' array begins with two lines that nobody reads, since who made it may write to what lies before it. */
    static final int FIRST = 32;
    private static final VarHandle MAGAZINE = MethodHandles.arrayElementVarHandle(Magazine[].class);

    static {
        try {
            MAGAZINES = MethodHandles.lookup().findVarHandle(PileFields.class, "magazines", Magazine[].class);
        } catch (ReflectiveOperationException e) {
            throw new ExceptionInInitializerError(e);
        }
    }

    @SuppressWarnings("unused")
    private long b0, b1, b2, b3, b4, b5, b6, b7, b8, b9, b10, b11, b12, b13, b14, b15;

    /**
     * A pile in an empty ring.
     *
     * @param ring nobody uses it but by way of the pile
     */
    public Pile(Ring<E> ring) {
        super(ring);
        Bias.forget(this, mayBeOwned());
    }

    private boolean mayBeOwned() {
        return ring.producerSync() == Ring.Sync.MULTI && ring.consumerSync() == Ring.Sync.MULTI;
    }

    /**
     * Lets workers keep elements aside once there are several. Before the pile is used.
     *
     * @param most how many each may keep; fewer than two batches of 32 are none
     */
    public void keepAside(int most) {
        mostAside = Bias.USED && mayBeOwned() && most >= 2 * Magazine.BATCH ? most : 0;
    }

    /**
     * How many elements it holds; exact only when nobody else uses it.
     *
     * @return the count
     */
    public int count() {
        if (!Bias.isShared(this)) {
            return (int) tailPosition();
        }
        Magazine<E>[] magazines = magazines();
        int n = ring.count();
        for (int i = FIRST; magazines != null && i < magazines.length; i++) {
            Magazine<E> magazine = at(magazines, i);
            n += magazine == null ? 0 : (int) magazine.tailPosition();
        }
        return n;
    }

    /**
     * Puts all or nothing on it.
     *
     * @param from source of the references
     * @param offset index of the first
     * @param n how many
     * @return false when there is no room
     */
    public boolean push(E[] from, int offset, int n) {
        if (Bias.isMine(this)) {
            if (pushOwn(from, offset, n)) {
                return true;
            }
        } else if (Bias.isShared(this)) {
            Magazine<E>[] magazines = magazines();
            if (magazines != null) {
                Magazine<E> mine = mine(magazines);
                if (mine != null && mine.pushOwn(from, offset, n)) {
                    return true;
                }
                if (mine == null || n < Magazine.BATCH) {
                    return pushAside(magazines, from, offset, n);
                }
            }
            return ring.enqueueBulk(from, offset, n) == n;
        }
        return pushRest(from, offset, n);
    }

    /**
     * Takes all or nothing of it.
     *
     * @param to where the references go
     * @param offset index of the first
     * @param n how many
     * @return false when there are fewer
     */
    public boolean pop(E[] to, int offset, int n) {
        if (Bias.isMine(this)) {
            if (popOwn(to, offset, n)) {
                return true;
            }
        } else if (Bias.isShared(this)) {
            Magazine<E>[] magazines = magazines();
            if (magazines != null) {
                Magazine<E> mine = mine(magazines);
                if (mine != null && mine.popOwn(to, offset, n)) {
                    return true;
                }
                if (n < Magazine.BATCH) {
                    return popAside(magazines, to, offset, n);
                }
            }
            return ring.dequeueBulk(to, offset, n) == n || magazines != null && popAside(magazines, to, offset, n);
        }
        return popRest(to, offset, n);
    }

    @SuppressWarnings("unchecked")
    private Magazine<E>[] magazines() {
        return (Magazine<E>[]) MAGAZINES.getAcquire(this);
    }

    @SuppressWarnings("unchecked")
    private static <E> Magazine<E> at(Magazine<E>[] magazines, int index) {
        return (Magazine<E>) MAGAZINE.getAcquire(magazines, index);
    }

    /** The calling worker's magazine, if it has one. */
    private static <E> Magazine<E> mine(Magazine<E>[] magazines) {
        int slot = LcoreThread.currentSlot();
        Magazine<E> magazine = slot < 0 ? null : magazines[FIRST + slot];
        return magazine != null && Bias.isMine(magazine) ? magazine : null;
    }

    /** As {@link #mine}, which one is made for if need be; null also when all are taken away. */
    private Magazine<E> mineMade(Magazine<E>[] magazines) {
        int slot = LcoreThread.currentSlot();
        if (slot < 0) {
            return null;
        }
        Magazine<E> magazine = at(magazines, FIRST + slot);
        if (magazine == null) {
            magazine = Magazine.ofCaller(ring, mostAside);
            return MAGAZINE.compareAndSet(magazines, FIRST + slot, null, magazine) ? magazine : null;
        }
        return Bias.inherit(magazine) ? magazine : null;
    }

    /** What the worker's own magazine can't do alone. */
    private boolean pushAside(Magazine<E>[] magazines, E[] from, int offset, int n) {
        Objects.checkFromIndexSize(offset, n, from.length);
        if (from.getClass() != slots.getClass()) {
            ElementTypes.checkSource(ring.name(), slots, from, offset, n);
        }
        if (n > 0) {
            Magazine<E> mine = mineMade(magazines);
            if (mine != null && (n < Magazine.BATCH ? mine.pushSpilled(from, offset, n) : mine.pushOwn(from, offset, n))) {
                return true;
            }
        }
        return ring.enqueueBulk(from, offset, n) == n;
    }

    private boolean popAside(Magazine<E>[] magazines, E[] to, int offset, int n) {
        Objects.checkFromIndexSize(offset, n, to.length);
        if (to.getClass() != slots.getClass()) {
            ElementTypes.checkTarget(ring.name(), slots, to);
        }
        if (n > 0 && n < Magazine.BATCH) {
            Magazine<E> mine = mineMade(magazines);
            if (mine != null && mine.popRefilled(to, offset, n)) {
                return true;
            }
        }
        if (ring.dequeueBulk(to, offset, n) == n) {
            return true;
        }
        endKeeping(magazines);
        return ring.dequeueBulk(to, offset, n) == n;
    }

    private void beginKeeping() {
        @SuppressWarnings({"unchecked", "rawtypes"})
        Magazine<E>[] none = mostAside == 0 ? null : new Magazine[FIRST + LcoreThread.MAX_SLOTS];
        MAGAZINES.setRelease(this, none);
    }

    /** Returns when everything is in the ring, and nothing will be kept aside any more. */
    private void endKeeping(Magazine<E>[] magazines) {
        Magazine<E> closed = new Magazine<>(ring, slots, 0);
        for (int i = FIRST; i < magazines.length; i++) {
            if (!MAGAZINE.compareAndSet(magazines, i, null, closed)) {
                Bias.open(at(magazines, i));
            }
        }
        MAGAZINES.setRelease(this, null);
    }

    /** The pile is not the calling thread's yet, or it is and the call is not an ordinary one. */
    private boolean pushRest(E[] from, int offset, int n) {
        while (Bias.settle(this)) {
            int top = length;
            Objects.checkFromIndexSize(offset, n, from.length);
            ElementTypes.checkSource(ring.name(), slots, from, offset, n);
            if (n == 0 || n > capacity - top) {
                return n == 0;
            }
            if (Bias.enter(this, top, n)) {
                System.arraycopy(from, offset, slots, Ring.PAD + top, n);
                leave(top + n);
                return true;
            }
        }
        return push(from, offset, n);
    }

    private boolean popRest(E[] to, int offset, int n) {
        while (Bias.settle(this)) {
            int top = length;
            Objects.checkFromIndexSize(offset, n, to.length);
            ElementTypes.checkTarget(ring.name(), slots, to);
            if (n == 0 || n > top) {
                return n == 0;
            }
            if (Bias.enter(this, top, -n)) {
                System.arraycopy(slots, Ring.PAD + top - n, to, offset, n);
                leave(top - n);
                return true;
            }
        }
        return pop(to, offset, n);
    }

    /**
     * Lets the next thread have the pile for itself, as {@link Ring#handOver} does a ring's sides. Only while nobody uses it.
     */
    public void handOver() {
        if (Bias.isShared(this)) {
            ring.handOver();
            if (magazines == null) {
                beginKeeping();
            }
        } else {
            Bias.forget(this, true);
        }
    }

    @Override
    void share() {
        ring.producer.reset(length);
        ring.consumer.reset(0);
        beginKeeping();
    }
}
