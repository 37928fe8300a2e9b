package dev.penstock.ring;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.penstock.ring.Ring.Sync;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class RingPeekTest {
    private static Integer[] numbers(int from, int n) {
        Integer[] all = new Integer[n];
        for (int i = 0; i < n; i++) {
            all[i] = from + i;
        }
        return all;
    }

    private static Ring<Integer> ring(Sync sync) {
        return new Ring<>("peek", Integer.class, 16, sync, sync);
    }

    @ParameterizedTest
    @EnumSource(value = Sync.class, names = {"SINGLE", "HTS"})
    void shouldKeepWhatWasPeekedAtAndNotRemoved(Sync sync) {
        Ring<Integer> ring = ring(sync);
        ring.enqueueBulk(numbers(0, 6), 0, 6);
        Integer[] out = new Integer[16];
        assertEquals(4, ring.dequeueBulkStart(out, 0, 4));
        assertEquals(3, out[3]);
        ring.dequeueFinish(0);
        assertEquals(6, ring.count());
        assertEquals(6, ring.dequeueBurstStart(out, 0, 16));
        ring.dequeueFinish(2);
        assertEquals(4, ring.count());
        assertEquals(2, ring.dequeue());
        assertEquals(0, ring.dequeueBulkStart(out, 0, 4));
        ring.dequeueFinish(0);
        assertEquals(3, ring.dequeueBurst(out, 0, 16));
        assertEquals(5, out[2]);
    }

    @ParameterizedTest
    @EnumSource(value = Sync.class, names = {"SINGLE", "HTS"})
    void shouldShowNothingBeforeAnEnqueueIsFinished(Sync sync) {
        Ring<Integer> ring = ring(sync);
        assertEquals(0, ring.enqueueBulkStart(16));
        assertEquals(10, ring.enqueueBulkStart(10));
        assertTrue(ring.empty());
        ring.enqueueFinish(numbers(7, 4), 1, 3);
        assertEquals(3, ring.count());
        assertEquals(12, ring.enqueueBurstStart(20));
        ring.enqueueFinish(numbers(0, 1), 0, 0);
        assertEquals(3, ring.count());
        assertEquals(8, ring.dequeue());
    }

    @ParameterizedTest
    @EnumSource(value = Sync.class, names = {"SINGLE", "HTS"})
    void shouldRefuseToFinishMoreThanWasStarted(Sync sync) {
        Ring<Integer> ring = ring(sync);
        Integer[] some = numbers(0, 8);
        assertThrows(IllegalArgumentException.class, () -> ring.enqueueFinish(some, 0, 1));
        assertEquals(2, ring.enqueueBulkStart(2));
        assertThrows(IllegalArgumentException.class, () -> ring.enqueueFinish(some, 0, 3));
        assertThrows(IndexOutOfBoundsException.class, () -> ring.enqueueFinish(some, 7, 2));
        ring.enqueueFinish(some, 0, 2);
        assertThrows(IllegalArgumentException.class, () -> ring.enqueueFinish(some, 0, 1));
        assertEquals(4, ring.enqueueBulk(some, 2, 4));
        assertThrows(IllegalArgumentException.class, () -> ring.dequeueFinish(1));
        assertEquals(6, ring.dequeueBurst(some, 0, 8));
        assertThrows(IllegalArgumentException.class, () -> ring.dequeueFinish(1));
        assertThrows(IllegalArgumentException.class, () -> ring.enqueueBulkStart(-1));
    }

    @ParameterizedTest
    @EnumSource(value = Sync.class, names = {"MULTI", "RTS"})
    void shouldRefuseToPeekWhereSeveralThreadsAreUnderWay(Sync sync) {
        Ring<Integer> ring = ring(sync);
        String text = assertThrows(UnsupportedOperationException.class, () -> ring.enqueueBulkStart(1)).getMessage();
        assertTrue(text.contains("producer") && text.contains(sync.name()) && text.contains("HTS"), text);
        assertThrows(UnsupportedOperationException.class, () -> ring.dequeueBurstStart(new Integer[1], 0, 1));
        assertThrows(UnsupportedOperationException.class, () -> ring.dequeueZcBulkStart(new ZeroCopy<>(), 1));
    }

    @ParameterizedTest
    @EnumSource(value = Sync.class, names = {"SINGLE", "HTS"})
    void shouldShowClaimedSlotsInOneOrTwoParts(Sync sync) {
        Ring<Integer> ring = ring(sync);
        ZeroCopy<Integer> zc = new ZeroCopy<>();
        int next = 0;
        int expected = 0;
        boolean split = false;
        for (int round = 0; round < 100; round++) {
            int n = ring.enqueueZcBulkStart(zc, 7);
            assertEquals(7, n);
            assertEquals(7, zc.n1() + zc.n2());
            split |= zc.n2() > 0;
            for (int i = 0; i < zc.n1(); i++) {
                zc.array()[zc.index1() + i] = next++;
            }
            for (int i = 0; i < zc.n2(); i++) {
                zc.array()[zc.index2() + i] = next++;
            }
            ring.enqueueZcFinish(6);
            next--;
            assertEquals(0, ring.dequeueZcBulkStart(zc, 7));
            assertEquals(6, ring.dequeueZcBurstStart(zc, 7));
            for (int i = 0; i < 6; i++) {
                assertEquals(expected + i, zc.get(i));
            }
            ring.dequeueFinish(4);
            expected += 4;
            assertEquals(2, ring.dequeueZcBulkStart(zc, 2));
            assertEquals(expected++, zc.get(0));
            assertEquals(expected++, zc.get(1));
            assertThrows(IndexOutOfBoundsException.class, () -> zc.get(2));
            ring.dequeueFinish(2);
        }
        assertTrue(split);
        ring.enqueueZcBurstStart(zc, 1);
        zc.set(0, 77);
        ring.enqueueZcFinish(1);
        assertEquals(77, ring.dequeue());
    }

    @Test
    void shouldHoldOtherConsumersBackUntilFinished() throws InterruptedException {
        Ring<Integer> ring = ring(Sync.HTS);
        ring.enqueueBulk(numbers(0, 4), 0, 4);
        Integer[] mine = new Integer[2];
        assertEquals(2, ring.dequeueBulkStart(mine, 0, 2));
        Integer[] theirs = new Integer[2];
        CountDownLatch about = new CountDownLatch(1);
        Thread other = new Thread(() -> {
            about.countDown();
            ring.dequeueBulk(theirs, 0, 2);
        });
        other.start();
        about.await();
        other.join(50);
        assertTrue(other.isAlive(), "must wait for the one that peeks");
        ring.dequeueFinish(1);
        other.join();
        assertEquals(1, theirs[0]);
        assertEquals(2, theirs[1]);
    }
}
