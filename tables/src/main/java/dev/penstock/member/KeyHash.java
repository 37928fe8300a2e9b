package dev.penstock.member;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;

/**
 * Makes 64 bits of a key, enough for a bucket and a signature, or for a walk's start and its step: both halves of the
 * product of two words, folded (the idea of wyhash). Words overlap where the length is no multiple of theirs, so that a short
 * key takes no loop. Not for keys chosen by an adversary.
 */
final class KeyHash {
    private static final VarHandle INT = MethodHandles.byteArrayViewVarHandle(int[].class, ByteOrder.LITTLE_ENDIAN);
    private static final VarHandle LONG = MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);
    private static final long FIRST = 0x9e37_79b9_7f4a_7c15L;
    private static final long SECOND = 0xc2b2_ae3d_27d4_eb4fL;

    private KeyHash() {}

    /** The hash of {@code length} bytes, 1 or more, from an offset on; {@code seed} is different for independent ones. */
    static long of(byte[] key, int offset, int length, int seed) {
        if (length > 16) {
            return ofLong(key, offset, length, seed);
        }
        long low;
        long high;
        if (length >= 8) {
            low = (long) LONG.get(key, offset);
            high = (long) LONG.get(key, offset + length - 8);
        } else if (length >= 4) {
            low = (int) INT.get(key, offset);
            high = (int) INT.get(key, offset + length - 4);
        } else {
            low = (key[offset] << 8 | key[offset + length / 2] & 0xff) << 8 | key[offset + length - 1] & 0xff;
            high = 0;
        }
        return fold(fold(low ^ seed ^ FIRST, high ^ SECOND) ^ length, FIRST);
    }

    private static long ofLong(byte[] key, int offset, int length, int seed) {
        int last = offset + length - 16;
        long hash = seed ^ FIRST;
        for (int at = offset; at < last; at += 16) {
            hash = fold((long) LONG.get(key, at) ^ hash, (long) LONG.get(key, at + 8) ^ SECOND);
        }
        hash = fold((long) LONG.get(key, last) ^ hash, (long) LONG.get(key, last + 8) ^ SECOND);
        return fold(hash ^ length, FIRST);
    }

    private static long fold(long a, long b) {
        return a * b ^ Math.multiplyHigh(a, b);
    }
}
