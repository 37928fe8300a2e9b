package dev.penstock.hash;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;

/** Makes 32 bits of a key (DPDK: rte_hash_function). Any thread may call it. */
public interface HashFunction {
    /** Bob Jenkins' lookup3, the same values as rte_jhash. */
    HashFunction JHASH = new Jhash();
    /** The Castagnoli CRC without inversions, the same values as rte_hash_crc. */
    HashFunction CRC32C = new Crc32c();
    /** One multiplication for 16 bytes; the fastest in Java, and the one taken when none is named. */
    HashFunction MULTIPLY = new Multiply();

    /**
     * Hashes a key.
     *
     * @param key array that holds it
     * @param offset of its first byte
     * @param length its bytes
     * @param init different for independent hashes of one key
     * @return the hash
     * @throws IndexOutOfBoundsException when the array ends before the key
     */
    int hash(byte[] key, int offset, int length, int init);

    /** Little-endian words in byte arrays. */
    final class Words {
        static final VarHandle INT = MethodHandles.byteArrayViewVarHandle(int[].class, ByteOrder.LITTLE_ENDIAN);
        static final VarHandle LONG = MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);

        private Words() {}

        static int intAt(byte[] bytes, int offset) {
            return (int) INT.get(bytes, offset);
        }

        static long longAt(byte[] bytes, int offset) {
            return (long) LONG.get(bytes, offset);
        }

        /** Less than 8 bytes as one word, different for different bytes. Four, an address, take the fewest instructions. */
        static long few(byte[] bytes, int offset, int length) {
            if (length == 4) {
                return intAt(bytes, offset) & 0xffff_ffffL;
            }
            return length > 4 ? intAt(bytes, offset) & 0xffff_ffffL | (long) intAt(bytes, offset + length - 4) << 32
                    : tail(bytes, offset, length);
        }

        /** Puts back what {@link #few} made one word of. */
        static void putFew(byte[] bytes, int offset, int length, long word) {
            if (length >= 4) {
                INT.set(bytes, offset, (int) word);
                if (length > 4) {
                    INT.set(bytes, offset + length - 4, (int) (word >>> 32));
                }
            } else {
                for (int i = 0; i < length; i++) {
                    bytes[offset + i] = (byte) (word >>> 8 * i);
                }
            }
        }

        /** The last 1 to 7 bytes as a number. */
        static long tail(byte[] bytes, int offset, int length) {
            long word = 0;
            for (int i = length - 1; i >= 0; i--) {
                word = word << 8 | bytes[offset + i] & 0xff;
            }
            return word;
        }
    }
}
