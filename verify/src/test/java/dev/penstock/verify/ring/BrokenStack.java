package dev.penstock.verify.ring;

import java.util.concurrent.atomic.AtomicInteger;

/**
 * The lock-free stack with one mistake, to prove that the test would find it: its top has no tag, so that a
 * compare-and-set cannot tell whether the list changed meanwhile. It takes its time between the read and the
 * compare-and-set, as a thread does that is held up there.
 */
final class BrokenStack {
    private static final int NONE = -1;
    private static final int HESITATION = 30;

    private final Element[] elements;
    private final int[] next;
    private final AtomicInteger top = new AtomicInteger(NONE);

    BrokenStack(int... values) {
        elements = Element.all(values);
        next = new int[values.length];
        for (int i = 0; i < values.length; i++) {
            next[i] = i - 1;
        }
        top.set(values.length - 1);
    }

    int pop(Element[] to, int offset, int n) {
        while (true) {
            int node = top.getAcquire();
            if (node == NONE) {
                return 0;
            }
            int rest = next[node];
            hesitate();
            if (top.compareAndSet(node, rest)) {
                to[offset] = elements[node];
                return n;
            }
        }
    }

    /** What an interrupt does to a thread at the wrong moment, only shorter and more often. */
    static void hesitate() {
        for (int i = 0; i < HESITATION; i++) {
            Thread.onSpinWait();
        }
    }

    /** Pushes an element that was popped from here: on the node that it came from. */
    void push(Element[] from, int offset, int n) {
        if (n == 1) {
            int node = elements[0] == from[offset] ? 0 : 1;
            int before;
            do {
                before = top.getAcquire();
                next[node] = before;
            } while (!top.compareAndSet(before, node));
        }
    }
}
