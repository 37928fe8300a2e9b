package dev.penstock.hash;

/** Both halves of the product of two words, folded: the idea of wyhash. Not for keys chosen by an adversary. */
final class Multiply implements HashFunction {
    private static final long FIRST = 0x9e37_79b9_7f4a_7c15L;
    private static final long SECOND = 0xc2b2_ae3d_27d4_eb4fL;

    @Override
    public int hash(byte[] key, int offset, int length, int init) {
        long hash = init ^ FIRST;
        int at = offset;
        int left = length;
        for (; left >= 16; left -= 16, at += 16) {
            hash = fold(Words.longAt(key, at) ^ hash, Words.longAt(key, at + 8) ^ SECOND);
        }
        if (left >= 8) {
            hash = fold(Words.longAt(key, at) ^ hash, SECOND);
            at += 8;
            left -= 8;
        }
        if (left > 0) {
            hash = fold((left == 4 ? Words.intAt(key, at) : rest(key, at, left, length)) ^ hash, SECOND);
        }
        hash = fold(hash ^ length, FIRST);
        return (int) (hash ^ hash >>> 32);
    }

    /** The last 1 to 7 bytes; some before them again rather than a loop where there are any. */
    private static long rest(byte[] key, int at, int left, int length) {
        return length >= 8 ? Words.longAt(key, at + left - 8) : Words.tail(key, at, left);
    }

    private static long fold(long a, long b) {
        return a * b ^ Math.multiplyHigh(a, b);
    }
}
