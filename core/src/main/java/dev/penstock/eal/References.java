package dev.penstock.eal;

/**
 * Copies few references without a call, which takes longer than their loads and stores. For two arrays, not parts of one,
 * that the caller has seen to be of one class, so that no element's is looked at. It is the caller who asks how many there are,
 * so that a loop around it is compiled for that number where it is always the same. Any thread may call them.
 */
public final class References {
    private References() {}

    /**
     * Copies two.
     *
     * @param <E> the type of the elements
     * @param from source
     * @param first index of the first
     * @param to where they go
     * @param index index of the first there
     */
    public static <E> void copyTwo(E[] from, int first, E[] to, int index) {
        E a = from[first];
        E b = from[first + 1];
        to[index] = a;
        to[index + 1] = b;
    }

    /**
     * Copies four.
     *
     * @param <E> the type of the elements
     * @param from source
     * @param first index of the first
     * @param to where they go
     * @param index index of the first there
     */
    public static <E> void copyFour(E[] from, int first, E[] to, int index) {
        E a = from[first];
        E b = from[first + 1];
        E c = from[first + 2];
        E d = from[first + 3];
        to[index] = a;
        to[index + 1] = b;
        to[index + 2] = c;
        to[index + 3] = d;
    }

    /**
     * Copies eight.
     *
     * @param <E> the type of the elements
     * @param from source
     * @param first index of the first
     * @param to where they go
     * @param index index of the first there
     */
    public static <E> void copyEight(E[] from, int first, E[] to, int index) {
        copyFour(from, first, to, index);
        copyFour(from, first + 4, to, index + 4);
    }
}
