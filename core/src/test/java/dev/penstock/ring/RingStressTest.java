package dev.penstock.ring;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.penstock.ring.Ring.Sync;
import dev.penstock.testkit.Seed;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Many more threads than cores on a small ring, so that threads are preempted at every point: each element comes
 * out once, complete, and in the order of its producer.
 */
class RingStressTest {
    private static final int ELEMENTS = 60_000;
    private static final int THREADS = 5;
    private static final int MAX_N = 24;

    /** Plain fields: what the producer wrote must be there without any help. */
    private static final class Element {
        int producer;
        int sequence;
        int check;
    }

    private final AtomicReference<String> error = new AtomicReference<>();
    private final AtomicInteger left = new AtomicInteger();
    private Ring<Element> ring;

    @ParameterizedTest
    @Timeout(120)
    @MethodSource("dev.penstock.ring.RingTest#mixes")
    void shouldHandEachElementOverOnceWhenThreadsArePreempted(RingTest.Mix mix) throws InterruptedException {
        SplittableRandom random = Seed.random("RingStressTest " + mix);
        ring = new Ring<>("stress", Element.class, 64, mix.producer(), mix.consumer());
        int producers = mix.producer() == Sync.SINGLE ? 1 : THREADS;
        int consumers = mix.consumer() == Sync.SINGLE ? 1 : THREADS;
        int each = ELEMENTS / producers;
        left.set(each * producers);
        int[][] seen = new int[producers][each];
        List<Thread> threads = new ArrayList<>();
        for (int i = 0; i < producers; i++) {
            int producer = i;
            SplittableRandom mine = random.split();
            threads.add(new Thread(() -> produce(producer, each, mine, mix.producer())));
        }
        for (int i = 0; i < consumers; i++) {
            SplittableRandom mine = random.split();
            threads.add(new Thread(() -> consume(seen, mine, mix.consumer())));
        }
        for (Thread thread : threads) {
            thread.setUncaughtExceptionHandler((t, e) -> error.set(e.toString()));
            thread.start();
        }
        for (Thread thread : threads) {
            thread.join();
        }
        assertNull(error.get());
        for (int[] of : seen) {
            for (int times : of) {
                assertEquals(1, times);
            }
        }
        assertTrue(ring.empty());
    }

    private void produce(int producer, int count, SplittableRandom random, Sync sync) {
        Element[] array = new Element[MAX_N];
        int next = 0;
        while (next < count && error.get() == null) {
            int n = Math.min(random.nextInt(1, MAX_N + 1), count - next);
            for (int i = 0; i < n; i++) {
                Element element = new Element();
                element.producer = producer;
                element.sequence = next + i;
                element.check = ~(next + i);
                array[i] = element;
            }
            int done = switch (random.nextInt(canPeek(sync) ? 4 : 3)) {
                case 0 -> ring.enqueueBulk(array, 0, n);
                case 1 -> ring.enqueueBurst(array, 0, n);
                case 2 -> ring.enqueue(array[0]) ? 1 : 0;
                default -> startAndFinish(array, n, random);
            };
            next += done;
            if (done == 0) {
                Thread.yield();
            }
        }
    }

    private static boolean canPeek(Sync sync) {
        return sync == Sync.SINGLE || sync == Sync.HTS;
    }

    private int startAndFinish(Element[] array, int n, SplittableRandom random) {
        int started = ring.enqueueBurstStart(n);
        if (started == 0) {
            return 0;
        }
        int done = random.nextInt(started + 1);
        ring.enqueueFinish(array, 0, done);
        return done;
    }

    private void consume(int[][] seen, SplittableRandom random, Sync sync) {
        Element[] array = new Element[MAX_N];
        int[] last = new int[seen.length];
        while (left.get() > 0 && error.get() == null) {
            int n = random.nextInt(1, MAX_N + 1);
            int done = switch (random.nextInt(canPeek(sync) ? 3 : 2)) {
                case 0 -> ring.dequeueBulk(array, 0, n);
                case 1 -> ring.dequeueBurst(array, 0, n);
                default -> peekAndTake(array, n, random);
            };
            for (int i = 0; i < done; i++) {
                check(array[i], seen, last);
            }
            left.addAndGet(-done);
            if (done == 0) {
                Thread.yield();
            }
        }
    }

    private int peekAndTake(Element[] array, int n, SplittableRandom random) {
        int started = ring.dequeueBurstStart(array, 0, n);
        if (started == 0) {
            return 0;
        }
        int done = random.nextInt(started + 1);
        ring.dequeueFinish(done);
        return done;
    }

    private void check(Element element, int[][] seen, int[] last) {
        if (element.check != ~element.sequence) {
            error.set("incomplete element " + element.sequence);
        } else if (element.sequence + 1 <= last[element.producer]) {
            error.set("element " + element.sequence + " after " + last[element.producer]);
        }
        last[element.producer] = element.sequence + 1;
        seen[element.producer][element.sequence]++;
    }
}
