package dev.penstock.hash;

/** CRC-32C (RFC 3720, B.4) over the bytes, from the initial value, without inversions: eight tables, eight bytes a step. */
final class Crc32c implements HashFunction {
    private static final int POLYNOMIAL = 0x82f63b78;
    private static final int[] TABLES = tables();

    private static int[] tables() {
        int[] tables = new int[8 * 256];
        for (int i = 0; i < 256; i++) {
            int crc = i;
            for (int bit = 0; bit < 8; bit++) {
                crc = crc >>> 1 ^ (POLYNOMIAL & -(crc & 1));
            }
            tables[i] = crc;
        }
        for (int i = 256; i < tables.length; i++) {
            tables[i] = tables[i - 256] >>> 8 ^ tables[tables[i - 256] & 0xff];
        }
        return tables;
    }

    @Override
    public int hash(byte[] key, int offset, int length, int init) {
        int crc = init;
        int at = offset;
        int end = offset + length;
        for (; at <= end - 8; at += 8) {
            crc = step(Words.longAt(key, at) ^ crc & 0xffff_ffffL);
        }
        for (; at < end; at++) {
            crc = crc >>> 8 ^ TABLES[(crc ^ key[at]) & 0xff];
        }
        return crc;
    }

    private static int step(long w) {
        int[] t = TABLES;
        return t[1792 | (int) w & 0xff] ^ t[1536 | (int) (w >>> 8) & 0xff] ^ t[1280 | (int) (w >>> 16) & 0xff]
                ^ t[1024 | (int) (w >>> 24) & 0xff] ^ t[768 | (int) (w >>> 32) & 0xff] ^ t[512 | (int) (w >>> 40) & 0xff]
                ^ t[256 | (int) (w >>> 48) & 0xff] ^ t[(int) (w >>> 56)];
    }
}
