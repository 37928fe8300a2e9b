package dev.penstock.hash;

/**
 * Both halves of the product of two words, folded: the idea of wyhash. Words overlap rather than that a loop takes what is left, and
 * up to 64 bytes no product waits for another but the last. Not for keys chosen by an adversary.
 */
final class Multiply implements HashFunction {
    private static final long FIRST = 0x9e37_79b9_7f4a_7c15L;
    private static final long SECOND = 0xc2b2_ae3d_27d4_eb4fL;
    private static final long THIRD = 0x1656_67b1_9e37_79f9L;
    private static final long FOURTH = 0x85eb_ca77_c2b2_ae63L;
    private static final long FIFTH = 0x27d4_eb2f_1656_67c5L;

    @Override
    public int hash(byte[] key, int offset, int length, int init) {
        long hash;
        if (length < 8) {
            hash = (Words.few(key, offset, length) ^ FIRST) * SECOND;
            hash ^= hash >>> 32;
        } else {
            int last = offset + length - 8;
            if (length <= 16) {
                hash = two(key, offset, last);
            } else {
                hash = four(key, offset, last);
                if (length > 32) {
                    hash ^= fold(Words.longAt(key, offset + 16) ^ FOURTH, Words.longAt(key, offset + 24) ^ FIFTH);
                    if (length > 48) {
                        hash ^= fold(Words.longAt(key, last - 24) ^ FIFTH, Words.longAt(key, last - 16) ^ THIRD);
                        if (length > 64) {
                            hash = between(key, offset, length, hash);
                        }
                    }
                }
            }
        }
        return end(hash, init ^ FIFTH, length ^ FIRST);
    }

    /** The words of a key of 8 to 16 bytes. */
    private static long two(byte[] key, int first, int last) {
        return fold(Words.longAt(key, first) ^ FIRST, Words.longAt(key, last) ^ SECOND);
    }

    /** The words of a key of 17 to 32 bytes, and the outer ones of a longer one. */
    private static long four(byte[] key, int first, int last) {
        return fold(Words.longAt(key, first) ^ FIRST, Words.longAt(key, first + 8) ^ SECOND)
                ^ fold(Words.longAt(key, last - 8) ^ THIRD, Words.longAt(key, last) ^ FOURTH);
    }

    private static int end(long hash, long init, long length) {
        long folded = fold(hash ^ init, length);
        return (int) (folded ^ folded >>> 32);
    }

    /** What lies between a long key's first and last 32 bytes. */
    private static long between(byte[] key, int offset, int length, long begun) {
        long hash = begun;
        for (int at = offset + 32; at < offset + length - 32; at += 16) {
            hash = fold(Words.longAt(key, at) ^ hash, Words.longAt(key, at + 8) ^ SECOND);
        }
        return hash;
    }

    /**
     * Hashes keys that lie evenly apart, as {@link #hash} does.
     *
     * @param keys array that holds them
     * @param offset of the first one's first byte
     * @param stride bytes from one to the next
     * @param length bytes of each
     * @param init the initial value
     * @param hashes gets the hashes
     * @param from where the first one goes
     * @param n how many
     */
    void hashAll(byte[] keys, int offset, int stride, int length, int init, int[] hashes, int from, int n) {
        if (length >= 8 && length <= 16) {
            hashTwo(keys, offset, stride, length - 8, init ^ FIFTH, length ^ FIRST, hashes, from, n);
        } else if (length > 16 && length <= 32) {
            hashFour(keys, offset, stride, length - 8, init ^ FIFTH, length ^ FIRST, hashes, from, n);
        } else {
            for (int i = from, at = offset; i < from + n; i++, at += stride) {
                hashes[i] = hash(keys, at, length, init);
            }
        }
    }

    /** Keys of 8 to 16 bytes, whose last word begins at {@code last}. */
    private static void hashTwo(byte[] keys, int offset, int stride, int last, long init, long length, int[] hashes, int from, int n) {
        for (int i = from, at = offset; i < from + n; i++, at += stride) {
            hashes[i] = end(two(keys, at, at + last), init, length);
        }
    }

    /** Keys of 17 to 32 bytes, whose last word begins at {@code last}. */
    private static void hashFour(byte[] keys, int offset, int stride, int last, long init, long length, int[] hashes, int from, int n) {
        for (int i = from, at = offset; i < from + n; i++, at += stride) {
            hashes[i] = end(four(keys, at, at + last), init, length);
        }
    }

    private static long fold(long a, long b) {
        return a * b ^ Math.multiplyHigh(a, b);
    }
}
