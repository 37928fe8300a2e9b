package dev.penstock.eal;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.function.Consumer;
import java.util.function.Supplier;

/**
 * One value for each worker, kept apart so that two workers do not share a cache line (DPDK: rte_lcore_var).
 *
 * <p>A worker's value is made at its first {@link #get()}, by that worker, between two fillers that collectors
 * keep next to it. Workers are lcores and registered threads; a slot's value outlives its worker and passes
 * to the slot's next owner.
 *
 * @param <T> the type of the values
 */
public final class LcoreVariable<T> {
    private static final int STRIDE = 32;
    private static final int FILLER_BYTES = 128;
    private static final VarHandle SLOT = MethodHandles.arrayElementVarHandle(Object[].class);

    private final Supplier<? extends T> factory;
    private final Object[] values = new Object[LcoreThread.MAX_SLOTS * STRIDE];

    /**
     * A variable without values yet.
     *
     * @param factory makes a worker's value
     */
    public LcoreVariable(Supplier<? extends T> factory) {
        this.factory = factory;
    }

    /**
     * The calling worker's value.
     *
     * @return the value
     * @throws IllegalStateException when the caller is no worker
     */
    @SuppressWarnings("unchecked")
    public T get() {
        int slot = LcoreThread.currentSlot();
        if (slot < 0) {
            throw new IllegalStateException("thread " + Thread.currentThread().getName()
                    + " is no worker; register it with LcoreThread.register()");
        }
        Object value = values[slot * STRIDE + 1];
        return value != null ? (T) value : make(slot * STRIDE);
    }

    private T make(int at) {
        byte[] before = new byte[FILLER_BYTES];
        T value = factory.get();
        values[at] = before;
        values[at + 2] = new byte[FILLER_BYTES];
        SLOT.setRelease(values, at + 1, value);
        return value;
    }

    /**
     * Visits the values that exist; their owners may change them meanwhile.
     *
     * @param visitor takes each
     */
    @SuppressWarnings("unchecked")
    public void forEach(Consumer<? super T> visitor) {
        for (int at = 1; at < values.length; at += STRIDE) {
            Object value = SLOT.getAcquire(values, at);
            if (value != null) {
                visitor.accept((T) value);
            }
        }
    }
}
