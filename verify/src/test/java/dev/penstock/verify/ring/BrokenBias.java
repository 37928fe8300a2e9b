package dev.penstock.verify.ring;

import dev.penstock.linux.Membarrier;
import java.util.concurrent.atomic.AtomicLong;

/**
 * The way in which a thread takes a ring's side away from its owner, in small, without the barrier that the owner leaves out; or with
 * it, to show that nothing else is missing. One owner and one taker enqueue one element each.
 */
final class BrokenBias {
    private static final long OWNER = 1;
    private static final long CHANGING = -2;
    private static final long SHARED = 0;

    private final boolean barrier;
    private final AtomicLong owner = new AtomicLong(OWNER);
    private final AtomicLong entered = new AtomicLong();
    private final AtomicLong tail = new AtomicLong();
    private final Element[] slots = new Element[2];

    BrokenBias(boolean barrier) {
        this.barrier = barrier;
    }

    void own(Element element) {
        long position = tail.getPlain();
        entered.setOpaque(position + 1);
        if (owner.getOpaque() != OWNER) {
            entered.setRelease(position);
            while (owner.getAcquire() != SHARED || tail.getAcquire() == 0) {
                Thread.onSpinWait();
            }
            position = tail.getAcquire();
        }
        put(position, element);
    }

    void take(Element element) {
        owner.compareAndSet(OWNER, CHANGING);
        if (barrier) {
            Membarrier.allThreads();
        }
        while (entered.getAcquire() != tail.getAcquire()) {
            Thread.onSpinWait();
        }
        long position = tail.getAcquire();
        owner.setRelease(SHARED);
        put(position, element);
    }

    private void put(long position, Element element) {
        slots[(int) position] = element;
        tail.setRelease(position + 1);
    }

    int rest() {
        return Element.digits(slots, (int) tail.getAcquire());
    }
}
