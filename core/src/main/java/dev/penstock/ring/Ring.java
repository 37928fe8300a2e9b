package dev.penstock.ring;

import dev.penstock.eal.Apart;
import dev.penstock.eal.References;
import java.lang.reflect.Array;
import java.util.Arrays;
import java.util.Objects;

/**
 * A lock-less bounded first-in first-out queue of references (DPDK: rte_ring).
 *
 * <p>Each side, producer and consumer, is for one thread or for many, and then in one of three ways: see
 * {@link Sync}. Any mix works. <i>Bulk</i> calls take all or nothing, <i>burst</i> calls as many as they can.
 * No call blocks for want of elements or room; one that finds few after many may wait 80 ns once, where the
 * other side is fast up to a microsecond. A thread that has to wait for another one of its side spins,
 * then yields, then sleeps some microseconds, so more threads than cores are no trouble.
 *
 * <p><b>A slot keeps its reference until it is written again</b>, for a ring is meant for objects that live as
 * long as it does. Clearing would make the consumer write to memory that the producer writes too. When that
 * holds back garbage, {@link #reset} an idle ring.
 *
 * <p>What a thread wrote before it enqueued an element is visible to the thread that dequeues it. Elements
 * must not be null. A call with a wrong range or an array of a wrong type throws, and the ring is as before.
 *
 * @param <E> the type of the elements
 */
public final class Ring<E> {
    /** The most slots a ring can have, 2^30 (DPDK has 2^31; Java's arrays are a little too short for that). */
    public static final int MAX_SIZE = 1 << 30;

    /**
     * Slots are so far apart from other objects, in references: 64 cards, 32 KB on each side, so that no store of another
     * thread marks cards in the same line as a slot's: see {@link Apart}.
     */
    static final int PAD = Apart.CARDS;

    /** How many threads may use one side at the same time, and how they keep out of each other's way. */
    public enum Sync {
        /** One thread (DPDK: RTE_RING_SYNC_ST). */
        SINGLE(HeadTail.SINGLE),
        /**
         * Any number; each waits until those of its side that came before it are done (RTE_RING_SYNC_MT). While one thread
         * alone has used the side it costs little more than {@link #SINGLE}; see {@link #handOver}.
         */
        MULTI(HeadTail.MULTI),
        /** Any number; the last that is done moves the tail for all: relaxed tail sync (RTE_RING_SYNC_MT_RTS). */
        RTS(HeadTail.RTS),
        /** Any number, one after the other: head/tail sync; allows to peek (RTE_RING_SYNC_MT_HTS). */
        HTS(HeadTail.HTS);

        final int mode;

        Sync(int mode) {
            this.mode = mode;
        }
    }

    private final String name;
    final E[] slots;
    private final int mask;
    private final int capacity;
    private final boolean exact;
    private final boolean singleProducer;
    private final boolean singleConsumer;
    private final boolean manyProducers;
    private final boolean manyConsumers;
    final HeadTail producer;
    final HeadTail consumer;
    private int watermark;

    /**
     * Makes an empty ring.
     *
     * @param name for people
     * @param type the class of the elements, so that bursts are copied without a check for each
     * @param size a power of two, 2 to {@link #MAX_SIZE}; the ring holds one less
     * @param producer who may enqueue
     * @param consumer who may dequeue
     * @throws IllegalArgumentException for a size that is no power of two or out of range
     */
    public Ring(String name, Class<E> type, int size, Sync producer, Sync consumer) {
        this(name, type, checkedSize(name, size), size - 1, false, producer, consumer);
    }

    @SuppressWarnings("unchecked")
    private Ring(String name, Class<E> type, int size, int capacity, boolean exact, Sync producer, Sync consumer) {
        if (type.isPrimitive()) {
            throw new IllegalArgumentException("ring " + name + ": elements of type " + type
                    + " are no references; use a class");
        }
        this.name = Objects.requireNonNull(name, "name of a ring");
        this.mask = size - 1;
        this.capacity = capacity;
        this.exact = exact;
        this.singleProducer = producer == Sync.SINGLE;
        this.singleConsumer = consumer == Sync.SINGLE;
        this.manyProducers = producer == Sync.MULTI;
        this.manyConsumers = consumer == Sync.MULTI;
        this.producer = new HeadTail(producer.mode, capacity, capacity);
        this.consumer = new HeadTail(consumer.mode, 0, capacity);
        this.slots = (E[]) Array.newInstance(type, size + 2 * PAD);
    }

    private static int checkedSize(String name, int size) {
        if (size < 2 || size > MAX_SIZE || Integer.bitCount(size) != 1) {
            throw new IllegalArgumentException("ring " + name + ": size " + size
                    + " is not a power of two from 2 to 2^30; Ring.exactSize takes any number of elements");
        }
        return size;
    }

    /**
     * Makes an empty ring that holds exactly as many elements as asked for (DPDK: RING_F_EXACT_SZ).
     *
     * @param <E> the type of the elements
     * @param name for people
     * @param type the class of the elements
     * @param count how many it shall hold, 1 to 2^30 - 1
     * @param producer who may enqueue
     * @param consumer who may dequeue
     * @return the ring
     * @throws IllegalArgumentException for a count out of range
     */
    public static <E> Ring<E> exactSize(String name, Class<E> type, int count, Sync producer, Sync consumer) {
        if (count < 1 || count >= MAX_SIZE) {
            throw new IllegalArgumentException("ring " + name + ": count " + count + " is not from 1 to 2^30 - 1");
        }
        return new Ring<>(name, type, Integer.highestOneBit(count) << 1, count, true, producer, consumer);
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
     * How many slots the ring has.
     *
     * @return a power of two, more than the capacity
     */
    public int size() {
        return mask + 1;
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
     * Who may enqueue.
     *
     * @return as given at creation
     */
    public Sync producerSync() {
        return Sync.values()[producer.mode];
    }

    /**
     * Who may dequeue.
     *
     * @return as given at creation
     */
    public Sync consumerSync() {
        return Sync.values()[consumer.mode];
    }

    /**
     * The kind of ring in DPDK's bits: RING_F_SP_ENQ 0x01, SC_DEQ 0x02, EXACT_SZ 0x04, MP_RTS_ENQ 0x08,
     * MC_RTS_DEQ 0x10, MP_HTS_ENQ 0x20, MC_HTS_DEQ 0x40.
     *
     * @return the flags
     */
    public int flags() {
        return (exact ? 0x04 : 0) | flag(producer.mode, 0x01, 0x08, 0x20) | flag(consumer.mode, 0x02, 0x10, 0x40);
    }

    private static int flag(int mode, int single, int rts, int hts) {
        return mode == HeadTail.SINGLE ? single : mode == HeadTail.RTS ? rts : mode == HeadTail.HTS ? hts : 0;
    }

    /**
     * How many elements the ring holds; exact only when nobody else uses the ring.
     *
     * @return 0 to the capacity
     */
    public int count() {
        int n = (producer.tailAcquire() - consumer.tailAcquire()) & mask;
        return Math.min(n, capacity);
    }

    /**
     * How many elements the ring has room for; exact only when nobody else uses the ring.
     *
     * @return 0 to the capacity
     */
    public int freeCount() {
        return capacity - count();
    }

    /**
     * Whether the ring holds nothing; see {@link #count}.
     *
     * @return true when empty
     */
    public boolean empty() {
        return producer.tailAcquire() == consumer.tailAcquire();
    }

    /**
     * Whether the ring has no room; see {@link #freeCount}.
     *
     * @return true when full
     */
    public boolean full() {
        return freeCount() == 0;
    }

    /**
     * Sets the count above which {@link #aboveWatermark} says so. Nothing else happens then.
     *
     * @param count 1 to the capacity, or 0 for none
     * @throws IllegalArgumentException for a count out of range
     */
    public void watermark(int count) {
        if (count < 0 || count > capacity) {
            throw new IllegalArgumentException("ring " + name + ": watermark " + count + " is not from 0 to " + capacity);
        }
        watermark = count;
    }

    /**
     * The count set last.
     *
     * @return 0 for none
     */
    public int watermark() {
        return watermark;
    }

    /**
     * Whether there are more elements than the watermark: time for a producer to slow down.
     *
     * @return false when there is no watermark
     */
    public boolean aboveWatermark() {
        return watermark != 0 && count() > watermark;
    }

    /**
     * Sets how many elements producers of an {@link Sync#RTS} ring may be ahead of the slowest of them; at first
     * an eighth of the capacity (DPDK: rte_ring_set_prod_htd_max). While nobody uses the ring.
     *
     * @param elements 0 to the capacity
     * @throws IllegalArgumentException for another side than RTS or a number out of range
     */
    public void producerHtdMax(int elements) {
        htdMax(producer, "producer", elements);
    }

    /**
     * As {@link #producerHtdMax}, for the consumers (DPDK: rte_ring_set_cons_htd_max).
     *
     * @param elements 0 to the capacity
     * @throws IllegalArgumentException for another side than RTS or a number out of range
     */
    public void consumerHtdMax(int elements) {
        htdMax(consumer, "consumer", elements);
    }

    private void htdMax(HeadTail side, String who, int elements) {
        if (side.mode != HeadTail.RTS || elements < 0 || elements > capacity) {
            throw new IllegalArgumentException("ring " + name + ": head/tail distance " + elements + " of the " + who
                    + " is not from 0 to " + capacity + ", or the " + who + " is not RTS");
        }
        side.htdMax = elements;
    }

    /**
     * Enqueues one element.
     *
     * @param element what, not null
     * @return false when the ring is full
     */
    public boolean enqueue(E element) {
        if (singleProducer) {
            long position = producer.position();
            if (producer.mayUseSingle(consumer, position, 1, true) == 0) {
                return false;
            }
            slots[index((int) position)] = element;
            producer.publishTo(position + 1);
            return true;
        }
        if (!manyProducers) {
            return enqueueClaimed(element);
        }
        long position;
        if (!producer.isShared()) {
            position = producer.position();
            if (producer.isMine() && producer.mayUse(consumer, position, 1, true) > 0 && producer.enter(position, 1)) {
                slots[index((int) position)] = element;
                producer.publishTo(position + 1);
                return true;
            }
            return enqueueClaimed(element);
        }
        do {
            position = producer.next();
            if (producer.mayUse(consumer, position, 1, true) == 0) {
                return false;
            }
        } while (!producer.take(position, 1));
        slots[index((int) position)] = element;
        producer.publish(position, 1);
        return true;
    }

    private boolean enqueueClaimed(E element) {
        long claim = producer.claim(consumer, 1, true);
        if (claim == 0) {
            return false;
        }
        slots[index((int) claim)] = element;
        producer.publish((int) claim, 1);
        return true;
    }

    /**
     * Dequeues one element.
     *
     * @return the element, or null when the ring is empty
     */
    public E dequeue() {
        if (singleConsumer) {
            long position = consumer.position();
            if (consumer.mayUseSingle(producer, position, 1, true) == 0) {
                return null;
            }
            E element = slots[index((int) position)];
            consumer.publishTo(position + 1);
            return element;
        }
        if (!manyConsumers) {
            return dequeueClaimed();
        }
        long position;
        if (!consumer.isShared()) {
            position = consumer.position();
            if (consumer.isMine() && consumer.mayUse(producer, position, 1, true) > 0 && consumer.enter(position, 1)) {
                E element = slots[index((int) position)];
                consumer.publishTo(position + 1);
                return element;
            }
            return dequeueClaimed();
        }
        do {
            position = consumer.next();
            if (consumer.mayUse(producer, position, 1, true) == 0) {
                return null;
            }
        } while (!consumer.take(position, 1));
        E element = slots[index((int) position)];
        consumer.publish(position, 1);
        return element;
    }

    private E dequeueClaimed() {
        long claim = consumer.claim(producer, 1, true);
        if (claim == 0) {
            return null;
        }
        E element = slots[index((int) claim)];
        consumer.publish((int) claim, 1);
        return element;
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
        return singleProducer ? enqueueSingle(from, offset, n, true) : enqueueMulti(from, offset, n, true);
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
        return singleProducer ? enqueueSingle(from, offset, n, false) : enqueueMulti(from, offset, n, false);
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
        return singleConsumer ? dequeueSingle(to, offset, n, true) : dequeueMulti(to, offset, n, true);
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
        return singleConsumer ? dequeueSingle(to, offset, n, false) : dequeueMulti(to, offset, n, false);
    }

    /** To compare classes tells the JIT that arraycopy need not. What is read anew after a copy need not be saved during it. */
    private int enqueueSingle(E[] from, int offset, int n, boolean fixed) {
        long position = producer.position();
        E[] slots = this.slots;
        if (producer.inOnePart(consumer, position, n, mask) && from.getClass() == slots.getClass()) {
            System.arraycopy(from, offset, slots, index((int) position), n);
            producer.publishSingle(n);
            return n;
        }
        return producer.isStopped(consumer, position) ? 0 : enqueueRest(from, offset, n, fixed);
    }

    /** What is left: two parts, less than was asked for, or an array of another class. */
    private int enqueueRest(E[] from, int offset, int n, boolean fixed) {
        long position = producer.position();
        int taken = HeadTail.atMost(producer.lookSingle(consumer, position, mask), n, fixed);
        if (taken != 0) {
            copyIn(from, offset, (int) position, taken);
            producer.publishSingle(taken);
        }
        return taken;
    }

    private int dequeueSingle(E[] to, int offset, int n, boolean fixed) {
        long position = consumer.position();
        E[] slots = this.slots;
        if (consumer.inOnePart(producer, position, n, mask) && to.getClass() == slots.getClass()) {
            System.arraycopy(slots, index((int) position), to, offset, n);
            consumer.publishSingle(n);
            return n;
        }
        return consumer.isStopped(producer, position) ? 0 : dequeueRest(to, offset, n, fixed);
    }

    private int dequeueRest(E[] to, int offset, int n, boolean fixed) {
        long position = consumer.position();
        int taken = HeadTail.atMost(consumer.lookSingle(producer, position, mask), n, fixed);
        if (taken != 0) {
            copyOut(to, offset, (int) position, taken);
            consumer.publishSingle(taken);
        }
        return taken;
    }

    private int enqueueMulti(E[] from, int offset, int n, boolean fixed) {
        E[] slots = this.slots;
        if (!manyProducers || from.getClass() != slots.getClass()) {
            return enqueueClaimed(from, offset, n, fixed);
        }
        Objects.checkFromIndexSize(offset, n, from.length);
        long position;
        int taken;
        if (producer.isMine()) {
            position = producer.position();
            if (!producer.mayEnter(consumer, position, n, mask)) {
                return producer.endsAt(consumer, position) ? 0 : enqueueClaimed(from, offset, n, fixed);
            }
            copyOwn(from, offset, slots, index((int) position), n);
            producer.publishSingle(n);
            return n;
        }
        if (!producer.isShared()) {
            return enqueueClaimed(from, offset, n, fixed);
        }
        do {
            position = producer.next();
            taken = producer.mayUse(consumer, position, n, fixed);
            if (taken == 0) {
                return 0;
            }
        } while (!producer.take(position, taken));
        int index = (int) position & mask & MAX_SIZE - 1;
        if (taken == 1) {
            slots[PAD + index] = from[offset];
        } else if (taken > mask + 1 - index) {
            wrapIn(from, offset, index, taken);
        } else {
            System.arraycopy(from, offset, slots, PAD + index, taken);
        }
        producer.publish(position, taken);
        return taken;
    }

    /** One is copied without a call, which would take longer. Behind a copy the tail is read anew, since to keep it would take longer too. */
    private static <E> void copyOwn(E[] from, int offset, E[] to, int at, int n) {
        if (n == 1) {
            to[at] = from[offset];
        } else {
            System.arraycopy(from, offset, to, at, n);
        }
    }

    private int enqueueClaimed(E[] from, int offset, int n, boolean fixed) {
        checkSource(from, offset, n);
        long claim = producer.claim(consumer, n, fixed);
        int taken = (int) (claim >>> 32);
        if (taken != 0) {
            copyIn(from, offset, (int) claim, taken);
            producer.publish((int) claim, taken);
        }
        return taken;
    }

    private int dequeueMulti(E[] to, int offset, int n, boolean fixed) {
        E[] slots = this.slots;
        if (!manyConsumers || to.getClass() != slots.getClass()) {
            return dequeueClaimed(to, offset, n, fixed);
        }
        Objects.checkFromIndexSize(offset, n, to.length);
        long position;
        int taken;
        if (consumer.isMine()) {
            position = consumer.position();
            if (!consumer.mayEnter(producer, position, n, mask)) {
                return consumer.endsAt(producer, position) ? 0 : dequeueClaimed(to, offset, n, fixed);
            }
            copyOwn(slots, index((int) position), to, offset, n);
            consumer.publishSingle(n);
            return n;
        }
        if (!consumer.isShared()) {
            return dequeueClaimed(to, offset, n, fixed);
        }
        do {
            position = consumer.next();
            taken = consumer.mayUse(producer, position, n, fixed);
            if (taken == 0) {
                return 0;
            }
        } while (!consumer.take(position, taken));
        int index = (int) position & mask & MAX_SIZE - 1;
        if (taken == 1) {
            to[offset] = slots[PAD + index];
        } else if (taken > mask + 1 - index) {
            wrapOut(to, offset, index, taken);
        } else if (taken == 4) {
            References.copyFour(slots, PAD + index, to, offset);
        } else {
            System.arraycopy(slots, PAD + index, to, offset, taken);
        }
        consumer.publish(position, taken);
        return taken;
    }

    private int dequeueClaimed(E[] to, int offset, int n, boolean fixed) {
        checkTarget(to, offset, n);
        long claim = consumer.claim(producer, n, fixed);
        int taken = (int) (claim >>> 32);
        if (taken != 0) {
            copyOut(to, offset, (int) claim, taken);
            consumer.publish((int) claim, taken);
        }
        return taken;
    }

    /**
     * Claims slots for n elements, which {@link #enqueueFinish} brings: all or nothing. For producers that are
     * SINGLE or HTS; no other producer gets on until then.
     *
     * @param n how many
     * @return n or 0; after 0 nothing is to be finished
     * @throws UnsupportedOperationException when the producers are MULTI or RTS
     */
    public int enqueueBulkStart(int n) {
        return (int) (start(producer, consumer, n, true) >>> 32);
    }

    /**
     * Claims slots for up to n elements; see {@link #enqueueBulkStart}.
     *
     * @param n how many at most
     * @return how many; after 0 nothing is to be finished
     * @throws UnsupportedOperationException when the producers are MULTI or RTS
     */
    public int enqueueBurstStart(int n) {
        return (int) (start(producer, consumer, n, false) >>> 32);
    }

    /**
     * Enqueues into claimed slots and gives the other ones up.
     *
     * @param from source of the references
     * @param offset index of the first
     * @param n how many, 0 to what was started
     * @throws IllegalArgumentException when n is more than was started
     */
    public void enqueueFinish(E[] from, int offset, int n) {
        checkSource(from, offset, n);
        int position = producer.startedPosition(n);
        copyIn(from, offset, position, n);
        producer.finish(position, n);
    }

    /**
     * Reads n elements, which stay in the ring until {@link #dequeueFinish}: all or nothing. For consumers that
     * are SINGLE or HTS; no other consumer gets on until then.
     *
     * @param to where the references go
     * @param offset index of the first
     * @param n how many
     * @return n or 0; after 0 nothing is to be finished
     * @throws UnsupportedOperationException when the consumers are MULTI or RTS
     */
    public int dequeueBulkStart(E[] to, int offset, int n) {
        return dequeueStart(to, offset, n, true);
    }

    /**
     * Reads up to n elements; see {@link #dequeueBulkStart}.
     *
     * @param to where the references go
     * @param offset index of the first
     * @param n how many at most
     * @return how many; after 0 nothing is to be finished
     * @throws UnsupportedOperationException when the consumers are MULTI or RTS
     */
    public int dequeueBurstStart(E[] to, int offset, int n) {
        return dequeueStart(to, offset, n, false);
    }

    private int dequeueStart(E[] to, int offset, int n, boolean fixed) {
        checkTarget(to, offset, n);
        long claim = start(consumer, producer, n, fixed);
        int taken = (int) (claim >>> 32);
        copyOut(to, offset, (int) claim, taken);
        return taken;
    }

    /**
     * Removes the first n of the elements that a start has read; the others stay.
     *
     * @param n how many, 0 to what was started
     * @throws IllegalArgumentException when n is more than was started
     */
    public void dequeueFinish(int n) {
        consumer.finish(consumer.startedPosition(n), n);
    }

    /**
     * Claims slots for n elements and shows where they are, so that elements can be written in place; then
     * {@link #enqueueZcFinish}. Otherwise as {@link #enqueueBulkStart}.
     *
     * @param zc is filled in
     * @param n how many
     * @return n or 0
     */
    public int enqueueZcBulkStart(ZeroCopy<E> zc, int n) {
        return zc.show(slots, PAD, mask, start(producer, consumer, n, true));
    }

    /**
     * Claims slots for up to n elements; see {@link #enqueueZcBulkStart}.
     *
     * @param zc is filled in
     * @param n how many at most
     * @return how many
     */
    public int enqueueZcBurstStart(ZeroCopy<E> zc, int n) {
        return zc.show(slots, PAD, mask, start(producer, consumer, n, false));
    }

    /**
     * Publishes the first n of the claimed slots, which the caller has written, and gives the others up.
     *
     * @param n how many, 0 to what was started
     * @throws IllegalArgumentException when n is more than was started
     */
    public void enqueueZcFinish(int n) {
        producer.finish(producer.startedPosition(n), n);
    }

    /**
     * Shows where n elements are, so that they can be read in place; then {@link #dequeueFinish}. Otherwise as
     * {@link #dequeueBulkStart}.
     *
     * @param zc is filled in
     * @param n how many
     * @return n or 0
     */
    public int dequeueZcBulkStart(ZeroCopy<E> zc, int n) {
        return zc.show(slots, PAD, mask, start(consumer, producer, n, true));
    }

    /**
     * Shows where up to n elements are; see {@link #dequeueZcBulkStart}.
     *
     * @param zc is filled in
     * @param n how many at most
     * @return how many
     */
    public int dequeueZcBurstStart(ZeroCopy<E> zc, int n) {
        return zc.show(slots, PAD, mask, start(consumer, producer, n, false));
    }

    /**
     * Lets each {@link Sync#MULTI} side begin anew as one thread's. The first thread that enqueues (dequeues) needs no atomic
     * instruction, until a second one does so: it waits some 10 &micro;s once, and the side is for many threads from then on. So after
     * one thread has filled a ring for another one, call this. Only while nobody uses the ring.
     *
     * <p>On Linux 4.14 and later; elsewhere, and with {@code -Dpenstock.ringBias=false}, sides are always for many, and this does nothing.
     */
    public void handOver() {
        producer.forget();
        consumer.forget();
    }

    /** Empties the ring and lets go of all references. Only while nobody uses the ring. */
    public void reset() {
        Arrays.fill(slots, null);
        producer.reset(0);
        consumer.reset(0);
    }

    /**
     * The state for people, in the layout of DPDK's rte_ring_dump.
     *
     * @return some lines, each ended
     */
    public String dump() {
        return "ring <" + name + ">@0x" + Integer.toHexString(System.identityHashCode(this))
                + "\n  flags=" + Integer.toHexString(flags())
                + "\n  size=" + size()
                + "\n  capacity=" + capacity
                + "\n  ct=" + Integer.toUnsignedString(consumer.tailAcquire())
                + "\n  ch=" + Integer.toUnsignedString(consumer.headPosition())
                + "\n  pt=" + Integer.toUnsignedString(producer.tailAcquire())
                + "\n  ph=" + Integer.toUnsignedString(producer.headPosition())
                + "\n  used=" + count()
                + "\n  avail=" + freeCount() + "\n";
    }

    private long start(HeadTail side, HeadTail other, int n, boolean fixed) {
        if (side.mode != HeadTail.SINGLE && side.mode != HeadTail.HTS) {
            throw new UnsupportedOperationException("ring " + name + ": the " + (side == producer ? "producer" : "consumer")
                    + " side is " + Sync.values()[side.mode] + ", but start and finish need SINGLE or HTS");
        }
        if (n < 0) {
            throw new IllegalArgumentException("ring " + name + ": start of " + n + " elements");
        }
        return side.start(other, n, fixed);
    }

    /** The constant changes nothing but what the JIT knows: the index is not negative. */
    private int index(int position) {
        return PAD + (position & mask & MAX_SIZE - 1);
    }

    private void copyIn(E[] from, int offset, int position, int n) {
        int index = position & mask;
        if (n <= mask + 1 - index) {
            System.arraycopy(from, offset, slots, PAD + index, n);
        } else {
            wrapIn(from, offset, index, n);
        }
    }

    private void copyOut(E[] to, int offset, int position, int n) {
        int index = position & mask;
        if (n <= mask + 1 - index) {
            System.arraycopy(slots, PAD + index, to, offset, n);
        } else {
            wrapOut(to, offset, index, n);
        }
    }

    private void wrapIn(E[] from, int offset, int index, int n) {
        int first = mask + 1 - index;
        System.arraycopy(from, offset, slots, PAD + index, first);
        System.arraycopy(from, offset + first, slots, PAD, n - first);
    }

    private void wrapOut(E[] to, int offset, int index, int n) {
        int first = mask + 1 - index;
        System.arraycopy(slots, PAD + index, to, offset, first);
        System.arraycopy(slots, PAD, to, offset + first, n - first);
    }

    /** Once slots are claimed nothing may throw any more, or the ring would wait for them for ever. */
    private void checkSource(E[] from, int offset, int n) {
        Objects.checkFromIndexSize(offset, n, from.length);
        if (from.getClass() != slots.getClass()) {
            ElementTypes.checkSource(name, slots, from, offset, n);
        }
    }

    private void checkTarget(E[] to, int offset, int n) {
        Objects.checkFromIndexSize(offset, n, to.length);
        if (to.getClass() != slots.getClass()) {
            ElementTypes.checkTarget(name, slots, to);
        }
    }
}
