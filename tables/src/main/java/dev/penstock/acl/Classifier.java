package dev.penstock.acl;

import dev.penstock.mbuf.Mbuf;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;

/** Rules ready for look-ups. Any number of threads may use one. */
abstract class Classifier {
    /** The rank of a packet that no rule matches. */
    static final int NONE = Integer.MAX_VALUE;

    private static final VarHandle SHORT = view(short[].class);
    private static final VarHandle INT = view(int[].class);
    private static final VarHandle LONG = view(long[].class);

    private static VarHandle view(Class<?> type) {
        return MethodHandles.byteArrayViewVarHandle(type, ByteOrder.BIG_ENDIAN);
    }

    /** A constant of a class that was made for a rule set, by the number that {@link HiddenClass} gave it. */
    static <T> T data(MethodHandles.Lookup self, Class<T> type, int index) {
        try {
            return MethodHandles.classDataAt(self, "_", type, index);
        } catch (IllegalAccessException e) {
            throw new ExceptionInInitializerError(e);
        }
    }

    /**
     * Finds what keys match.
     *
     * @param keys where they lie, one behind the other
     * @param stride bytes from one to the next
     * @param n how many
     * @param categories how many categories are asked for
     * @param results gets the userdata of the least rank of each key and category, {@link Acl#NO_MATCH} where nothing matches
     */
    abstract void classify(byte[] keys, int stride, int n, int categories, int[] results);

    /**
     * Finds what packets match, as the method above.
     *
     * @param packets them
     * @param at where the rules' data begins in each
     * @param n how many
     * @param categories how many categories are asked for
     * @param results gets the userdata
     */
    abstract void classify(Mbuf[] packets, int at, int n, int categories, int[] results);

    /** Turns ranks into userdata. */
    static void translate(int[] userdata, int count, int[] results) {
        for (int i = 0; i < count; i++) {
            int rank = results[i];
            results[i] = rank == NONE ? Acl.NO_MATCH : userdata[rank];
        }
    }

    static void none(int[] results, int from, int count) {
        for (int i = from; i < from + count; i++) {
            results[i] = Acl.NO_MATCH;
        }
    }

    static int field1(byte[] keys, int at) {
        return keys[at] & 0xff;
    }

    static int field2(byte[] keys, int at) {
        return (short) SHORT.get(keys, at) & 0xffff;
    }

    static int field4(byte[] keys, int at) {
        return (int) INT.get(keys, at);
    }

    static long field8(byte[] keys, int at) {
        return (long) LONG.get(keys, at);
    }

    static int field1(Mbuf packet, int at) {
        return packet.getByte(at) & 0xff;
    }

    static int field2(Mbuf packet, int at) {
        return packet.getShort(at) & 0xffff;
    }

    static int field4(Mbuf packet, int at) {
        return packet.getInt(at);
    }

    static long field8(Mbuf packet, int at) {
        return packet.getLong(at);
    }

    /** One of two words, without a branch: the first when the bit is 0, the second when it is 1. */
    static long select(long zero, long one, long bit) {
        return zero ^ (zero ^ one) & -bit;
    }

    /**
     * Goes through the rules that match a packet, the best first, until each category has one.
     *
     * @param matching holds their bits, so many words from a place on
     * @param from that place
     * @param words how many words
     * @param categoriesOf by rank, the rules' categories
     * @param userdata by rank
     * @param categories how many categories are asked for
     * @param results gets the packet's userdata
     * @param out where they begin there
     */
    static void each(long[] matching, int from, int words, int[] categoriesOf, int[] userdata, int categories, int[] results, int out) {
        none(results, out, categories);
        int left = (1 << categories) - 1;
        for (int w = 0; w < words; w++) {
            for (long bits = matching[from + w]; bits != 0 && left != 0; bits &= bits - 1) {
                int rank = w * Long.SIZE + Long.numberOfTrailingZeros(bits);
                for (int found = categoriesOf[rank] & left; found != 0; found &= found - 1) {
                    results[out + Integer.numberOfTrailingZeros(found)] = userdata[rank];
                }
                left &= ~categoriesOf[rank];
            }
        }
    }

    /** How many bits are 0 below the first that is 1 of a word and those behind it, of which is known how many; without a branch. */
    static int firstOf(long word, int later) {
        int zeros = Long.numberOfTrailingZeros(word);
        return zeros + (later & -(zeros >>> 6));
    }

    /** The number of the first word that is not 0, of those whose bit is set; some number when none is. */
    static int wordOf(int some) {
        return Integer.numberOfTrailingZeros(some) & Integer.SIZE - 1;
    }

    /** Where the first bit of all words is: in the word of that number, or at {@code none} when no word has a bit; without a branch. */
    static int bitOf(long word, int number, int some, int none) {
        return (number << 6 | Long.numberOfTrailingZeros(word) & Long.SIZE - 1) + (none & some - 1 >> 31);
    }

    /** Negative when a value is not in a range that begins at {@code from} and whose last value is {@code more} above. */
    static long rangeApart(int from, int more, int value) {
        return (more & 0xffff_ffffL) - (value - from & 0xffff_ffffL);
    }

    static long rangeApart(long from, long more, long value) {
        // The borrow of more - (value - from), from Hacker's Delight.
        long above = value - from;
        return ~more & above | (~more | above) & more - above;
    }

    /** Negative when a value is not the wanted one in the bits of a mask. */
    static long maskedApart(int wanted, int mask, int value) {
        return -((wanted ^ value) & mask & 0xffff_ffffL);
    }

    static long maskedApart(long wanted, long mask, long value) {
        long differs = (wanted ^ value) & mask;
        return differs | -differs;
    }

    /**
     * Notes that a packet matches a rule, in those categories that have no better one.
     *
     * @param rank the rule's
     * @param found bits of the categories
     * @param ranks what to note it in
     * @param out where the packet's categories begin there
     */
    static void note(int rank, int found, int[] ranks, int out) {
        for (int c = out; found != 0; c++, found >>>= 1) {
            if ((found & 1) != 0 && rank < ranks[c]) {
                ranks[c] = rank;
            }
        }
    }
}
