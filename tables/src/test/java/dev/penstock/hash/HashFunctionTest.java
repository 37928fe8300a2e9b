package dev.penstock.hash;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.penstock.hash.HashFunction.Words;
import dev.penstock.testkit.Seed;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HashSet;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.zip.CRC32C;
import org.junit.jupiter.api.Test;

/** The published values: those of DPDK's hash_functions_autotest, lookup3's and RFC 3720's. */
class HashFunctionTest {
    private static final int[] LENGTHS = {1, 2, 3, 4, 5, 6, 7, 8, 10, 11, 15, 16, 21, 31, 32, 33, 63, 64};
    private static final int[] DPDK_LENGTHS = {1, 2, 4, 8, 16, 32, 48, 64, 9, 13, 37, 40};
    private static final int[][] JHASH = {
        {0x8ba9414b, 0xdf0d39c9, 0xe4cf1d42, 0xd4ccb93c, 0x5e84eafc, 0x21362cfe, 0x2f4775ab, 0x9ff036cc, 0xeca51474,
            0xbc9d6816, 0x12926a31, 0x1c9fa888},
        {0x5c62c303, 0x1b8cf784, 0x8270ac65, 0x05fa6668, 0x762df861, 0xda088f2f, 0x59614cd4, 0x7a94f690, 0xdc1e4993,
            0x30825494, 0x91d0e462, 0x768087fc}};
    private static final int[][] CRC = {
        {0x00000000, 0xf26b8303, 0x91545164, 0x06040eb1, 0x9bb99201, 0xcc4c4fe4, 0x14a90993, 0xf8a5dd8c, 0xcaa1ad0b,
            0x7ac1e03e, 0x43f44466, 0x4a11475e},
        {0xbdfd3980, 0x70204542, 0x98cd4c70, 0xd52c702f, 0x41fc0e1c, 0x3905f65c, 0x94bff47f, 0x1bab102d, 0xf4a2c645,
            0xbf441539, 0x789c104f, 0x53028d3e}};
    private static final int[] INITS = {0, 0xdeadbeef};

    @Test
    void shouldGiveDpdksValues() {
        byte[] key = new byte[64];
        for (int i = 0; i < 64; i++) {
            key[i] = (byte) i;
        }
        for (int init = 0; init < 2; init++) {
            for (int i = 0; i < DPDK_LENGTHS.length; i++) {
                int length = DPDK_LENGTHS[i];
                assertEquals(JHASH[init][i], HashFunction.JHASH.hash(key, 0, length, INITS[init]), "jhash of " + length);
                assertEquals(CRC[init][i], HashFunction.CRC32C.hash(key, 0, length, INITS[init]), "CRC of " + length);
            }
        }
    }

    @Test
    void shouldGiveTheValuesThatLookup3sAuthorPublished() {
        byte[] text = "Four score and seven years ago".getBytes(StandardCharsets.US_ASCII);
        assertEquals(0x17770551, HashFunction.JHASH.hash(text, 0, 30, 0));
        assertEquals(0xcd628161, HashFunction.JHASH.hash(text, 0, 30, 1));
        assertEquals(0xdeadbeef, HashFunction.JHASH.hash(text, 0, 0, 0));
        assertEquals(0xbd5b7dde, HashFunction.JHASH.hash(text, 0, 0, 0xdeadbeef));
    }

    @Test
    void shouldAgreeWithTheJdksCrc32c() {
        SplittableRandom random = Seed.random("HashFunctionTest");
        byte[] bytes = new byte[100];
        for (int i = 0; i < 10_000; i++) {
            random.nextBytes(bytes);
            int offset = random.nextInt(20);
            int length = random.nextInt(80);
            CRC32C crc = new CRC32C();
            crc.update(bytes, offset, length);
            assertEquals((int) crc.getValue(), ~HashFunction.CRC32C.hash(bytes, offset, length, -1));
        }
    }

    @Test
    void shouldSpreadKeysThatDifferLittle() {
        for (HashFunction function : new HashFunction[] {HashFunction.MULTIPLY, HashFunction.JHASH}) {
            for (int length : LENGTHS) {
                byte[] key = new byte[length];
                int[] buckets = new int[256];
                int[] tags = new int[256];
                int keys = length == 1 ? 256 : 65_536;
                for (int i = 0; i < keys; i++) {
                    key[0] = (byte) i;
                    key[length - 1] = (byte) (length == 1 ? i : i >> 8);
                    int hash = function.hash(key, 0, length, 0);
                    buckets[hash & 255]++;
                    tags[hash >>> 24]++;
                }
                for (int i = 0; i < 256; i++) {
                    assertTrue(buckets[i] <= (length == 1 ? 12 : 400), length + " bytes: " + buckets[i] + " in one bucket");
                    assertTrue(tags[i] <= (length == 1 ? 12 : 400), length + " bytes: " + tags[i] + " of one tag");
                }
            }
        }
    }

    /** Addresses, ports and numbers that count: two fields anywhere, by steps of any size. */
    @Test
    void shouldSpreadKeysThatCount() {
        SplittableRandom random = Seed.random("HashFunctionTest counts");
        for (int round = 0; round < 300; round++) {
            int length = 4 + random.nextInt(61);
            byte[] key = new byte[length];
            random.nextBytes(key);
            int at = random.nextInt(length - 3);
            int other = random.nextInt(length - 1);
            int step = random.nextBoolean() ? 1 << random.nextInt(16) : random.nextInt(1 << 15) | 1;
            int columns = 1 << random.nextInt(9);
            boolean big = random.nextBoolean();
            String what = length + " bytes, steps of " + step + " at " + at + ", " + columns + " columns at " + other;
            Set<ByteBuffer> seen = new HashSet<>();
            int[] buckets = new int[8192];
            int[] tags = new int[8192];
            for (int i = 0; i < 65_536; i++) {
                int count = i / columns * step;
                Words.INT.set(key, at, big ? Integer.reverseBytes(count) : count);
                key[other] = (byte) (i % columns);
                key[other + 1] = (byte) (i % columns >> 8);
                if (seen.add(ByteBuffer.wrap(key.clone()))) {
                    int hash = HashFunction.MULTIPLY.hash(key, 0, length, 0);
                    buckets[hash & 8191]++;
                    tags[hash >>> 19]++;
                }
            }
            assertTrue(Arrays.stream(buckets).max().getAsInt() <= 40, what + ": " + Arrays.stream(buckets).max().getAsInt() + " in one bucket");
            assertTrue(Arrays.stream(tags).max().getAsInt() <= 40, what + ": " + Arrays.stream(tags).max().getAsInt() + " of one tag");
        }
    }

    /** One product's lower half, folded, was the hash of so short keys: up to 47 of these came into one bucket where 8 would be even. */
    @Test
    void shouldSpreadShortKeysWhateverIsBesideWhatCounts() {
        byte[] key = new byte[7];
        for (int beside = 0; beside < 256; beside++) {
            int[] buckets = new int[8192];
            int[] tags = new int[8192];
            key[2] = (byte) beside;
            for (int i = 0; i < 65_536; i++) {
                Words.INT.set(key, 3, Integer.reverseBytes(i / 16 * 4));
                key[0] = (byte) (i % 16);
                int hash = HashFunction.MULTIPLY.hash(key, 0, key.length, 0);
                buckets[hash & 8191]++;
                tags[hash >>> 19]++;
            }
            int most = Math.max(Arrays.stream(buckets).max().getAsInt(), Arrays.stream(tags).max().getAsInt());
            assertTrue(most <= 40, most + " in one bucket or of one tag, beside " + beside);
        }
    }

    @Test
    void shouldDependOnEveryBit() {
        for (int length = 1; length <= 130; length++) {
            byte[] key = new byte[length];
            int zero = HashFunction.MULTIPLY.hash(key, 0, length, 0);
            for (int bit = 0; bit < 8 * length; bit++) {
                key[bit >> 3] = (byte) (1 << (bit & 7));
                assertNotEquals(zero, HashFunction.MULTIPLY.hash(key, 0, length, 0), "bit " + bit + " of " + length + " bytes");
                key[bit >> 3] = 0;
            }
        }
    }

    @Test
    void shouldDependOnInitAndLength() {
        byte[] key = new byte[64];
        assertNotEquals(HashFunction.MULTIPLY.hash(key, 0, 16, 0), HashFunction.MULTIPLY.hash(key, 0, 16, 1));
        assertNotEquals(HashFunction.MULTIPLY.hash(key, 0, 16, 0), HashFunction.MULTIPLY.hash(key, 0, 15, 0));
        assertThrows(IndexOutOfBoundsException.class, () -> HashFunction.JHASH.hash(key, 60, 5, 0));
        assertThrows(IndexOutOfBoundsException.class, () -> HashFunction.CRC32C.hash(key, 60, 5, 0));
        assertThrows(IndexOutOfBoundsException.class, () -> HashFunction.MULTIPLY.hash(key, 60, 5, 0));
    }

    @Test
    void shouldHashABurstAsItHashesEachKey() {
        SplittableRandom random = Seed.random("HashFunctionTest burst");
        for (int length = 1; length <= 100; length++) {
            int stride = length + random.nextInt(5);
            int offset = random.nextInt(9);
            int init = random.nextInt();
            byte[] keys = new byte[offset + 31 * stride + length];
            random.nextBytes(keys);
            int[] hashes = new int[35];
            new Multiply().hashAll(keys, offset, stride, length, init, hashes, 2, 32);
            for (int i = 0; i < 32; i++) {
                assertEquals(HashFunction.MULTIPLY.hash(keys, offset + i * stride, length, init), hashes[2 + i], "key " + i + " of " + length + " bytes");
            }
            assertEquals(0, hashes[1] | hashes[34]);
        }
    }
}
