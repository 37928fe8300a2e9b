package dev.penstock.ring;

import dev.penstock.eal.References;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.Objects;

/** A pile's fields, of which its owner writes two with each call. */
abstract class PileFields<E> extends Owned {
    final Ring<E> ring;
    final E[] slots;
    final int capacity;
    /** How many the owner's stack holds. */
    int length;

    PileFields(Ring<E> ring) {
        this.ring = ring;
        this.slots = ring.slots;
        this.capacity = ring.capacity();
    }
}

/**
 * A ring whose elements have no order, as a pool's. While one thread alone pushes and pops, they lie in the ring's slots as a stack, without an
 * atomic instruction; a second one makes a ring of it: see {@link Bias}.
 *
 * <p>Any thread may use it that may use the ring. An owner's stack is for rings whose both sides are {@link Ring.Sync#MULTI}; all
 * others are rings from the start.
 *
 * @param <E> the type of the elements
 */
public final class Pile<E> extends PileFields<E> {
    private static final VarHandle LENGTH;

    static {
        try {
            LENGTH = MethodHandles.lookup().findVarHandle(PileFields.class, "length", int.class);
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
     * How many elements it holds; exact only when nobody else uses it.
     *
     * @return the count
     */
    public int count() {
        return Bias.isShared(this) ? ring.count() : (int) tailPosition();
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
        E[] slots = this.slots;
        if (Bias.isMine(this)) {
            int top = length;
            if (n > 0 && n <= capacity - top && offset >= 0 && n <= from.length - offset && from.getClass() == slots.getClass()
                    && Bias.enter(this, top, n)) {
                copy(from, offset, slots, Ring.PAD + top, n);
                leave(length + n);
                return true;
            }
        } else if (Bias.isShared(this)) {
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
        E[] slots = this.slots;
        if (Bias.isMine(this)) {
            int top = length;
            if (n > 0 && n <= top && offset >= 0 && n <= to.length - offset && to.getClass() == slots.getClass()
                    && Bias.enter(this, top, -n)) {
                copy(slots, Ring.PAD + top - n, to, offset, n);
                leave(length - n);
                return true;
            }
        } else if (Bias.isShared(this)) {
            return ring.dequeueBulk(to, offset, n) == n;
        }
        return popRest(to, offset, n);
    }

    /** What the owner entered for is done. It reads the length anew behind a copy, since to keep it meanwhile would take longer. */
    void leave(int after) {
        LENGTH.setRelease(this, after);
    }

    private static <E> void copy(E[] from, int first, E[] to, int index, int n) {
        if (n == 1) {
            to[index] = from[first];
        } else if (n == 4) {
            References.copyFour(from, first, to, index);
        } else if (n == 8) {
            References.copyEight(from, first, to, index);
        } else {
            System.arraycopy(from, first, to, index, n);
        }
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
        return ring.enqueueBulk(from, offset, n) == n;
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
        return ring.dequeueBulk(to, offset, n) == n;
    }

    /**
     * Lets the next thread have the pile for itself, as {@link Ring#handOver} does a ring's sides. Only while nobody uses it.
     */
    public void handOver() {
        if (Bias.isShared(this)) {
            ring.handOver();
        } else {
            Bias.forget(this, true);
        }
    }

    @Override
    long tailPosition() {
        return (int) LENGTH.getAcquire(this);
    }

    @Override
    void share() {
        ring.producer.reset(length);
        ring.consumer.reset(0);
    }
}
