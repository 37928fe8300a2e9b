package dev.penstock.ring;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.penstock.ring.Ring.Sync;
import dev.penstock.testkit.Seed;
import java.util.ArrayDeque;
import java.util.Iterator;
import java.util.SplittableRandom;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Random operations on a ring and on a naive queue, which must agree after each: 1.6 million in all. */
class RingOracleTest {
    private static final int OPERATIONS = 100_000;
    private static final int MAX_N = 40;

    private final ArrayDeque<Integer> oracle = new ArrayDeque<>();
    private final ZeroCopy<Integer> zc = new ZeroCopy<>();
    private final Integer[] array = new Integer[MAX_N + 8];
    private Ring<Integer> ring;
    private SplittableRandom random;
    private int next;

    @ParameterizedTest
    @MethodSource("dev.penstock.ring.RingTest#mixes")
    void shouldBehaveAsANaiveQueueDoes(RingTest.Mix mix) {
        random = Seed.random("RingOracleTest " + mix);
        if (random.nextBoolean()) {
            ring = Ring.exactSize("o", Integer.class, random.nextInt(1, 100), mix.producer(), mix.consumer());
        } else {
            ring = new Ring<>("o", Integer.class, 2 << random.nextInt(7), mix.producer(), mix.consumer());
        }
        boolean peekIn = canPeek(mix.producer());
        boolean peekOut = canPeek(mix.consumer());
        for (int i = 0; i < OPERATIONS; i++) {
            int n = random.nextInt(random.nextInt(8) == 0 ? MAX_N + 1 : 9);
            int offset = random.nextInt(8);
            boolean bulk = random.nextBoolean();
            if (random.nextBoolean()) {
                switch (random.nextInt(peekIn ? 4 : 2)) {
                    case 0 -> enqueueOne();
                    case 1 -> enqueue(offset, n, bulk);
                    case 2 -> enqueueInTwoSteps(offset, n, bulk);
                    default -> enqueueInPlace(n, bulk);
                }
            } else {
                switch (random.nextInt(peekOut ? 4 : 2)) {
                    case 0 -> assertEquals(oracle.poll(), ring.dequeue());
                    case 1 -> dequeue(offset, n, bulk);
                    case 2 -> dequeueInTwoSteps(offset, n, bulk);
                    default -> dequeueInPlace(n, bulk);
                }
            }
            assertEquals(oracle.size(), ring.count());
            assertEquals(ring.capacity() - oracle.size(), ring.freeCount());
            assertEquals(oracle.isEmpty(), ring.empty());
            assertEquals(oracle.size() == ring.capacity(), ring.full());
            if (random.nextInt(20_000) == 0) {
                ring.reset();
                oracle.clear();
            }
        }
    }

    private static boolean canPeek(Sync sync) {
        return sync == Sync.SINGLE || sync == Sync.HTS;
    }

    private static int expected(int n, int most, boolean bulk) {
        return n <= most ? n : bulk ? 0 : most;
    }

    private int room() {
        return ring.capacity() - oracle.size();
    }

    private void enqueueOne() {
        boolean fits = room() > 0;
        assertEquals(fits, ring.enqueue(next));
        if (fits) {
            oracle.add(next++);
        }
    }

    private void fill(int offset, int n) {
        for (int i = 0; i < n; i++) {
            array[offset + i] = next + i;
        }
    }

    private void added(int n) {
        for (int i = 0; i < n; i++) {
            oracle.add(next++);
        }
    }

    private void removed(int offset, int n) {
        for (int i = 0; i < n; i++) {
            assertEquals(oracle.poll(), array[offset + i]);
        }
    }

    private void enqueue(int offset, int n, boolean bulk) {
        fill(offset, n);
        int done = bulk ? ring.enqueueBulk(array, offset, n) : ring.enqueueBurst(array, offset, n);
        assertEquals(expected(n, room(), bulk), done);
        added(done);
    }

    private void enqueueInTwoSteps(int offset, int n, boolean bulk) {
        int started = bulk ? ring.enqueueBulkStart(n) : ring.enqueueBurstStart(n);
        assertEquals(expected(n, room(), bulk), started);
        assertEquals(oracle.size(), ring.count());
        int done = random.nextInt(started + 1);
        fill(offset, done);
        ring.enqueueFinish(array, offset, done);
        added(done);
    }

    private void enqueueInPlace(int n, boolean bulk) {
        int started = bulk ? ring.enqueueZcBulkStart(zc, n) : ring.enqueueZcBurstStart(zc, n);
        assertEquals(expected(n, room(), bulk), started);
        int done = random.nextInt(started + 1);
        for (int i = 0; i < done; i++) {
            zc.set(i, next + i);
        }
        ring.enqueueZcFinish(done);
        added(done);
    }

    private void dequeue(int offset, int n, boolean bulk) {
        int done = bulk ? ring.dequeueBulk(array, offset, n) : ring.dequeueBurst(array, offset, n);
        assertEquals(expected(n, oracle.size(), bulk), done);
        removed(offset, done);
    }

    private void dequeueInTwoSteps(int offset, int n, boolean bulk) {
        int started = bulk ? ring.dequeueBulkStart(array, offset, n) : ring.dequeueBurstStart(array, offset, n);
        assertEquals(expected(n, oracle.size(), bulk), started);
        int done = random.nextInt(started + 1);
        ring.dequeueFinish(done);
        removed(offset, done);
        Iterator<Integer> rest = oracle.iterator();
        for (int i = done; i < started; i++) {
            assertEquals(rest.next(), array[offset + i]);
        }
    }

    private void dequeueInPlace(int n, boolean bulk) {
        int started = bulk ? ring.dequeueZcBulkStart(zc, n) : ring.dequeueZcBurstStart(zc, n);
        assertEquals(expected(n, oracle.size(), bulk), started);
        int done = random.nextInt(started + 1);
        for (int i = 0; i < done; i++) {
            assertEquals(oracle.poll(), zc.get(i));
        }
        ring.dequeueFinish(done);
    }
}
