package dev.penstock.ring;

/**
 * Where claimed slots of a ring are: in one part, or in two when they go on at the ring's beginning (DPDK:
 * rte_ring_zc_data). A thread keeps one and reuses it.
 *
 * <pre>{@code
 * int n = ring.enqueueZcBurstStart(zc, 32);
 * if (n != 0) {
 *     int got = port.rxBurst(queue, zc.array(), zc.index1(), zc.n1());
 *     ring.enqueueZcFinish(got);
 * }
 * }</pre>
 *
 * <p>Valid between start and finish. The array is the whole ring: touch nothing but the two parts.
 *
 * @param <E> the type of the elements
 */
public final class ZeroCopy<E> {
    private E[] array;
    private int index1;
    private int n1;
    private int index2;
    private int n2;

    /** Shows nothing yet. */
    public ZeroCopy() {}

    int show(E[] slots, int base, int mask, long claim) {
        int n = (int) (claim >>> 32);
        int index = (int) claim & mask;
        array = slots;
        index1 = base + index;
        n1 = Math.min(n, mask + 1 - index);
        index2 = base;
        n2 = n - n1;
        return n;
    }

    /**
     * The array that both parts are in.
     *
     * @return the ring's slots
     */
    public E[] array() {
        return array;
    }

    /**
     * Where the first part begins.
     *
     * @return index into the array
     */
    public int index1() {
        return index1;
    }

    /**
     * How many slots the first part has.
     *
     * @return 0 only when nothing was claimed
     */
    public int n1() {
        return n1;
    }

    /**
     * Where the second part begins.
     *
     * @return index into the array
     */
    public int index2() {
        return index2;
    }

    /**
     * How many slots the second part has.
     *
     * @return 0 when all are in the first
     */
    public int n2() {
        return n2;
    }

    /**
     * The element in claimed slot i, over both parts.
     *
     * @param i 0 to what was claimed - 1
     * @return the element
     */
    public E get(int i) {
        return array[index(i)];
    }

    /**
     * Writes claimed slot i, over both parts.
     *
     * @param i 0 to what was claimed - 1
     * @param element what
     */
    public void set(int i, E element) {
        array[index(i)] = element;
    }

    private int index(int i) {
        if (i < 0 || i >= n1 + n2) {
            throw new IndexOutOfBoundsException("slot " + i + " of " + (n1 + n2) + " claimed ones");
        }
        return i < n1 ? index1 + i : index2 + i - n1;
    }
}
