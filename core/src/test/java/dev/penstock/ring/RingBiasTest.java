package dev.penstock.ring;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.penstock.ring.Ring.Sync;
import dev.penstock.testkit.Seed;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.FutureTask;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicIntegerArray;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** A side of many threads that one alone uses is its own, until another one comes. */
@Timeout(120)
class RingBiasTest {
    private static final int CAPACITY = 63;

    @BeforeAll
    static void needsMembarrier() {
        Assumptions.assumeTrue(Bias.USED, "no membarrier(2) here: all sides are shared");
    }

    private static HeadTail producer() {
        return new HeadTail(HeadTail.MULTI, CAPACITY, CAPACITY);
    }

    private static HeadTail consumer() {
        return new HeadTail(HeadTail.MULTI, 0, CAPACITY);
    }

    private static <T> T elsewhere(Callable<T> task) throws Exception {
        FutureTask<T> future = new FutureTask<>(task);
        Thread.ofPlatform().start(future);
        return future.get();
    }

    @Test
    void shouldBelongToItsFirstThreadUntilAnotherOneClaims() throws Exception {
        HeadTail side = producer();
        HeadTail other = consumer();
        assertFalse(side.isMine() || side.isShared());
        assertEquals(3L << 32, side.claim(other, 3, true));
        side.publish(0, 3);
        assertTrue(side.isMine());
        assertEquals(5L << 32 | 3, elsewhere(() -> {
            assertFalse(side.isMine() || side.isShared());
            long claim = side.claim(other, 5, true);
            side.publish((int) claim, 5);
            return claim;
        }));
        assertTrue(side.isShared() && !side.isMine());
        assertEquals(8, side.tailAcquire());
        assertEquals(8, side.headPosition());
        assertEquals(1L << 32 | 8, side.claim(other, 1, true));
    }

    @Test
    void shouldStayTheOwnersWhenAnotherThreadFindsNothing() throws Exception {
        Ring<Integer> ring = ring(1, 2, 3);
        assertEquals(1, ring.dequeue());
        Integer[] to = new Integer[8];
        assertEquals(2, ring.dequeueBurst(to, 0, 8));
        assertEquals(0, elsewhere(() -> ring.dequeueBurst(to, 0, 8)));
        assertNull(elsewhere(ring::dequeue));
        ring.enqueue(4);
        assertEquals(4, ring.dequeue());
        assertTrue(ring.empty());
    }

    @Test
    void shouldGoToTheNextThreadAfterAHandOverOrAReset() throws Exception {
        HeadTail side = producer();
        HeadTail other = consumer();
        side.claim(other, 3, true);
        side.publish(0, 3);
        side.forget();
        assertEquals(4L << 32 | 3, elsewhere(() -> {
            long claim = side.claim(other, 4, true);
            side.publish((int) claim, 4);
            assertTrue(side.isMine());
            return claim;
        }));
        side.claim(other, 1, true);
        side.publish(7, 1);
        assertTrue(side.isShared());
        side.reset(0);
        assertFalse(side.isShared());
        side.claim(other, 1, true);
        assertTrue(side.isMine());
    }

    @Test
    void shouldWaitForAnOwnerThatIsInside() throws Exception {
        HeadTail side = producer();
        HeadTail other = consumer();
        side.claim(other, 1, true);
        side.publish(0, 1);
        assertTrue(side.isMine() && side.enter(1, 2));
        AtomicBoolean done = new AtomicBoolean();
        FutureTask<Boolean> taker = new FutureTask<>(() -> {
            side.claim(other, 1, true);
            return done.get();
        });
        Thread.ofPlatform().start(taker);
        while (side.isMine()) {
            Thread.onSpinWait();
        }
        assertFalse(side.isShared() || taker.isDone());
        done.set(true);
        side.publishTo(3);
        assertTrue(taker.get(), "the side was taken while its owner was inside");
        assertEquals(4, side.headPosition());
    }

    @Test
    void shouldSendAnOwnerBackThatWakesUpTooLate() throws Exception {
        HeadTail side = producer();
        HeadTail other = consumer();
        side.claim(other, 1, true);
        side.publish(0, 1);
        assertTrue(side.isMine());
        long position = side.position();
        elsewhere(() -> {
            side.claim(other, 2, true);
            side.publish(1, 2);
            return null;
        });
        assertFalse(side.enter(position, 1));
        assertEquals(3, side.tailAcquire());
        assertEquals(3, side.headPosition());
        assertEquals(1L << 32 | 3, side.claim(other, 1, true));
    }

    @Test
    void shouldOutliveItsOwner() throws Exception {
        Ring<Integer> ring = ring();
        assertTrue(elsewhere(() -> ring.enqueue(1)));
        assertTrue(elsewhere(() -> ring.enqueue(2)));
        assertTrue(ring.enqueue(3));
        Integer[] to = new Integer[3];
        assertEquals(3, ring.dequeueBulk(to, 0, 3));
        assertArrayEquals(new Integer[] {1, 2, 3}, to);
    }

    @Test
    void shouldBeAsBeforeAfterACallThatThrowsOrAsksForNone() throws Exception {
        Ring<Integer> ring = ring(1, 2, 3);
        Integer[] to = new Integer[4];
        assertEquals(1, ring.dequeueBulk(to, 0, 1));
        assertThrows(IndexOutOfBoundsException.class, () -> ring.enqueueBulk(to, 3, 2));
        assertThrows(IndexOutOfBoundsException.class, () -> ring.enqueueBulk(to, 0, -1));
        assertThrows(IndexOutOfBoundsException.class, () -> ring.dequeueBulk(to, -1, 1));
        @SuppressWarnings({"unchecked", "rawtypes"})
        Ring<Object> raw = (Ring) ring;
        assertThrows(ArrayStoreException.class, () -> raw.enqueueBulk(new Object[] {"x"}, 0, 1));
        assertThrows(ArrayStoreException.class, () -> raw.dequeueBulk(new String[1], 0, 1));
        assertEquals(0, ring.enqueueBulk(to, 0, 0));
        assertEquals(0, ring.dequeueBurst(to, 4, 0));
        assertEquals(2, ring.count());
        assertEquals(2, elsewhere(() -> ring.dequeueBurst(to, 0, 4)));
        assertEquals(2, to[0]);
    }

    private static Ring<Integer> ring(Integer... values) {
        Ring<Integer> ring = new Ring<>("bias", Integer.class, 64, Sync.MULTI, Sync.MULTI);
        ring.enqueueBulk(values, 0, values.length);
        return ring;
    }

    /** Threads join one after the other, at a random moment each, while the first of either side runs at full speed. */
    @Test
    void shouldLoseAndDoubleNothingWhenThreadsJoinOneAfterTheOther() throws Exception {
        SplittableRandom random = Seed.random("RingBiasTest");
        ExecutorService threads = Executors.newCachedThreadPool();
        try {
            for (int round = 0; round < 400; round++) {
                new Crowd(random.split(), 1 + random.nextInt(4), 1 + random.nextInt(4)).run(threads);
            }
        } finally {
            threads.shutdownNow();
        }
    }

    private static final class Crowd {
        private static final int EACH = 1500;
        private static final int MOST = 12;

        private final int producers;
        private final Ring<Integer> ring = new Ring<>("crowd", Integer.class, 64, Sync.MULTI, Sync.MULTI);
        private final AtomicIntegerArray times;
        private final AtomicInteger left;
        private final List<Callable<String>> all = new ArrayList<>();

        Crowd(SplittableRandom random, int producers, int consumers) {
            this.producers = producers;
            this.times = new AtomicIntegerArray(producers * EACH);
            this.left = new AtomicInteger(producers * EACH);
            for (int i = 0; i < producers + consumers; i++) {
                int number = i;
                int late = i == 0 || i == producers ? 0 : random.nextInt(40_000);
                SplittableRandom mine = random.split();
                all.add(() -> {
                    for (int spin = 0; spin < late; spin++) {
                        Thread.onSpinWait();
                    }
                    return number < producers ? produce(number * EACH, mine) : consume(mine);
                });
            }
        }

        void run(ExecutorService threads) throws Exception {
            for (Future<String> thread : threads.invokeAll(all)) {
                assertEquals("", thread.get());
            }
            for (int i = 0; i < producers * EACH; i++) {
                assertEquals(1, times.get(i), "element " + i);
            }
            assertTrue(ring.empty());
        }

        private String produce(int first, SplittableRandom random) {
            Integer[] array = new Integer[MOST];
            for (int next = 0; next < EACH;) {
                int n = Math.min(random.nextInt(1, MOST + 1), EACH - next);
                for (int i = 0; i < n; i++) {
                    array[i] = first + next + i;
                }
                int done = switch (random.nextInt(3)) {
                    case 0 -> ring.enqueueBulk(array, 0, n);
                    case 1 -> ring.enqueueBurst(array, 0, n);
                    default -> ring.enqueue(array[0]) ? 1 : 0;
                };
                next += done;
                if (done == 0) {
                    Thread.yield();
                }
            }
            return "";
        }

        private String consume(SplittableRandom random) {
            Integer[] array = new Integer[MOST];
            int[] last = new int[producers];
            Arrays.fill(last, -1);
            String wrong = "";
            while (left.get() > 0) {
                int n = random.nextInt(1, MOST + 1);
                int done = switch (random.nextInt(3)) {
                    case 0 -> ring.dequeueBulk(array, 0, n);
                    case 1 -> ring.dequeueBurst(array, 0, n);
                    default -> (array[0] = ring.dequeue()) == null ? 0 : 1;
                };
                for (int i = 0; i < done; i++) {
                    int element = array[i];
                    times.incrementAndGet(element);
                    if (element <= last[element / EACH]) {
                        wrong = "element " + element + " after " + last[element / EACH];
                    }
                    last[element / EACH] = element;
                }
                left.addAndGet(-done);
                if (done == 0) {
                    Thread.yield();
                }
            }
            return wrong;
        }
    }
}
