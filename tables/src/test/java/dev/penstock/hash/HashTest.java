package dev.penstock.hash;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.penstock.rcu.Qsbr;
import dev.penstock.rcu.Reclaim;
import dev.penstock.testkit.Allocation;
import dev.penstock.testkit.Seed;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What DPDK's hash_autotest asserts, a million operations against a map, and readers beside writers. */
@Timeout(120)
class HashTest {
    private static byte[] key(int length, int value) {
        byte[] key = new byte[length];
        for (int i = 0; i < Math.min(4, length); i++) {
            key[length - 1 - i] = (byte) (value >> 8 * i);
        }
        return key;
    }

    @Test
    void shouldRefuseBadParameters() {
        assertThrows(IllegalArgumentException.class, () -> HashConfig.of(7, 4));
        assertThrows(IllegalArgumentException.class, () -> HashConfig.of((1 << 26) + 1, 4));
        assertThrows(IllegalArgumentException.class, () -> HashConfig.of(8, 0));
        assertThrows(IllegalArgumentException.class, () -> HashConfig.of(8, 1025));
        assertThrows(IllegalArgumentException.class, () -> HashConfig.of(8, 1).function(null, 0));
        assertTrue(assertThrows(IllegalArgumentException.class, () -> new Hash(HashConfig.of(1 << 26, 1024))).getMessage()
                .contains("entries"));
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 3, 4, 5, 7, 8, 9, 13, 16, 17, 20, 31, 32, 33, 44, 48, 49, 64, 65, 72, 103, 1024})
    void shouldKeepKeysOfAnyLength(int length) {
        Hash hash = new Hash(HashConfig.of(64, length));
        byte[][] keys = new byte[5][];
        int[] positions = new int[5];
        for (int i = 0; i < 5; i++) {
            keys[i] = key(length, 0x01020304 * (i + 1));
            positions[i] = hash.add(keys[i], 100 + i);
            assertTrue(positions[i] >= 0);
            assertEquals(positions[i], hash.add(keys[i], 200 + i), "an update keeps the position");
        }
        assertEquals(5, hash.size());
        for (int i = 0; i < 5; i++) {
            assertEquals(positions[i], hash.lookup(keys[i]));
            assertEquals(200 + i, hash.data(positions[i]));
            byte[] copy = new byte[length + 2];
            hash.key(positions[i], copy, 1);
            assertArrayEquals(keys[i], Arrays.copyOfRange(copy, 1, length + 1));
            for (int bit = 0; bit < 8 * length; bit += 3) {
                byte[] flipped = keys[i].clone();
                flipped[bit >> 3] ^= (byte) (1 << (bit & 7));
                if (Arrays.stream(keys).noneMatch(k -> Arrays.equals(k, flipped))) {
                    assertEquals(Hash.ABSENT, hash.lookup(flipped));
                    assertEquals(Hash.ABSENT, hash.lookup(flipped, 0, hash.hash(keys[i], 0)), "the key is compared, not its hash");
                }
            }
        }
        for (int i = 0; i < 5; i++) {
            assertEquals(positions[i], hash.delete(keys[i]));
            assertEquals(Hash.ABSENT, hash.delete(keys[i]));
            assertEquals(Hash.ABSENT, hash.lookup(keys[i]));
        }
        assertEquals(0, hash.size());
    }

    @Test
    void shouldKeepPositionsUntilFreed() {
        Hash hash = new Hash(HashConfig.of(8, 4).freeOnDelete(false));
        int[] positions = new int[8];
        for (int i = 0; i < 8; i++) {
            positions[i] = hash.add(key(4, i), i);
        }
        assertEquals(positions[3], hash.delete(key(4, 3)));
        assertEquals(Hash.FULL, hash.add(key(4, 9), 9));
        assertEquals(3, hash.data(positions[3]));
        assertThrows(IllegalStateException.class, () -> hash.free(positions[4]));
        hash.free(positions[3]);
        assertEquals(positions[3], hash.add(key(4, 9), 9));
        assertThrows(IllegalStateException.class, () -> new Hash(HashConfig.of(8, 4)).free(0));
        assertThrows(IllegalStateException.class, () -> hash.rcu(new Qsbr(1), Reclaim.SYNC, p -> {}));
    }

    @Test
    void shouldFreeAPositionOnce() {
        Hash hash = new Hash(HashConfig.of(8, 4).freeOnDelete(false));
        assertThrows(IllegalStateException.class, () -> hash.free(7));
        int position = hash.add(key(4, 1), 1);
        hash.delete(key(4, 1));
        hash.free(position);
        assertThrows(IllegalStateException.class, () -> hash.free(position));
        assertTrue(hash.add(key(4, 2), 2) != hash.add(key(4, 3), 3));
    }

    @Test
    void shouldHaveRoomForAllEntriesOnceCleared() {
        Hash hash = new Hash(HashConfig.of(8, 4).freeOnDelete(false));
        for (int round = 0; round < 3; round++) {
            for (int i = 0; i < 8; i++) {
                assertTrue(hash.add(key(4, i), i) >= 0);
            }
            int position = hash.delete(key(4, 5));
            hash.clear();
            assertEquals(0, hash.size());
            assertThrows(IllegalStateException.class, () -> hash.free(position), "it is free already");
        }
    }

    @Test
    void shouldRefusePlacesThatThereAreNot() {
        Hash hash = new Hash(HashConfig.of(8, 4));
        byte[] keys = new byte[8];
        int[] two = new int[2];
        for (int position : new int[] {-1, 8, Integer.MIN_VALUE, Integer.MAX_VALUE}) {
            assertThrows(IndexOutOfBoundsException.class, () -> hash.data(position));
            assertThrows(IndexOutOfBoundsException.class, () -> hash.data(position, 1));
            assertThrows(IndexOutOfBoundsException.class, () -> hash.key(position, keys, 0));
        }
        for (int offset : new int[] {-1, 5}) {
            assertThrows(IndexOutOfBoundsException.class, () -> hash.key(0, keys, offset));
            assertThrows(IndexOutOfBoundsException.class, () -> hash.lookupBulk(keys, offset, two, two, 1));
        }
        assertThrows(IndexOutOfBoundsException.class, () -> hash.lookupBulk(keys, 0, two, -1));
        assertThrows(IndexOutOfBoundsException.class, () -> hash.lookupBulk(keys, 0, new int[3], new int[3], 3));
        assertThrows(IndexOutOfBoundsException.class, () -> hash.lookupBulk(keys, 0, new int[1], two, 2));
        assertThrows(IndexOutOfBoundsException.class, () -> hash.lookupBulkData(keys, 0, 4, two, new long[1], 2));
        assertThrows(IndexOutOfBoundsException.class, () -> hash.lookupBulkData(keys, 0, 0, new int[65], new long[65], 65));
        assertThrows(IndexOutOfBoundsException.class, () -> hash.lookupBulkData(keys, 4, -4, two, new long[2], 2));
        Hash byHand = new Hash(HashConfig.of(8, 4).freeOnDelete(false));
        assertThrows(IndexOutOfBoundsException.class, () -> byHand.free(8));
    }

    @Test
    void shouldKeepThePositionOfAKeyThatFindsNoBucket() {
        Hash hash = new Hash(HashConfig.of(512, 4).extendable(false).function((k, o, l, i) -> k[o] == 0 ? 0x1234_5678 : 7, 0));
        for (int i = 0; i < 600; i++) {
            assertEquals(i < 16, hash.add(key(4, i), i) >= 0);
        }
        assertTrue(hash.add(key(4, -1), 0) >= 0);
    }

    /** Buckets that extend others are given back and used again, at each place of a row of them. */
    @Test
    void shouldUseExtensionsAgain() {
        SplittableRandom random = Seed.random("HashTest extensions");
        Hash hash = new Hash(HashConfig.of(256, 4).function((k, o, l, i) -> k[o + l - 1] & 1, 0));
        Map<Integer, Long> oracle = new HashMap<>();
        for (int i = 0; i < 50_000; i++) {
            int value = random.nextInt(300);
            if (i / 2500 % 2 == 0 ? random.nextInt(3) != 0 : random.nextInt(8) == 0) {
                if (hash.add(key(4, value), i) >= 0) {
                    oracle.put(value, (long) i);
                } else {
                    assertEquals(256, oracle.size());
                }
            } else {
                assertEquals(oracle.remove(value) != null, hash.delete(key(4, value)) >= 0);
            }
            int asked = random.nextInt(300);
            int position = hash.lookup(key(4, asked));
            assertEquals(oracle.get(asked), position < 0 ? null : (Long) hash.data(position));
        }
    }

    /** All keys hash alike: two buckets, then full, or as many more as are needed. */
    @ParameterizedTest
    @CsvSource({"false, 16", "true, 512"})
    void shouldFillBucketsOfEqualHashes(boolean extendable, int expected) {
        Hash hash = new Hash(HashConfig.of(512, 4).extendable(extendable).function((k, o, l, i) -> 0x12345678, 0));
        int added = 0;
        while (added < 600 && hash.add(key(4, added), added) >= 0) {
            added++;
        }
        assertEquals(expected, added);
        for (int i = 0; i < added; i += 2) {
            assertTrue(hash.delete(key(4, i)) >= 0);
        }
        for (int i = 0; i < added; i++) {
            assertEquals(i % 2 == 1, hash.lookup(key(4, i)) >= 0);
        }
        for (int i = 0; i < added; i += 2) {
            assertTrue(hash.add(key(4, i), i) >= 0);
        }
        for (int i = 0; i < added; i++) {
            assertEquals(i, hash.data(hash.lookup(key(4, i))));
        }
        assertEquals(Hash.FULL, hash.add(key(4, -1), 0));
        for (int round = 0; round < 5; round++) {
            hash.clear();
            assertEquals(0, hash.size());
            for (int i = 0; i < added; i++) {
                assertTrue(hash.add(key(4, i), i) >= 0, "buckets are lost");
            }
        }
    }

    @ParameterizedTest
    @CsvSource({"4096, true, 1.0", "4096, false, 0.99", "16384, false, 0.9", "1048576, true, 1.0"})
    void shouldUseNearlyAllEntries(int entries, boolean extendable, double least) {
        Hash hash = new Hash(HashConfig.of(entries, 8).extendable(extendable));
        long spread = Seed.random("HashTest utilisation").nextLong() | 1;
        ByteBuffer key = ByteBuffer.allocate(8);
        int added = 0;
        while (hash.add(key.putLong(0, added * spread).array(), added) >= 0) {
            added++;
        }
        assertTrue(added >= least * entries, added + " of " + entries);
        for (int i = 0; i < added; i++) {
            int position = hash.lookup(key.putLong(0, i * spread).array());
            assertTrue(position >= 0 && hash.data(position) == i, "key " + i + " was moved and is not found");
        }
    }

    @Test
    void shouldAllocateNothing() {
        Hash hash = new Hash(HashConfig.of(1024, 8));
        byte[] keys = new byte[64 * 8];
        int[] positions = new int[64];
        long[] data = new long[64];
        assertEquals(0, Allocation.steadyBytesOf(() -> {
            for (int i = 0; i < 1000; i++) {
                keys[i & 511]++;
                hash.add(keys, i & 504, hash.hash(keys, i & 504), i);
                hash.lookupBulk(keys, 0, positions, 64);
                hash.lookupBulkData(keys, 0, 8, positions, data, 64);
                hash.delete(keys, i * 16 & 504, hash.hash(keys, i * 16 & 504));
            }
        }));
    }

    @Test
    void shouldVisitEveryKeyOnce() {
        Hash hash = new Hash(HashConfig.of(1000, 4));
        Set<Long> expected = new HashSet<>();
        for (int i = 0; i < 900; i++) {
            hash.add(key(4, i * 7), i);
            expected.add((long) i);
        }
        hash.delete(key(4, 7));
        expected.remove(1L);
        List<Long> seen = new ArrayList<>();
        for (int p = hash.next(0); p >= 0; p = hash.next(p + 1)) {
            seen.add(hash.data(p));
        }
        assertEquals(expected.size(), seen.size());
        assertEquals(expected, new HashSet<>(seen));
        assertEquals(Hash.ABSENT, hash.next(1000));
        assertEquals(Hash.ABSENT, hash.next(Integer.MAX_VALUE));
        assertEquals(Hash.ABSENT, hash.next(-1));
    }

    @Test
    void shouldAgreeWithAMapOverAMillionOperations() {
        SplittableRandom random = Seed.random("HashTest");
        for (int length : new int[] {3, 6, 16, 29, 45, 75}) {
            // Half of the time only every other bucket is a key's first one, so that many keys go elsewhere.
            int hashed = length % 2 == 0 ? -1 : ~1;
            Hash hash = new Hash(HashConfig.of(3000, length).oneWriter(length == 16)
                    .function((k, o, l, init) -> HashFunction.MULTIPLY.hash(k, o, l, init) & hashed, 0));
            Map<ByteBuffer, Long> oracle = new HashMap<>();
            byte[] burst = new byte[32 * length];
            byte[] rows = new byte[64 * 82];
            int[] positions = new int[32];
            long[] data = new long[32];
            int[] hashes = new int[32];
            int[] second = new int[32];
            int full = 0;
            for (int i = 0; i < 200_000; i++) {
                byte[] key = key(length, random.nextInt(5000));
                int kind = random.nextInt(100);
                if (kind < 40) {
                    boolean room = oracle.size() < 3000 || oracle.containsKey(ByteBuffer.wrap(key));
                    int position = hash.add(key, i);
                    assertEquals(room, position >= 0);
                    if (room) {
                        oracle.put(ByteBuffer.wrap(key), (long) i);
                    } else {
                        full++;
                    }
                } else if (kind < 62) {
                    Long was = oracle.remove(ByteBuffer.wrap(key));
                    assertEquals(was != null, hash.delete(key) >= 0);
                } else if (kind < 95) {
                    int position = hash.lookup(key);
                    assertEquals(oracle.get(ByteBuffer.wrap(key)), position < 0 ? null : (Long) hash.data(position));
                } else {
                    for (int j = 0; j < 32; j++) {
                        System.arraycopy(key(length, random.nextInt(5000)), 0, burst, j * length, length);
                    }
                    int stride = length + i % 8;
                    for (int j = 0; j < 32; j++) {
                        System.arraycopy(burst, j * length, rows, 5 + j * stride, length);
                    }
                    int n = 1 + random.nextInt(32);
                    long hits = hash.lookupBulkData(rows, 5 + (32 - n) * stride, stride, positions, data, n) << 32 - n;
                    System.arraycopy(positions, 0, positions, 32 - n, n);
                    System.arraycopy(data, 0, data, 32 - n, n);
                    for (int j = 0; j < 32; j++) {
                        hashes[j] = hash.hash(burst, j * length);
                    }
                    hash.lookupBulk(burst, length, Arrays.copyOfRange(hashes, 1, 32), second, 31);
                    assertArrayEquals(Arrays.copyOfRange(positions, Math.max(1, 32 - n), 32), Arrays.copyOfRange(second, Math.max(0, 31 - n), 31));
                    hash.lookupBulk(burst, 0, second, 32);
                    assertArrayEquals(Arrays.copyOfRange(positions, 32 - n, 32), Arrays.copyOfRange(second, 32 - n, 32));
                    for (int j = 32 - n; j < 32; j++) {
                        Long expected = oracle.get(ByteBuffer.wrap(burst, j * length, length));
                        if ((hits >>> j & 1) == 0) {
                            assertNull(expected);
                            assertEquals(Hash.ABSENT, positions[j]);
                        } else {
                            assertEquals(expected, (Long) data[j]);
                        }
                    }
                }
            }
            assertTrue(full > 100, "never full");
            assertEquals(oracle.size(), hash.size());
            hash.clear();
            for (int i = 0; i < 3000; i++) {
                assertTrue(hash.add(key(length, i), i) >= 0, "positions or buckets are lost");
            }
        }
    }

    /** Hashes are all the same, so that the key there is stands for each that is asked for, and they are compared whole. */
    @Test
    void shouldTellKeysOfABurstThatDifferInOneBit() {
        SplittableRandom random = Seed.random("HashTest one bit");
        for (int length = 1; length <= 70; length++) {
            Hash hash = new Hash(HashConfig.of(64, length).function((k, o, l, i) -> 0x1234_5678, 0));
            byte[] key = new byte[length];
            random.nextBytes(key);
            int there = hash.add(key, 7);
            for (int at = 0; at < length; at++) {
                int stride = length + random.nextInt(3);
                int offset = random.nextInt(3);
                byte[] keys = new byte[offset + 3 * stride + length];
                for (int i = 0; i < 4; i++) {
                    System.arraycopy(key, 0, keys, offset + i * stride, length);
                }
                int other = random.nextInt(4);
                keys[offset + other * stride + at] ^= (byte) (1 << random.nextInt(8));
                int[] positions = new int[4];
                long[] data = {-1, -1, -1, -1};
                assertEquals(0b1111 & ~(1 << other), hash.lookupBulkData(keys, offset, stride, positions, data, 4), length + " bytes, byte " + at);
                for (int i = 0; i < 4; i++) {
                    assertEquals(i == other ? Hash.ABSENT : there, positions[i]);
                    assertEquals(i == other ? -1 : 7, data[i]);
                }
            }
        }
    }

    /** Keys may lie closer together than they are long, up to the array's end. */
    @Test
    void shouldFindKeysOfABurstThatOverlap() {
        for (int length = 4; length <= 70; length++) {
            Hash hash = new Hash(HashConfig.of(64, length));
            byte[] key = new byte[length];
            Arrays.fill(key, (byte) 5);
            hash.add(key, 7);
            for (int stride = 0; stride <= length; stride++) {
                byte[] keys = new byte[31 * stride + length];
                Arrays.fill(keys, (byte) 5);
                for (int n : new int[] {1, 2, 31, 32}) {
                    assertEquals(-1L >>> 64 - n, hash.lookupBulkData(keys, (32 - n) * stride, stride, new int[32], new long[32], n));
                }
            }
        }
    }

    /** So many that a burst touches its buckets and slots first; with hashes that are rarely and often alike, and buckets of many and few keys. */
    @ParameterizedTest
    @CsvSource({"3, -1", "4, -1", "8, 0xfff8ffff", "13, -1", "16, 0x800fffff", "16, 0xffffffee", "31, -1", "40, 0xfff0fffe", "64, -1", "80, -1"})
    void shouldLookUpBurstsOfALargeTableAsSingly(int length, String mask) {
        int hashed = Long.decode(mask).intValue();
        int entries = 1 << 18;
        Hash hash = new Hash(HashConfig.of(entries, length).function((k, o, l, i) -> HashFunction.MULTIPLY.hash(k, o, l, i) & hashed, 0));
        SplittableRandom random = Seed.random("HashTest large table");
        int used = entries / 8 * 7;
        for (int i = 0; i < used; i++) {
            assertTrue(hash.add(key(length, i), ~i) >= 0);
        }
        byte[] keys = new byte[64 * length];
        int[] positions = new int[64];
        int[] hashes = new int[64];
        long[] data = new long[64];
        for (int burst = 0; burst < 1000; burst++) {
            int absent = random.nextInt(3);
            for (int i = 0; i < 64; i++) {
                System.arraycopy(key(length, random.nextInt(used + absent * used / 2)), 0, keys, i * length, length);
                hashes[i] = hash.hash(keys, i * length);
                data[i] = Long.MIN_VALUE + i;
            }
            long hits = hash.lookupBulkData(keys, 0, length, positions, data, 64);
            for (int i = 0; i < 64; i++) {
                int position = hash.lookup(keys, i * length, hashes[i]);
                assertEquals(position, positions[i]);
                assertEquals(position >= 0, (hits >>> i & 1) != 0);
                assertEquals(position < 0 ? Long.MIN_VALUE + i : hash.data(position), data[i]);
            }
            int[] others = new int[64];
            hash.lookupBulk(keys, 0, others, 64);
            assertArrayEquals(positions, others);
            hash.lookupBulk(keys, 0, hashes, others, 64);
            assertArrayEquals(positions, others);
        }
        for (int i = 0; i < used; i++) {
            assertTrue(hash.delete(key(length, i)) >= 0);
        }
        assertEquals(0, hash.size());
    }

    @ParameterizedTest
    @EnumSource
    void shouldFreePositionsWhenReadersAreQuiescent(Reclaim mode) {
        Hash hash = new Hash(HashConfig.of(8, 4));
        Qsbr qsbr = new Qsbr(1);
        List<Long> freed = new ArrayList<>();
        hash.rcu(qsbr, mode, freed::add);
        assertThrows(IllegalStateException.class, () -> hash.rcu(qsbr, mode, p -> {}));
        qsbr.register(0);
        if (mode == Reclaim.DEFER) {
            qsbr.online(0);
        }
        for (int i = 0; i < 8; i++) {
            hash.add(key(4, i), i);
        }
        int position = hash.delete(key(4, 5));
        if (mode == Reclaim.DEFER) {
            assertEquals(Hash.FULL, hash.add(key(4, 8), 8));
            qsbr.quiescent(0);
        }
        assertEquals(position, hash.add(key(4, 8), 8));
        assertEquals(List.of((long) position), freed);
    }

    @ParameterizedTest
    @EnumSource
    void shouldKeepEveryPositionThoughFreeingThrows(Reclaim mode) {
        int entries = 64;
        Hash hash = new Hash(HashConfig.of(entries, 4));
        hash.rcu(new Qsbr(1), mode, position -> {
            throw new IllegalStateException("position " + position);
        });
        int thrown = 0;
        for (int i = 0; i < 10 * entries; i++) {
            while (true) {
                try {
                    assertTrue(hash.add(key(4, i), i) >= 0, "positions are lost after " + i + " keys");
                    break;
                } catch (IllegalStateException e) {
                    // of a position that was freed before
                    thrown++;
                }
            }
            try {
                hash.delete(key(4, i));
            } catch (IllegalStateException e) {
                thrown++;
            }
            assertEquals(Hash.ABSENT, hash.lookup(key(4, i)));
        }
        assertTrue(thrown > 8 * entries, "callbacks that threw: " + thrown);
    }

    @Test
    void shouldWaitForAReaderBeforeItFreesAPosition() throws InterruptedException {
        Hash hash = new Hash(HashConfig.of(8, 4));
        Qsbr qsbr = new Qsbr(1);
        AtomicLong freed = new AtomicLong();
        hash.rcu(qsbr, Reclaim.SYNC, p -> freed.incrementAndGet());
        qsbr.register(0);
        qsbr.online(0);
        hash.add(key(4, 1), 1);
        String before = qsbr.toString();
        Thread writer = Thread.ofPlatform().start(() -> hash.delete(key(4, 1)));
        while (writer.isAlive() && qsbr.toString().equals(before)) {
            Thread.onSpinWait();
        }
        Thread.sleep(20);
        assertEquals(0, freed.get(), "a reader may hold it");
        qsbr.quiescent(0);
        writer.join();
        assertEquals(1, freed.get());
    }

    /** So few buckets that keys move, and rows of them grow and shrink, all the time. */
    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void shouldNeverMissAKeyOfACrowdedTable(boolean extendable) throws InterruptedException {
        int hashed = extendable ? 0x7fff_0003 : -1;
        Hash hash = new Hash(HashConfig.of(96, 8).extendable(extendable)
                .function((k, o, l, i) -> HashFunction.MULTIPLY.hash(k, o, l, i) & hashed, 0));
        for (int i = 0; i < 64; i++) {
            hash.add(key(8, i), i);
        }
        AtomicBoolean done = new AtomicBoolean();
        AtomicLong wrong = new AtomicLong();
        AtomicLong looks = new AtomicLong();
        Thread reader = Thread.ofPlatform().start(() -> {
            byte[][] keys = new byte[64][];
            Arrays.setAll(keys, i -> key(8, i));
            while (!done.get()) {
                for (int i = 0; i < 64; i++) {
                    wrong.addAndGet(hash.lookup(keys[i]) < 0 ? 1 : 0);
                }
                looks.incrementAndGet();
            }
        });
        SplittableRandom random = Seed.random("HashTest crowded");
        for (int i = 0; i < 500_000 || looks.get() < 100; i++) {
            if (random.nextInt(3) > 0) {
                hash.add(key(8, 64 + random.nextInt(64)), 0);
            } else {
                hash.delete(key(8, 64 + random.nextInt(64)));
            }
        }
        done.set(true);
        reader.join();
        assertEquals(0, wrong.get());
    }

    /** DPDK's hash_multiwriter and hash_readwrite_lf: stable keys are always found, changing ones never with wrong data. */
    @Test
    void shouldNeverMissAKeyWhileWritersMoveIt() throws InterruptedException {
        int stable = 7000;
        Hash hash = new Hash(HashConfig.of(8192, 16));
        Qsbr qsbr = new Qsbr(2);
        hash.rcu(qsbr, Reclaim.DEFER, p -> {});
        for (int i = 0; i < stable; i++) {
            hash.add(key(16, i), i);
        }
        AtomicBoolean done = new AtomicBoolean();
        AtomicLong wrong = new AtomicLong();
        AtomicLong looks = new AtomicLong();
        Thread[] threads = new Thread[4];
        for (int t = 0; t < 4; t++) {
            int number = t;
            threads[t] = t < 2 ? new Thread(() -> read(hash, qsbr, number, stable, done, looks, wrong)) : new Thread(() -> {
                int added = 0;
                for (int round = 0; !done.get(); round++) {
                    for (int i = 0; i < 500; i++) {
                        int value = 10_000 * number + i + round % 7 * 600;
                        added += hash.add(key(16, value), value) >= 0 ? 1 : 0;
                    }
                    for (int i = 0; i < 500; i++) {
                        hash.delete(key(16, 10_000 * number + i + round % 7 * 600));
                    }
                }
                assertNotEquals(0, added);
            });
            threads[t].start();
        }
        for (long end = System.nanoTime() + 2_000_000_000L; System.nanoTime() < end || looks.get() < 10_000; ) {
            Thread.sleep(10);
        }
        done.set(true);
        for (Thread thread : threads) {
            thread.join();
        }
        assertEquals(0, wrong.get());
        assertEquals(stable, hash.size());
    }

    private static void read(Hash hash, Qsbr qsbr, int reader, int stable, AtomicBoolean done, AtomicLong looks, AtomicLong wrong) {
        qsbr.register(reader);
        qsbr.online(reader);
        SplittableRandom random = new SplittableRandom(reader);
        byte[] keys = new byte[32 * 16];
        int[] positions = new int[32];
        while (!done.get()) {
            int[] values = random.ints(32, 0, stable).toArray();
            for (int i = 0; i < 32; i++) {
                values[i] = i % 4 == 3 ? 20_000 + values[i] % 5000 : values[i];
                System.arraycopy(key(16, values[i]), 0, keys, i * 16, 16);
            }
            hash.lookupBulk(keys, 0, positions, 32);
            for (int i = 0; i < 32; i++) {
                int single = hash.lookup(keys, i * 16, hash.hash(keys, i * 16));
                if (i % 4 != 3 && (positions[i] < 0 || single != positions[i])
                        || positions[i] >= 0 && hash.data(positions[i]) != values[i]
                        || single >= 0 && hash.data(single) != values[i]) {
                    wrong.incrementAndGet();
                }
            }
            looks.addAndGet(32);
            qsbr.quiescent(reader);
        }
        qsbr.unregister(reader);
    }
}
