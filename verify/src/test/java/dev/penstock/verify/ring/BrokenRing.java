package dev.penstock.verify.ring;

import java.util.concurrent.atomic.AtomicInteger;

/**
 * The multi-producer ring with one mistake built in, to prove that the tests would find it. Its consumer is sound,
 * single-threaded, and never wraps.
 */
final class BrokenRing {
    /** What is wrong. */
    enum Mistake {
        /** The tail is moved before the slots are written. */
        TAIL_BEFORE_SLOTS,
        /** The tail is moved without waiting for producers that claimed before. */
        NO_WAIT_FOR_PREDECESSOR,
        /** The head is moved by a read and a write in place of a compare-and-set. */
        CLAIM_NOT_ATOMIC
    }

    private final Mistake mistake;
    private final Element[] slots = new Element[8];
    private final AtomicInteger head = new AtomicInteger();
    private final AtomicInteger tail = new AtomicInteger();
    private int taken;

    BrokenRing(Mistake mistake) {
        this.mistake = mistake;
    }

    void enqueueBulk(Element... elements) {
        int n = elements.length;
        int position;
        if (mistake == Mistake.CLAIM_NOT_ATOMIC) {
            position = head.getAcquire();
            head.setRelease(position + n);
        } else {
            position = head.getAndAdd(n);
        }
        if (mistake == Mistake.TAIL_BEFORE_SLOTS) {
            publish(position, n);
        }
        System.arraycopy(elements, 0, slots, position, n);
        if (mistake != Mistake.TAIL_BEFORE_SLOTS) {
            publish(position, n);
        }
    }

    private void publish(int position, int n) {
        while (mistake == Mistake.TAIL_BEFORE_SLOTS && tail.getAcquire() != position) {
            Thread.onSpinWait();
        }
        tail.setRelease(position + n);
    }

    int takeBurst(int n) {
        int count = Math.min(n, tail.getAcquire() - taken);
        Element[] to = new Element[count];
        System.arraycopy(slots, taken, to, 0, count);
        taken += count;
        return Element.digits(to, count);
    }
}
