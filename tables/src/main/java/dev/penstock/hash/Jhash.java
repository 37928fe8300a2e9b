package dev.penstock.hash;

/** Bob Jenkins' lookup3 (public domain, 2006), function hashlittle. */
final class Jhash implements HashFunction {
    @Override
    public int hash(byte[] key, int offset, int length, int init) {
        int a = 0xdeadbeef + length + init;
        int b = a;
        int c = a;
        int at = offset;
        int left = length;
        for (; left > 12; left -= 12, at += 12) {
            a += Words.intAt(key, at);
            b += Words.intAt(key, at + 4);
            c += Words.intAt(key, at + 8);
            a = a - c ^ Integer.rotateLeft(c, 4);
            c += b;
            b = b - a ^ Integer.rotateLeft(a, 6);
            a += c;
            c = c - b ^ Integer.rotateLeft(b, 8);
            b += a;
            a = a - c ^ Integer.rotateLeft(c, 16);
            c += b;
            b = b - a ^ Integer.rotateLeft(a, 19);
            a += c;
            c = c - b ^ Integer.rotateLeft(b, 4);
            b += a;
        }
        if (left == 0) {
            return c;
        }
        a += word(key, at, left);
        b += word(key, at + 4, left - 4);
        c += word(key, at + 8, left - 8);
        c = (c ^ b) - Integer.rotateLeft(b, 14);
        a = (a ^ c) - Integer.rotateLeft(c, 11);
        b = (b ^ a) - Integer.rotateLeft(a, 25);
        c = (c ^ b) - Integer.rotateLeft(b, 16);
        a = (a ^ c) - Integer.rotateLeft(c, 4);
        b = (b ^ a) - Integer.rotateLeft(a, 14);
        return (c ^ b) - Integer.rotateLeft(b, 24);
    }

    private static int word(byte[] key, int at, int left) {
        return left >= 4 ? Words.intAt(key, at) : left <= 0 ? 0 : (int) Words.tail(key, at, left);
    }
}
