package dev.penstock.ring;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.penstock.ring.Ring.Sync;
import dev.penstock.testkit.Allocation;
import dev.penstock.testkit.Seed;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** What DPDK's test_ring.c asserts, for every mix of sync modes. */
class RingTest {
    record Mix(Sync producer, Sync consumer) {}

    static List<Mix> mixes() {
        List<Mix> all = new ArrayList<>();
        for (Sync producer : Sync.values()) {
            for (Sync consumer : Sync.values()) {
                all.add(new Mix(producer, consumer));
            }
        }
        return all;
    }

    private static Ring<Integer> ring(int size, Mix mix) {
        return new Ring<>("test", Integer.class, size, mix.producer, mix.consumer);
    }

    private static Integer[] numbers(int from, int n) {
        Integer[] all = new Integer[n];
        for (int i = 0; i < n; i++) {
            all[i] = from + i;
        }
        return all;
    }

    @Test
    void shouldRefuseSizesThatAreNoPowerOfTwoOrTooLarge() {
        for (int size : new int[] {Integer.MIN_VALUE, -1, 0, 1, 3, 4095, 4097, Integer.MAX_VALUE}) {
            String text = assertThrows(IllegalArgumentException.class,
                    () -> new Ring<>("odd", Object.class, size, Sync.MULTI, Sync.MULTI)).getMessage();
            assertTrue(text.contains("odd") && text.contains("" + size) && text.contains("power of two"), text);
        }
        for (int count : new int[] {-1, 0, 1 << 30, Integer.MAX_VALUE}) {
            assertThrows(IllegalArgumentException.class,
                    () -> Ring.exactSize("odd", Object.class, count, Sync.MULTI, Sync.MULTI));
        }
        assertThrows(IllegalArgumentException.class, () -> new Ring<>("p", int.class, 8, Sync.MULTI, Sync.MULTI));
        assertThrows(NullPointerException.class, () -> new Ring<>(null, Object.class, 8, Sync.MULTI, Sync.MULTI));
    }

    @Test
    void shouldHoldSixteenWhenExactAndFifteenWhenNot() {
        Ring<Integer> plain = new Ring<>("plain", Integer.class, 16, Sync.SINGLE, Sync.SINGLE);
        Ring<Integer> exact = Ring.exactSize("exact", Integer.class, 16, Sync.SINGLE, Sync.SINGLE);
        assertEquals(15, plain.capacity());
        assertEquals(16, plain.size());
        assertEquals(16, exact.capacity());
        assertEquals(32, exact.size());
        assertEquals(0, plain.enqueueBulk(numbers(0, 16), 0, 16));
        assertEquals(16, exact.enqueueBulk(numbers(0, 16), 0, 16));
        assertFalse(exact.enqueue(99));
        assertEquals(16, exact.count());
        Integer[] out = new Integer[20];
        assertEquals(16, exact.dequeueBurst(out, 0, 20));
        assertEquals(15, out[15]);
        assertEquals(1, Ring.exactSize("one", Integer.class, 1, Sync.HTS, Sync.RTS).capacity());
    }

    @ParameterizedTest
    @MethodSource("mixes")
    void shouldFillAndEmptyAtEveryOffset(Mix mix) {
        int size = 64;
        Ring<Integer> ring = ring(size, mix);
        SplittableRandom random = Seed.random("RingTest " + mix);
        Integer[] in = numbers(1000, size);
        Integer[] out = new Integer[size + 4];
        for (int round = 0; round < 200; round++) {
            int shift = random.nextInt(1, size);
            assertEquals(shift, ring.enqueueBulk(in, 0, shift));
            assertEquals(shift, ring.dequeueBulk(out, 0, shift));
            assertTrue(ring.empty());
            assertFalse(ring.full());
            assertEquals(size - 1, ring.enqueueBulk(in, 0, size - 1));
            assertTrue(ring.full());
            assertFalse(ring.empty());
            assertEquals(0, ring.freeCount());
            assertEquals(0, ring.enqueueBurst(in, 0, 4));
            assertEquals(0, ring.enqueueBulk(in, 0, 1));
            assertFalse(ring.enqueue(7));
            assertEquals(0, ring.dequeueBulk(out, 0, size));
            assertEquals(size - 1, ring.dequeueBurst(out, 2, size));
            for (int i = 0; i < size - 1; i++) {
                assertEquals(in[i], out[2 + i]);
            }
            assertTrue(ring.empty());
            assertEquals(0, ring.dequeueBurst(out, 0, 1));
            assertNull(ring.dequeue());
        }
    }

    /** Where a call finds too little, the next one may wait or stop short of what it saw, but what is there it must find. */
    @ParameterizedTest
    @MethodSource("mixes")
    void shouldFindAllThatIsThereHoweverItLooks(Mix mix) {
        int capacity = 2047;
        Ring<Integer> ring = ring(capacity + 1, mix);
        SplittableRandom random = Seed.random("RingTest looks " + mix);
        Integer[] in = numbers(0, 1 << 14);
        Integer[] out = new Integer[in.length];
        int put = 0;
        int taken = 0;
        for (int round = 0; round < 4000; round++) {
            int most = random.nextInt(8) == 0 ? 1500 : 64;
            int n = Math.min(random.nextInt(1, most), in.length - put);
            boolean bulk = random.nextBoolean();
            int count = put - taken;
            if (random.nextInt(100) < (round / 50 % 2 == 0 ? 60 : 40)) {
                int fits = Math.min(n, capacity - count);
                int expected = bulk && fits < n ? 0 : fits;
                assertEquals(expected, bulk ? ring.enqueueBulk(in, put, n) : ring.enqueueBurst(in, put, n));
                put += expected;
            } else {
                n = Math.min(Math.max(n, 1), out.length - taken);
                int there = Math.min(n, count);
                int expected = bulk && there < n ? 0 : there;
                assertEquals(expected, bulk ? ring.dequeueBulk(out, taken, n) : ring.dequeueBurst(out, taken, n));
                taken += expected;
            }
            if (random.nextInt(400) == 0) {
                ring.handOver();
            }
            if (put == in.length) {
                taken += ring.dequeueBurst(out, taken, out.length - taken);
                assertArrayEquals(in, out);
                put = 0;
                taken = 0;
            }
        }
    }

    @ParameterizedTest
    @MethodSource("mixes")
    void shouldTakeAllOrNoneInBulkAndWhatFitsInBurst(Mix mix) {
        Ring<Integer> ring = ring(16, mix);
        Integer[] in = numbers(0, 16);
        Integer[] out = new Integer[16];
        assertEquals(12, ring.enqueueBulk(in, 0, 12));
        assertEquals(0, ring.enqueueBulk(in, 0, 4));
        assertEquals(12, ring.count());
        assertEquals(3, ring.enqueueBurst(in, 12, 4));
        assertEquals(0, ring.dequeueBulk(out, 0, 16));
        assertEquals(8, ring.dequeueBulk(out, 0, 8));
        assertEquals(7, ring.dequeueBurst(out, 8, 8));
        for (int i = 0; i < 15; i++) {
            assertEquals(i, out[i]);
        }
        assertEquals(0, ring.enqueueBulk(in, 3, 0));
        assertEquals(0, ring.dequeueBurst(out, 3, 0));
    }

    @ParameterizedTest
    @MethodSource("mixes")
    void shouldStayUsableAfterARefusedCall(Mix mix) {
        Ring<Integer> ring = ring(8, mix);
        Integer[] array = numbers(0, 4);
        assertThrows(IndexOutOfBoundsException.class, () -> ring.enqueueBulk(array, 2, 3));
        assertThrows(IndexOutOfBoundsException.class, () -> ring.enqueueBulk(array, -1, 3));
        assertThrows(IndexOutOfBoundsException.class, () -> ring.enqueueBurst(array, 0, -1));
        assertEquals(0, ring.count());
        assertEquals(4, ring.enqueueBulk(array, 0, 4));
        assertThrows(IndexOutOfBoundsException.class, () -> ring.dequeueBulk(array, 2, 3));
        assertThrows(IndexOutOfBoundsException.class, () -> ring.dequeueBulk(array, 0, -1));
        assertThrows(NullPointerException.class, () -> ring.dequeueBulk(null, 0, 1));
        assertEquals(4, ring.count());
        assertEquals(4, ring.dequeueBulk(array, 0, 4));
        assertEquals(3, array[3]);
    }

    @ParameterizedTest
    @MethodSource("mixes")
    void shouldStayUsableAfterAnArrayOfTheWrongType(Mix mix) {
        Ring<Number> ring = new Ring<>("numbers", Number.class, 8, mix.producer, mix.consumer);
        Object[] wrong = {1, "two"};
        @SuppressWarnings({"unchecked", "rawtypes"})
        Ring<Object> raw = (Ring) ring;
        assertThrows(ArrayStoreException.class, () -> raw.enqueueBulk(wrong, 0, 2));
        assertEquals(0, ring.count());
        assertEquals(1, raw.enqueueBulk(wrong, 0, 1));
        assertEquals(2, ring.enqueueBulk(new Integer[] {2, 3}, 0, 2));
        assertThrows(ArrayStoreException.class, () -> raw.dequeueBulk(new String[3], 0, 3));
        assertEquals(3, ring.count());
        Object[] out = new Object[3];
        assertEquals(3, raw.dequeueBulk(out, 0, 3));
        assertEquals(3, out[2]);
    }

    @Test
    void shouldSayWhenTheWatermarkIsPassed() {
        Ring<Integer> ring = new Ring<>("mark", Integer.class, 16, Sync.SINGLE, Sync.SINGLE);
        assertFalse(ring.aboveWatermark());
        ring.watermark(10);
        assertEquals(10, ring.watermark());
        ring.enqueueBulk(numbers(0, 10), 0, 10);
        assertFalse(ring.aboveWatermark());
        ring.enqueue(11);
        assertTrue(ring.aboveWatermark());
        ring.dequeue();
        assertFalse(ring.aboveWatermark());
        assertThrows(IllegalArgumentException.class, () -> ring.watermark(16));
        assertThrows(IllegalArgumentException.class, () -> ring.watermark(-1));
        ring.watermark(0);
        assertFalse(ring.aboveWatermark());
    }

    @ParameterizedTest
    @MethodSource("mixes")
    void shouldForgetAllWhenReset(Mix mix) {
        Ring<Integer> ring = ring(8, mix);
        ring.enqueueBulk(numbers(0, 5), 0, 5);
        ring.dequeue();
        ring.reset();
        assertTrue(ring.empty());
        assertEquals(7, ring.freeCount());
        assertNull(ring.dequeue());
        assertEquals(7, ring.enqueueBulk(numbers(20, 7), 0, 7));
        assertEquals(20, ring.dequeue());
    }

    @Test
    void shouldDumpInTheLayoutOfDpdk() {
        Ring<Integer> ring = new Ring<>("r0", Integer.class, 8, Sync.SINGLE, Sync.HTS);
        ring.enqueueBulk(numbers(0, 5), 0, 5);
        ring.dequeue();
        assertEquals("""
                ring <r0>@0xX
                  flags=41
                  size=8
                  capacity=7
                  ct=1
                  ch=1
                  pt=5
                  ph=5
                  used=4
                  avail=3
                """, ring.dump().replaceFirst("@0x[0-9a-f]+", "@0xX"));
    }

    @Test
    void shouldNameItsKindInDpdksFlags() {
        assertEquals(0x00, ring(8, new Mix(Sync.MULTI, Sync.MULTI)).flags());
        assertEquals(0x03, ring(8, new Mix(Sync.SINGLE, Sync.SINGLE)).flags());
        assertEquals(0x18, ring(8, new Mix(Sync.RTS, Sync.RTS)).flags());
        assertEquals(0x60, ring(8, new Mix(Sync.HTS, Sync.HTS)).flags());
        Ring<Integer> exact = Ring.exactSize("e", Integer.class, 9, Sync.RTS, Sync.SINGLE);
        assertEquals(0x04 | 0x08 | 0x02, exact.flags());
        assertEquals(Sync.RTS, exact.producerSync());
        assertEquals(Sync.SINGLE, exact.consumerSync());
        assertEquals("e", exact.name());
    }

    @Test
    void shouldRefuseAHeadTailDistanceWhereThereIsNone() {
        Ring<Integer> ring = ring(64, new Mix(Sync.RTS, Sync.MULTI));
        ring.producerHtdMax(63);
        ring.producerHtdMax(0);
        assertEquals(3, ring.enqueueBulk(numbers(0, 3), 0, 3));
        assertThrows(IllegalArgumentException.class, () -> ring.producerHtdMax(64));
        assertThrows(IllegalArgumentException.class, () -> ring.consumerHtdMax(1));
    }

    @ParameterizedTest
    @MethodSource("mixes")
    void shouldAllocateNothing(Mix mix) {
        Ring<Integer> ring = ring(64, mix);
        Integer[] array = numbers(0, 32);
        Runnable task = () -> {
            for (int i = 0; i < 10_000; i++) {
                ring.enqueueBulk(array, 0, 32);
                ring.dequeueBurst(array, 0, 32);
                ring.enqueue(array[0]);
                ring.dequeue();
            }
        };
        assertEquals(0, Allocation.steadyBytesOf(task));
    }
}
