package dev.penstock.rcu;

import java.util.Arrays;
import java.util.function.LongConsumer;

/**
 * What was taken out of a table and may not be used again yet (DPDK: rte_rcu_qsbr_dq). Elements are numbers, such
 * as the index of a slot; they are freed in the order they came. Any thread may call any method.
 */
public final class DeferQueue {
    private final Qsbr qsbr;
    private final LongConsumer free;
    private final int capacity;
    private final int triggerLimit;
    private final int maxReclaim;
    private long[] values;
    private long[] tokens;
    private int head;
    private int size;

    /**
     * Makes an empty queue.
     *
     * @param qsbr its readers
     * @param capacity how many elements may wait, 1 or more
     * @param triggerLimit an enqueue that finds more waiting than this reclaims first; 0: always
     * @param maxReclaim how many one enqueue frees at most, 1 or more
     * @param free called with each element once no reader holds it; must not call this queue. When it throws, its element counts as
     *     freed, and the caller of this queue gets what it threw
     * @throws IllegalArgumentException when a number is out of range
     */
    public DeferQueue(Qsbr qsbr, int capacity, int triggerLimit, int maxReclaim, LongConsumer free) {
        if (capacity < 1 || triggerLimit < 0 || maxReclaim < 1) {
            throw new IllegalArgumentException("defer queue of " + capacity + ", trigger " + triggerLimit + ", reclaim "
                    + maxReclaim + "; give a capacity of 1 or more, a trigger of 0 or more, 1 or more to reclaim");
        }
        this.qsbr = qsbr;
        this.capacity = capacity;
        this.triggerLimit = triggerLimit;
        this.maxReclaim = maxReclaim;
        this.free = free;
        values = new long[Math.min(capacity, 64)];
        tokens = new long[values.length];
    }

    /**
     * Takes an element that no new reader can reach.
     *
     * @param value the element
     * @return false when the queue is full and the readers hold all of it: nothing was taken
     */
    public synchronized boolean enqueue(long value) {
        try {
            if (size > triggerLimit || size == capacity) {
                reclaim(maxReclaim);
            }
        } catch (RuntimeException | Error e) {
            // an element was freed that failed, so there is room: this one is not to be lost for that one's sake
            add(value);
            throw e;
        }
        return size < capacity && add(value);
    }

    private boolean add(long value) {
        if (size == values.length) {
            grow();
        }
        int at = (head + size) % values.length;
        values[at] = value;
        tokens[at] = qsbr.start();
        size++;
        return true;
    }

    /**
     * Frees elements whose readers have all been quiescent.
     *
     * @param max at most so many
     * @return how many were freed
     */
    public synchronized int reclaim(int max) {
        int freed = 0;
        while (freed < max && size > 0 && qsbr.check(tokens[head])) {
            long value = values[head];
            head = (head + 1) % values.length;
            size--;
            freed++;
            free.accept(value);
        }
        return freed;
    }

    /** @return elements that wait */
    public synchronized int pending() {
        return size;
    }

    private void grow() {
        int length = (int) Math.min(capacity, values.length * 2L);
        values = turned(values, length);
        tokens = turned(tokens, length);
        head = 0;
    }

    private long[] turned(long[] ring, int length) {
        long[] straight = Arrays.copyOf(Arrays.copyOfRange(ring, head, ring.length), length);
        System.arraycopy(ring, 0, straight, ring.length - head, head);
        return straight;
    }
}
