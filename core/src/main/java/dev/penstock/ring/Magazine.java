package dev.penstock.ring;

import java.lang.reflect.Array;

/** Keeps what lies behind a magazine off its fields. */
abstract class MagazineFields<E> extends OwnedStack<E> {
    final Ring<E> ring;

    MagazineFields(Ring<E> ring, E[] slots, int capacity) {
        super(slots, capacity);
        this.ring = ring;
    }
}

/**
 * What a worker keeps aside of a {@link Pile} that is a ring: pushed and popped without an atomic instruction, and filled from and emptied into
 * the ring some elements at a time. Its elements are the pile's all the same: who finds too few in the ring takes it away,
 * and waits for its owner to come out before. So elements that are on the way between ring and magazine are never missed, since
 * their owner is inside until they are there.
 */
final class Magazine<E> extends MagazineFields<E> {
    /** So many go between ring and magazine at a time; who pushes or pops as many or more goes to the ring himself. */
    static final int BATCH = 32;

    @SuppressWarnings("unused")
    private long b0, b1, b2, b3, b4, b5, b6, b7, b8, b9, b10, b11, b12, b13, b14, b15;

    /** Nobody's, and everybody's as a side is: one that has been taken away. */
    Magazine(Ring<E> ring, E[] slots, int capacity) {
        super(ring, slots, capacity);
    }

    /** The calling thread's, empty. */
    @SuppressWarnings("unchecked")
    static <E> Magazine<E> ofCaller(Ring<E> ring, int capacity) {
        E[] slots = (E[]) Array.newInstance(ring.slots.getClass().getComponentType(), capacity + 2 * Ring.PAD);
        Magazine<E> magazine = new Magazine<>(ring, slots, capacity);
        Bias.give(magazine);
        return magazine;
    }

    /** The owner's pop of fewer than a batch. False when there are too few here and in the ring, or the magazine is the owner's no more. */
    boolean popRefilled(E[] to, int offset, int n) {
        int top = length;
        if (!Bias.isMine(this) || !Bias.enter(this, top, 1)) {
            return false;
        }
        try {
            if (n > top) {
                top += ring.dequeueBurst(slots, Ring.PAD + top, Math.min(BATCH, capacity - top));
            }
            boolean enough = n <= top;
            if (enough) {
                top -= n;
                System.arraycopy(slots, Ring.PAD + top, to, offset, n);
            }
            return enough;
        } finally {
            leave(top);
            Bias.leave(this);
        }
    }

    /** The owner's push of fewer than a batch. False when there is no room here and in the ring, or the magazine is the owner's no more. */
    boolean pushSpilled(E[] from, int offset, int n) {
        int top = length;
        if (!Bias.isMine(this) || !Bias.enter(this, top, 1)) {
            return false;
        }
        try {
            if (n > capacity - top) {
                top -= ring.enqueueBulk(slots, Ring.PAD + top - BATCH, BATCH);
            }
            boolean fits = n <= capacity - top;
            if (fits) {
                System.arraycopy(from, offset, slots, Ring.PAD + top, n);
                top += n;
            }
            return fits;
        } finally {
            leave(top);
            Bias.leave(this);
        }
    }

    /** The ring has room for all that a pile may hold; what is more than that stays. */
    @Override
    void share() {
        if (ring.enqueueBulk(slots, Ring.PAD, length) == length) {
            length = 0;
        }
    }
}
