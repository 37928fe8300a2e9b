package dev.penstock.virtqueue;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;

/**
 * Errors of memory that a peer can take away. An access to a page that its file has lost raises an {@link InternalError}, but
 * compiled code raises it only at the next safepoint poll, on a loop's way back.
 */
public final class Faults {
    private static final VarHandle POLLS;
    private static int polls = 4;

    static {
        try {
            POLLS = MethodHandles.lookup().findStaticVarHandle(Faults.class, "polls", int.class);
        } catch (ReflectiveOperationException e) {
            throw new ExceptionInInitializerError(e);
        }
    }

    private Faults() {}

    /**
     * Has an error of an access before raised here and not in the caller, in the calling thread; some nanoseconds, without the
     * kernel.
     */
    public static void deliver() {
        int i = 0;
        while ((int) POLLS.getOpaque() > i) {
            i++;
        }
    }
}
