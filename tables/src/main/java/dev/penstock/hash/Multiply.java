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
            hash = few(key, offset, length);
        } else if (length == 8) {
            // as below, but that the JIT sees that both words are one, and reads it once
            hash = two(key, offset, offset);
        } else {
            int last = offset + length - 8;
            if (length <= 16) {
                hash = two(key, offset, last);
            } else {
                hash = four(key, offset, last);
                if (length > 32) {
                    hash ^= third(key, offset);
                    if (length > 48) {
                        hash ^= fourth(key, last);
                        if (length > 64) {
                            hash = between(key, offset, length, hash);
                        }
                    }
                }
            }
        }
        return end(hash, init ^ FIFTH, length ^ FIRST);
    }

    /** The bytes of a key of less than 8. */
    private static long few(byte[] key, int offset, int length) {
        return fold(Words.few(key, offset, length) ^ FIRST, SECOND);
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

    /** The third pair of words of a key of more than 32 bytes. */
    private static long third(byte[] key, int first) {
        return fold(Words.longAt(key, first + 16) ^ FOURTH, Words.longAt(key, first + 24) ^ FIFTH);
    }

    /** The last pair but one of words of a key of more than 48 bytes. */
    private static long fourth(byte[] key, int last) {
        return fold(Words.longAt(key, last - 24) ^ FIFTH, Words.longAt(key, last - 16) ^ THIRD);
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
        long begun = init ^ FIFTH;
        long mixed = length ^ FIRST;
        if (length > 64 || length < 4) {
            for (int i = from, at = offset; i < from + n; i++, at += stride) {
                hashes[i] = hash(keys, at, length, init);
            }
        } else if (length > 48) {
            hashEight(keys, offset, stride, length - 8, begun, mixed, hashes, from, n);
        } else if (length > 32) {
            hashSix(keys, offset, stride, length - 8, begun, mixed, hashes, from, n);
        } else if (length > 16) {
            hashFour(keys, offset, stride, length - 8, begun, mixed, hashes, from, n);
        } else if (length >= 8) {
            hashTwo(keys, offset, stride, length - 8, begun, mixed, hashes, from, n);
        } else {
            hashFew(keys, offset, stride, length, begun, mixed, hashes, from, n);
        }
    }

    // A loop for each length, without what the others need. Where a key has 8 bytes or more, its last word begins at last.

    private static void hashFew(byte[] keys, int offset, int stride, int bytes, long init, long length, int[] hashes, int from, int n) {
        for (int i = from, at = offset; i < from + n; i++, at += stride) {
            hashes[i] = end(few(keys, at, bytes), init, length);
        }
    }

    private static void hashTwo(byte[] keys, int offset, int stride, int last, long init, long length, int[] hashes, int from, int n) {
        for (int i = from, at = offset; i < from + n; i++, at += stride) {
            hashes[i] = end(two(keys, at, at + last), init, length);
        }
    }

    private static void hashFour(byte[] keys, int offset, int stride, int last, long init, long length, int[] hashes, int from, int n) {
        for (int i = from, at = offset; i < from + n; i++, at += stride) {
            hashes[i] = end(four(keys, at, at + last), init, length);
        }
    }

    private static void hashSix(byte[] keys, int offset, int stride, int last, long init, long length, int[] hashes, int from, int n) {
        for (int i = from, at = offset; i < from + n; i++, at += stride) {
            hashes[i] = end(four(keys, at, at + last) ^ third(keys, at), init, length);
        }
    }

    private static void hashEight(byte[] keys, int offset, int stride, int last, long init, long length, int[] hashes, int from, int n) {
        for (int i = from, at = offset; i < from + n; i++, at += stride) {
            hashes[i] = end(four(keys, at, at + last) ^ third(keys, at) ^ fourth(keys, at + last), init, length);
        }
    }

    private static long fold(long a, long b) {
        return a * b ^ Math.multiplyHigh(a, b);
    }
}
