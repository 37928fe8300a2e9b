package dev.penstock.ring;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.lang.reflect.Array;
import java.util.Objects;

/**
 * A bounded last-in first-out store of references without a lock (DPDK: rte_stack with RTE_STACK_F_LF).
 *
 * <p>Any number of threads may use it, and a thread that is preempted never holds up another. It costs more
 * than {@link Stack} when no thread is preempted: a walk over linked nodes for each bulk.
 *
 * <p>How it works: there are as many nodes as the capacity, on one of two linked lists, the free and the used
 * one. A node is an index into two arrays. A list's top is one long: the index of the first node, and a tag
 * that changes with each take and give, so that a compare-and-set fails when the list was changed meanwhile,
 * even if the same node is on top again (the ABA problem). The release of a compare-and-set that gives nodes,
 * and the acquire of the read before one that takes them, make what the giver wrote visible to the taker.
 *
 * @param <E> the type of the elements
 */
public final class LockFreeStack<E> {
    private static final VarHandle NEXT = MethodHandles.arrayElementVarHandle(int[].class);
    private static final VarHandle TOP;
    private static final VarHandle LENGTH;
    private static final int NONE = -1;

    static {
        try {
            MethodHandles.Lookup lookup = MethodHandles.lookup();
            TOP = lookup.findVarHandle(List.class, "top", long.class);
            LENGTH = lookup.findVarHandle(List.class, "length", int.class);
        } catch (ReflectiveOperationException e) {
            throw new ExceptionInInitializerError(e);
        }
    }

    /** A list of nodes. The length is never more than the nodes that are really there. */
    private static final class List {
        long top = join(0, NONE);
        int length;
    }

    private final String name;
    private final E[] elements;
    private final int[] next;
    private final List used = new List();
    private final List free = new List();

    /**
     * Makes an empty stack.
     *
     * @param name for people
     * @param type the class of the elements
     * @param size how many it can hold, 1 to 2^30
     */
    @SuppressWarnings("unchecked")
    public LockFreeStack(String name, Class<E> type, int size) {
        Stack.checkSize(name, size);
        this.name = name;
        this.elements = (E[]) Array.newInstance(type, size);
        this.next = new int[size];
        for (int i = 0; i < size; i++) {
            next[i] = i == size - 1 ? NONE : i + 1;
        }
        free.top = join(0, 0);
        free.length = size;
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
        return elements.length;
    }

    /**
     * How many elements it holds; exact only when nobody else uses it.
     *
     * @return the count
     */
    public int count() {
        return (int) LENGTH.getAcquire(used);
    }

    /**
     * How many elements it has room for; exact only when nobody else uses it.
     *
     * @return the count
     */
    public int freeCount() {
        return elements.length - count();
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
        if (from.getClass() != elements.getClass()) {
            ElementTypes.checkSource(name, elements, from, offset, n);
        }
        if (n == 0 || !reserve(free, n)) {
            return 0;
        }
        int first = take(free, n);
        int node = first;
        int last = first;
        for (int i = n - 1; i >= 0; i--) {
            elements[node] = from[offset + i];
            last = node;
            node = next[node];
        }
        give(used, first, last, n);
        return n;
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
        if (to.getClass() != elements.getClass()) {
            ElementTypes.checkTarget(name, elements, to);
        }
        if (n == 0 || !reserve(used, n)) {
            return 0;
        }
        int first = take(used, n);
        int node = first;
        int last = first;
        for (int i = 0; i < n; i++) {
            to[offset + i] = elements[node];
            last = node;
            node = next[node];
        }
        give(free, first, last, n);
        return n;
    }

    /** Books n nodes that are on the list; no other thread can take these away afterwards. */
    private static boolean reserve(List list, int n) {
        int length = (int) LENGTH.getAcquire(list);
        while (length >= n) {
            if (LENGTH.weakCompareAndSetAcquire(list, length, length - n)) {
                return true;
            }
            length = (int) LENGTH.getAcquire(list);
        }
        return false;
    }

    /** Unlinks n booked nodes and returns the first; the last one's link stays as it was. */
    private int take(List list, int n) {
        while (true) {
            long top = (long) TOP.getAcquire(list);
            int rest = index(top);
            for (int i = 0; i < n && rest != NONE; i++) {
                rest = (int) NEXT.getOpaque(next, rest);
            }
            // The walk may have crossed nodes that other threads were moving; then the tag has changed.
            if (TOP.compareAndSet(list, top, join(tag(top) + 1, rest))) {
                return index(top);
            }
        }
    }

    private void give(List list, int first, int last, int n) {
        long top;
        do {
            top = (long) TOP.getAcquire(list);
            NEXT.setOpaque(next, last, index(top));
        } while (!TOP.compareAndSet(list, top, join(tag(top) + 1, first)));
        LENGTH.getAndAddRelease(list, n);
    }

    private static long join(int tag, int index) {
        return (long) tag << 32 | index & 0xffffffffL;
    }

    private static int tag(long top) {
        return (int) (top >>> 32);
    }

    private static int index(long top) {
        return (int) top;
    }
}
