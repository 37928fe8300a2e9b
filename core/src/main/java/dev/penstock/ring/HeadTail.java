package dev.penstock.ring;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;

/** Keeps the indexes of one side of a ring off every other object's cache lines. */
abstract class HeadTailPadBefore {
    long before0, before1, before2, before3, before4, before5, before6, before7;
    long before8, before9, before10, before11, before12, before13, before14, before15;
}

/** The indexes of one side of a ring; both only grow, and wrap as 32-bit numbers do. */
abstract class HeadTailFields extends HeadTailPadBefore {
    int head;
    int tail;
}

/** The producer's or the consumer's head and tail. */
final class HeadTail extends HeadTailFields {
    static final VarHandle HEAD;
    static final VarHandle TAIL;

    long after0, after1, after2, after3, after4, after5, after6, after7;
    long after8, after9, after10, after11, after12, after13, after14, after15;

    static {
        try {
            MethodHandles.Lookup lookup = MethodHandles.lookup();
            HEAD = lookup.findVarHandle(HeadTailFields.class, "head", int.class);
            TAIL = lookup.findVarHandle(HeadTailFields.class, "tail", int.class);
        } catch (ReflectiveOperationException e) {
            throw new ExceptionInInitializerError(e);
        }
    }

    int tailAcquire() {
        return (int) TAIL.getAcquire(this);
    }

    void tailRelease(int value) {
        TAIL.setRelease(this, value);
    }

    int headAcquire() {
        return (int) HEAD.getAcquire(this);
    }

    boolean casHead(int expected, int value) {
        return HEAD.compareAndSet(this, expected, value);
    }
}
