package dev.penstock.vswitch;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;

/** A bucket that several forwarders take from; each waits for the others' few instructions. */
final class SharedBucket extends TokenBucket {
    private static final VarHandle HELD;

    static {
        try {
            HELD = MethodHandles.lookup().findVarHandle(SharedBucket.class, "held", int.class);
        } catch (ReflectiveOperationException e) {
            throw new ExceptionInInitializerError(e);
        }
    }

    private int held;

    SharedBucket(long rate, long burst) {
        super(rate, burst);
    }

    @Override
    boolean take(int units, long nowNs) {
        while (!HELD.compareAndSet(this, 0, 1)) {
            Thread.onSpinWait();
        }
        boolean taken = super.take(units, nowNs);
        HELD.setRelease(this, 0);
        return taken;
    }
}
