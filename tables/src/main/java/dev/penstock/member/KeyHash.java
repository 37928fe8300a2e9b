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
    private static final long THIRD = 0x1656_67b1_9e37_79f9L;
    private static final long FOURTH = 0x85eb_ca77_c2b2_ae63L;
    private static final long FIFTH = 0x27d4_eb2f_1656_67c5L;

    private KeyHash() {}

    /** The hash of {@code length} bytes, 1 or more, from an offset on; {@code seed} is different for independent ones. */
    static long of(byte[] key, int offset, int length, int seed) {
        long hash;
        if (length > 16) {
            hash = ofLong(key, offset, length, seed);
        } else {
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
            hash = fold(low ^ seed ^ FIRST, high ^ SECOND);
        }
        return fold(hash ^ length, FIRST);
    }

    /** Up to 64 bytes no product waits for another. */
    private static long ofLong(byte[] key, int offset, int length, int seed) {
        int last = offset + length - 8;
        long hash = fold((long) LONG.get(key, offset) ^ seed ^ FIRST, (long) LONG.get(key, offset + 8) ^ SECOND)
                ^ fold((long) LONG.get(key, last - 8) ^ THIRD, (long) LONG.get(key, last) ^ FOURTH);
        if (length > 32) {
            hash ^= fold((long) LONG.get(key, offset + 16) ^ FOURTH, (long) LONG.get(key, offset + 24) ^ FIFTH);
            if (length > 48) {
                hash ^= fold((long) LONG.get(key, last - 24) ^ FIFTH, (long) LONG.get(key, last - 16) ^ THIRD);
                if (length > 64) {
                    hash = between(key, offset, length, hash);
                }
            }
        }
        return hash;
    }

    /** What lies between a long key's first and last 32 bytes. */
    private static long between(byte[] key, int offset, int length, long begun) {
        long hash = begun;
        for (int at = offset + 32; at < offset + length - 32; at += 16) {
            hash = fold((long) LONG.get(key, at) ^ hash, (long) LONG.get(key, at + 8) ^ SECOND);
        }
        return hash;
    }

    private static long fold(long a, long b) {
        return a * b ^ Math.multiplyHigh(a, b);
    }
}
