package dev.penstock.mbuf;

import dev.penstock.linux.Platform;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/**
 * Copies frames of up to 128 bytes by words, without the call that a copy of the JVM's makes. Measured on vhost ports: that
 * call and the checks before it were a fifth of the time of a 64-byte packet.
 */
final class WordCopy {
    private static final int SHORT = 128;
    /**
     * Longest copy by words. On aarch64 each: the JVM's own routine ends the process there, instead of throwing, where a peer has
     * cut the memory that it copies, as soon as it is more than some 100 bytes ({@code CutMemoryTest}).
     */
    static final int MAX = Platform.arch() == Platform.Arch.X86_64 ? SHORT : 1 << 16;

    private static final int WORD = 8;
    private static final boolean VECTOR = MbufSum.VECTOR;
    private static final MemorySegment ALL = Mbuf.ALL;
    private static final long BITS = Mbuf.ADDRESS_BITS;
    private static final ValueLayout.OfLong LONG = ValueLayout.JAVA_LONG_UNALIGNED;
    private static final ValueLayout.OfInt INT = ValueLayout.JAVA_INT_UNALIGNED;
    private static final ValueLayout.OfByte BYTE = ValueLayout.JAVA_BYTE;

    private WordCopy() {}

    /**
     * The address of a part of a segment, when it may be copied by words.
     *
     * @return the address; -1 when the JVM's own copy has to do it, or to refuse it
     */
    static long address(MemorySegment segment, long offset, int length) {
        if (length > MAX || length <= 0 || !segment.isNative() || (offset | segment.byteSize() - length - offset) < 0
                || !segment.scope().isAlive() || segment.isReadOnly()) {
            return -1;
        }
        return segment.address() + offset & BITS;
    }

    /** Whether two ranges have no byte in common. */
    static boolean apart(long a, long b, int length) {
        return Math.abs(a - b) >= length;
    }

    /** Copies 1 to {@link #MAX} bytes between ranges that are {@link #apart}; both were checked. */
    static void copy(long from, long to, int length) {
        if (MAX > SHORT && length > SHORT) {
            int last = length - 4 * WORD;
            for (int at = 0; at < last; at += 4 * WORD) {
                four(from + at & BITS, to + at & BITS);
            }
            four(from + last & BITS, to + last & BITS);
        } else if (length >= 4 * WORD) {
            four(from, to);
            if (length > 8 * WORD) {
                four(from + 4 * WORD & BITS, to + 4 * WORD & BITS);
                if (length > 12 * WORD) {
                    four(from + 8 * WORD & BITS, to + 8 * WORD & BITS);
                }
            }
            // the last words may lie over what is there already
            four(from + length - 4 * WORD & BITS, to + length - 4 * WORD & BITS);
        } else {
            few(from, to, length);
        }
    }

    /** In one store where that can be: a core has few places for stores that wait for their lines. */
    private static void four(long from, long to) {
        if (VECTOR) {
            FrameCopyVector.copy32(from, to);
        } else {
            words(from, to);
        }
    }

    private static void words(long from, long to) {
        long a = ALL.get(LONG, from);
        long b = ALL.get(LONG, from + 8 & BITS);
        long c = ALL.get(LONG, from + 16 & BITS);
        long d = ALL.get(LONG, from + 24 & BITS);
        ALL.set(LONG, to, a);
        ALL.set(LONG, to + 8 & BITS, b);
        ALL.set(LONG, to + 16 & BITS, c);
        ALL.set(LONG, to + 24 & BITS, d);
    }

    private static void few(long from, long to, int length) {
        int done = 0;
        for (; length - done >= WORD; done += WORD) {
            ALL.set(LONG, to + done & BITS, ALL.get(LONG, from + done & BITS));
        }
        if (length - done >= 4) {
            ALL.set(INT, to + done & BITS, ALL.get(INT, from + done & BITS));
            done += 4;
        }
        for (; done < length; done++) {
            ALL.set(BYTE, to + done & BITS, ALL.get(BYTE, from + done & BITS));
        }
    }
}
