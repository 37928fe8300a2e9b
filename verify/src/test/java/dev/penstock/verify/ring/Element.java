package dev.penstock.verify.ring;

import dev.penstock.ring.LockFreeStack;
import dev.penstock.ring.Ring;
import dev.penstock.ring.ZeroCopy;

/** An element whose content is a plain field, and the codes that outcomes are written in. */
final class Element {
    /** A count of elements came out, but a slot was null. */
    static final int NO_ELEMENT = -2;
    /** An element came out without what its producer had written into it. */
    static final int INCOMPLETE = -1;

    int value;

    static Element of(int value) {
        Element element = new Element();
        element.value = value;
        return element;
    }

    static Element[] all(int... values) {
        Element[] elements = new Element[values.length];
        for (int i = 0; i < values.length; i++) {
            elements[i] = of(values[i]);
        }
        return elements;
    }

    /** The digits of the values, as a decimal number: 1 and 2 are 12; 0 for no element. */
    static int digits(Element[] elements, int n) {
        int digits = 0;
        for (int i = 0; i < n; i++) {
            if (elements[i] == null) {
                return NO_ELEMENT;
            }
            if (elements[i].value == 0) {
                return INCOMPLETE;
            }
            digits = digits * 10 + elements[i].value;
        }
        return digits;
    }

    static int takeBulk(Ring<Element> ring, int n) {
        Element[] to = new Element[n];
        return digits(to, ring.dequeueBulk(to, 0, n));
    }

    static int takeBurst(Ring<Element> ring, int n) {
        Element[] to = new Element[n];
        return digits(to, ring.dequeueBurst(to, 0, n));
    }

    /** The same of slots that were claimed. */
    static int digits(ZeroCopy<Element> slots, int n) {
        Element[] elements = new Element[n];
        for (int i = 0; i < n; i++) {
            elements[i] = slots.get(i);
        }
        return digits(elements, n);
    }

    static LockFreeStack<Element> stack(int... values) {
        LockFreeStack<Element> stack = new LockFreeStack<>("jcstress", Element.class, 4);
        stack.push(all(values), 0, values.length);
        return stack;
    }

    /** An empty ring whose next slot is number {@code by}. */
    static Ring<Element> turned(int size, Ring.Sync sync, int by) {
        Ring<Element> ring = ring(size, sync, sync);
        for (int i = 0; i < by; i++) {
            ring.enqueue(of(9));
            ring.dequeue();
        }
        return ring;
    }

    static Ring<Element> ring(int size, Ring.Sync sync, int... values) {
        return ring(size, sync, sync, values);
    }

    static Ring<Element> ring(int size, Ring.Sync producer, Ring.Sync consumer, int... values) {
        Ring<Element> ring = new Ring<>("jcstress", Element.class, size, producer, consumer);
        ring.enqueueBulk(all(values), 0, values.length);
        return ring;
    }
}
