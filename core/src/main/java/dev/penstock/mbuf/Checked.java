package dev.penstock.mbuf;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;

/**
 * Checked mode, switched on by {@code -Dpenstock.checked=true}: each packet remembers where it was
 * allocated and freed, and wrong use is an {@link MbufMisuse}. Off, it costs nothing: the flag is a
 * constant to the JIT.
 */
final class Checked {
    static final boolean ON = Boolean.getBoolean("penstock.checked");

    private Checked() {}

    /** Where a packet has been. */
    static final class Trail {
        private static final VarHandle OUT;

        static {
            try {
                OUT = MethodHandles.lookup().findVarHandle(Trail.class, "out", boolean.class);
            } catch (ReflectiveOperationException e) {
                throw new ExceptionInInitializerError(e);
            }
        }

        volatile boolean out;
        volatile Throwable allocated;
        volatile Throwable freed;
    }

    static void allocated(Mbuf m) {
        m.trail.allocated = place("allocated");
        m.trail.freed = null;
        m.trail.out = true;
    }

    static void freed(Mbuf m, MbufPool to) {
        if (m.pool != to) {
            throw new MbufMisuse(MbufMisuse.Kind.WRONG_POOL, m, "was put into the pool " + to.name());
        }
        if (!Trail.OUT.compareAndSet(m.trail, true, false)) {
            throw new MbufMisuse(MbufMisuse.Kind.DOUBLE_FREE, m, "was freed a second time");
        }
        m.trail.freed = place("freed");
    }

    static void use(Mbuf m) {
        if (!m.trail.out) {
            throw new MbufMisuse(MbufMisuse.Kind.USE_AFTER_FREE, m, "was used after it was freed");
        }
    }

    private static Throwable place(String what) {
        return new Throwable(what + " by thread " + Thread.currentThread().getName());
    }
}
