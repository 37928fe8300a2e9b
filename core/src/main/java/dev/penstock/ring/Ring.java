package dev.penstock.ring;

import java.lang.reflect.Array;

/**
 * A lock-less bounded first-in first-out queue of references (DPDK: rte_ring).
 *
 * <p>Each side is either single-threaded or multi-threaded, as {@link Sync} says. A slot keeps its
 * reference until it is written again: a ring holds what is pre-allocated, and clearing would cost a
 * store an element.
 *
 * @param <E> the type of the elements
 */
public final class Ring<E> {
    /** How many threads may use one side at the same time. */
    public enum Sync {
        /** One thread. */
        SINGLE,
        /** Any number of threads. */
        MULTI
    }

    private final String name;
    private final E[] slots;
    private final int mask;
    private final int capacity;
    private final boolean singleProducer;
    private final boolean singleConsumer;
    private final HeadTail producer = new HeadTail();
    private final HeadTail consumer = new HeadTail();

    /**
     * Makes an empty ring.
     *
     * @param name for people
     * @param type the class of the elements, so that bursts are copied without a check for each
     * @param size a power of two; the ring holds one less
     * @param producer who may enqueue
     * @param consumer who may dequeue
     */
    @SuppressWarnings("unchecked")
    public Ring(String name, Class<E> type, int size, Sync producer, Sync consumer) {
        if (size < 2 || size > 1 << 30 || Integer.bitCount(size) != 1) {
            throw new IllegalArgumentException("ring " + name + ": size " + size + " is not a power of two from 2 to 2^30");
        }
        this.name = name;
        this.slots = (E[]) Array.newInstance(type, size);
        this.mask = size - 1;
        this.capacity = size - 1;
        this.singleProducer = producer == Sync.SINGLE;
        this.singleConsumer = consumer == Sync.SINGLE;
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
     * How many elements the ring can hold.
     *
     * @return the capacity
     */
    public int capacity() {
        return capacity;
    }

    /**
     * How many elements the ring holds; exact only when nobody else uses the ring.
     *
     * @return the count
     */
    public int count() {
        int n = (producer.tailAcquire() - consumer.tailAcquire()) & mask;
        return Math.min(n, capacity);
    }

    /**
     * Enqueues all or nothing.
     *
     * @param from source of the references
     * @param offset index of the first
     * @param n how many
     * @return n or 0
     */
    public int enqueueBulk(E[] from, int offset, int n) {
        return enqueue(from, offset, n, true);
    }

    /**
     * Enqueues as many as there is room for.
     *
     * @param from source of the references
     * @param offset index of the first
     * @param n how many at most
     * @return how many
     */
    public int enqueueBurst(E[] from, int offset, int n) {
        return enqueue(from, offset, n, false);
    }

    /**
     * Dequeues all or nothing.
     *
     * @param to where the references go
     * @param offset index of the first
     * @param n how many
     * @return n or 0
     */
    public int dequeueBulk(E[] to, int offset, int n) {
        return dequeue(to, offset, n, true);
    }

    /**
     * Dequeues as many as there are.
     *
     * @param to where the references go
     * @param offset index of the first
     * @param n how many at most
     * @return how many
     */
    public int dequeueBurst(E[] to, int offset, int n) {
        return dequeue(to, offset, n, false);
    }

    private int enqueue(E[] from, int offset, int n, boolean fixed) {
        int head;
        while (true) {
            head = producer.headAcquire();
            int free = capacity + consumer.tailAcquire() - head;
            if (n > free) {
                n = fixed ? 0 : free;
            }
            if (n == 0) {
                return 0;
            }
            if (singleProducer) {
                producer.head = head + n;
                break;
            }
            if (producer.casHead(head, head + n)) {
                break;
            }
        }
        int index = head & mask;
        int first = Math.min(n, slots.length - index);
        System.arraycopy(from, offset, slots, index, first);
        if (first < n) {
            System.arraycopy(from, offset + first, slots, 0, n - first);
        }
        publish(producer, singleProducer, head, n);
        return n;
    }

    private int dequeue(E[] to, int offset, int n, boolean fixed) {
        int head;
        while (true) {
            head = consumer.headAcquire();
            int used = producer.tailAcquire() - head;
            if (n > used) {
                n = fixed ? 0 : used;
            }
            if (n == 0) {
                return 0;
            }
            if (singleConsumer) {
                consumer.head = head + n;
                break;
            }
            if (consumer.casHead(head, head + n)) {
                break;
            }
        }
        int index = head & mask;
        int first = Math.min(n, slots.length - index);
        System.arraycopy(slots, index, to, offset, first);
        if (first < n) {
            System.arraycopy(slots, 0, to, offset + first, n - first);
        }
        publish(consumer, singleConsumer, head, n);
        return n;
    }

    private static void publish(HeadTail side, boolean single, int head, int n) {
        if (!single) {
            while (side.tailAcquire() != head) {
                Thread.onSpinWait();
            }
        }
        side.tailRelease(head + n);
    }
}
