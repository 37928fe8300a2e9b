package dev.penstock.acl;

import dev.penstock.mbuf.Mbuf;
import java.lang.invoke.MethodHandles;

/** What {@link BitmapWriter} makes the class of few rules from: it puts code of its own in place of the methods that throw. */
final class CompiledBitmaps extends Classifier {
    /** Of the class that is made from this one. */
    private static final MethodHandles.Lookup SELF = MethodHandles.lookup();
    private static final int KEY_LENGTH = data(SELF, Integer.class, 0);
    private static final int WORDS = data(SELF, Integer.class, 1);
    /** By rank, and for all words without a bit {@link Acl#NO_MATCH}. */
    private static final int[] USERDATA = data(SELF, int[].class, 2);
    /** By rank. */
    private static final int[] CATEGORIES = data(SELF, int[].class, 3);
    private static final ThreadLocal<long[]> MATCHING = ThreadLocal.withInitial(() -> new long[WORDS]);

    CompiledBitmaps() {}

    @Override
    void classify(byte[] keys, int stride, int n, int categories, int[] results) {
        if (categories == 1) {
            for (int i = 0; i < n; i++) {
                results[i] = USERDATA[first(keys, i * stride)];
            }
            return;
        }
        long[] matching = MATCHING.get();
        for (int i = 0; i < n; i++) {
            all(keys, i * stride, matching);
            each(matching, 0, WORDS, CATEGORIES, USERDATA, categories, results, i * categories);
        }
    }

    @Override
    void classify(Mbuf[] packets, int at, int n, int categories, int[] results) {
        if (categories == 1) {
            for (int i = 0; i < n; i++) {
                Mbuf packet = packets[i];
                results[i] = packet.dataLen() - KEY_LENGTH >= at ? USERDATA[first(packet, at)] : Acl.NO_MATCH;
            }
            return;
        }
        long[] matching = MATCHING.get();
        for (int i = 0; i < n; i++) {
            Mbuf packet = packets[i];
            if (packet.dataLen() - KEY_LENGTH >= at) {
                all(packet, at, matching);
                each(matching, 0, WORDS, CATEGORIES, USERDATA, categories, results, i * categories);
            } else {
                none(results, i * categories, categories);
            }
        }
    }

    /** The rank of the best rule of category 0, past all when there is none. */
    private static int first(byte[] keys, int at) {
        throw new AssertionError();
    }

    private static int first(Mbuf packet, int at) {
        throw new AssertionError();
    }

    /** Bits of all rules that match. */
    private static void all(byte[] keys, int at, long[] matching) {
        throw new AssertionError();
    }

    private static void all(Mbuf packet, int at, long[] matching) {
        throw new AssertionError();
    }
}
