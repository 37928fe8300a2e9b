package dev.penstock.ring;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.lang.reflect.Array;
import java.util.Objects;

/**
 * A bounded last-in first-out store of references under a spin lock (DPDK: rte_stack, standard).
 *
 * <p>Any number of threads may use it. The reference that was pushed last is the most likely one to be in the
 * processor's cache, which is what a pool of buffers wants when it has no cache for each worker.
 * {@link LockFreeStack} is the twin that no preempted thread can hold up.
 *
 * <p>A slot keeps its reference until it is written again: a stack holds what is pre-allocated.
 *
 * @param <E> the type of the elements
 */
public final class Stack<E> {
    private static final VarHandle LOCK;

    static {
        try {
            LOCK = MethodHandles.lookup().findVarHandle(Stack.class, "lock", int.class);
        } catch (ReflectiveOperationException e) {
            throw new ExceptionInInitializerError(e);
        }
    }

    private final String name;
    private final E[] slots;
    private int lock;
    private int length;

    /**
     * Makes an empty stack.
     *
     * @param name for people
     * @param type the class of the elements
     * @param size how many it can hold, 1 to 2^30
     */
    @SuppressWarnings("unchecked")
    public Stack(String name, Class<E> type, int size) {
        checkSize(name, size);
        this.name = name;
        this.slots = (E[]) Array.newInstance(type, size);
    }

    static void checkSize(String name, int size) {
        if (size < 1 || size > 1 << 30) {
            throw new IllegalArgumentException("stack " + name + ": size " + size + " is not from 1 to 2^30");
        }
    }

    /**
     * The name given at creation.
     *
     * @return the name
     */
    public String name() {
        return name;
    }

    /**
     * How many elements it can hold.
     *
     * @return the capacity
     */
    public int capacity() {
        return slots.length;
    }

    /**
     * How many elements it holds; exact only when nobody else uses it.
     *
     * @return the count
     */
    public int count() {
        acquire();
        int n = length;
        LOCK.setRelease(this, 0);
        return n;
    }

    /**
     * How many elements it has room for; exact only when nobody else uses it.
     *
     * @return the count
     */
    public int freeCount() {
        return slots.length - count();
    }

    /**
     * Pushes all or nothing; the last of them is on top then.
     *
     * @param from source of the references
     * @param offset index of the first
     * @param n how many
     * @return n or 0
     * @throws IndexOutOfBoundsException when the array is too short; nothing has been pushed then
     */
    public int push(E[] from, int offset, int n) {
        Objects.checkFromIndexSize(offset, n, from.length);
        if (from.getClass() != slots.getClass()) {
            ElementTypes.checkSource(name, slots, from, offset, n);
        }
        acquire();
        int top = length;
        boolean fits = n <= slots.length - top;
        if (fits) {
            System.arraycopy(from, offset, slots, top, n);
            length = top + n;
        }
        LOCK.setRelease(this, 0);
        return fits ? n : 0;
    }

    /**
     * Pops all or nothing; the first of them is the one that was on top.
     *
     * @param to where the references go
     * @param offset index of the first
     * @param n how many
     * @return n or 0
     * @throws IndexOutOfBoundsException when the array is too short; nothing has been popped then
     */
    public int pop(E[] to, int offset, int n) {
        Objects.checkFromIndexSize(offset, n, to.length);
        if (to.getClass() != slots.getClass()) {
            ElementTypes.checkTarget(name, slots, to);
        }
        acquire();
        int top = length;
        boolean enough = n <= top;
        if (enough) {
            for (int i = 0; i < n; i++) {
                to[offset + i] = slots[top - 1 - i];
            }
            length = top - n;
        }
        LOCK.setRelease(this, 0);
        return enough ? n : 0;
    }

    private void acquire() {
        for (int attempt = 0; !LOCK.weakCompareAndSetAcquire(this, 0, 1); attempt++) {
            Backoff.pause(attempt);
        }
    }
}
