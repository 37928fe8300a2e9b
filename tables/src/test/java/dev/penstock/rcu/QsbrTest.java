package dev.penstock.rcu;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What DPDK's rcu_qsbr_autotest asserts, and more. */
@Timeout(120)
class QsbrTest {
    private final Qsbr qsbr = new Qsbr(4);

    @Test
    void shouldRefuseSizesAndReadersOutOfRange() {
        assertThrows(IllegalArgumentException.class, () -> new Qsbr(0));
        assertThrows(IllegalArgumentException.class, () -> new Qsbr(65_537));
        for (int reader : new int[] {-1, 4}) {
            assertTrue(assertThrows(IllegalArgumentException.class, () -> qsbr.register(reader)).getMessage()
                    .contains("0 to 3"));
            assertThrows(IllegalArgumentException.class, () -> qsbr.unregister(reader));
            assertThrows(IllegalArgumentException.class, () -> qsbr.online(reader));
            assertThrows(IllegalArgumentException.class, () -> qsbr.offline(reader));
        }
        assertThrows(IllegalStateException.class, () -> qsbr.online(1));
    }

    @Test
    void shouldRegisterTwiceAsOnce() {
        qsbr.register(2);
        qsbr.register(2);
        assertTrue(qsbr.isRegistered(2));
        qsbr.unregister(2);
        assertFalse(qsbr.isRegistered(2));
        qsbr.unregister(2);
    }

    @Test
    void shouldIncreaseTokens() {
        long first = qsbr.start();
        assertTrue(qsbr.start() > first);
    }

    @Test
    void shouldNotWaitForOfflineOrUnregisteredReaders() {
        assertTrue(qsbr.check(qsbr.start()));
        qsbr.register(0);
        assertTrue(qsbr.check(qsbr.start()));
        qsbr.online(0);
        long token = qsbr.start();
        assertFalse(qsbr.check(token));
        qsbr.offline(0);
        assertTrue(qsbr.check(token));
        qsbr.online(0);
        token = qsbr.start();
        assertFalse(qsbr.check(token));
        qsbr.unregister(0);
        assertTrue(qsbr.check(token));
    }

    @Test
    void shouldWaitForEachReader() {
        for (int i = 0; i < 4; i++) {
            qsbr.register(i);
            qsbr.online(i);
        }
        long token = qsbr.start();
        for (int i = 0; i < 4; i++) {
            assertFalse(qsbr.check(token));
            qsbr.quiescent(i);
        }
        assertTrue(qsbr.check(token));
        assertTrue(qsbr.toString().contains("reader 3 at"));
    }

    @Test
    void shouldNotCountAQuiescentStateFromBeforeTheToken() {
        qsbr.register(1);
        qsbr.online(1);
        qsbr.quiescent(1);
        assertFalse(qsbr.check(qsbr.start()));
    }

    @Test
    void shouldSynchronizeFromAReader() {
        qsbr.register(0);
        qsbr.online(0);
        qsbr.synchronize(0);
        qsbr.offline(0);
        qsbr.synchronize(0);
        qsbr.synchronize(Qsbr.NO_READER);
    }

    @Test
    void shouldDeferUntilQuiescent() {
        AtomicLong freed = new AtomicLong();
        DeferQueue queue = new DeferQueue(qsbr, 100, 1000, 10, freed::addAndGet);
        qsbr.register(0);
        qsbr.online(0);
        for (int i = 1; i <= 100; i++) {
            assertTrue(queue.enqueue(i));
        }
        assertFalse(queue.enqueue(1000));
        assertEquals(0, queue.reclaim(100));
        assertEquals(100, queue.pending());
        qsbr.quiescent(0);
        assertTrue(queue.enqueue(1000), "a full queue reclaims");
        assertEquals(55, freed.get());
        assertEquals(90, queue.reclaim(200), "the last one is younger than the quiescent state");
        assertEquals(5050, freed.get());
        qsbr.offline(0);
        assertEquals(1, queue.reclaim(1));
        assertEquals(0, queue.pending());
    }

    @Test
    void shouldFreeInOrderWhenTheQueueGrewInTheMiddle() {
        List<Long> freed = new ArrayList<>();
        DeferQueue queue = new DeferQueue(qsbr, 1000, 1000, 10, freed::add);
        qsbr.register(0);
        for (int i = 0; i < 50; i++) {
            queue.enqueue(i);
        }
        assertEquals(40, queue.reclaim(40));
        qsbr.online(0);
        for (int i = 50; i < 300; i++) {
            assertTrue(queue.enqueue(i));
        }
        assertEquals(10, queue.reclaim(1000), "what came before the reader");
        qsbr.quiescent(0);
        queue.enqueue(300);
        assertEquals(250, queue.reclaim(1000));
        qsbr.offline(0);
        for (int i = 301; i < 2000; i++) {
            queue.enqueue(i);
            assertEquals(1, queue.reclaim(1));
        }
        assertEquals(LongStream.range(0, 1999).boxed().toList(), freed);
    }

    @Test
    void shouldRegisterAReaderOfflineThatWasOnlineBefore() {
        qsbr.register(3);
        qsbr.online(3);
        qsbr.unregister(3);
        qsbr.register(3);
        assertTrue(qsbr.check(qsbr.start()));
    }

    @Test
    void shouldTakeAnElementThoughAnOtherIsFreedInVain() {
        List<Long> freed = new ArrayList<>();
        DeferQueue queue = new DeferQueue(qsbr, 2, 0, 4, value -> {
            freed.add(value);
            if (value == 1) {
                throw new IllegalStateException("one");
            }
        });
        assertTrue(queue.enqueue(1));
        assertThrows(IllegalStateException.class, () -> queue.enqueue(2));
        assertEquals(1, queue.pending());
        assertTrue(queue.enqueue(3));
        assertEquals(1, queue.reclaim(9));
        assertEquals(List.of(1L, 2L, 3L), freed);
    }

    @Test
    void shouldReclaimAtTheTrigger() {
        AtomicLong freed = new AtomicLong();
        DeferQueue queue = new DeferQueue(qsbr, 8, 2, 2, freed::addAndGet);
        for (int i = 0; i < 3; i++) {
            queue.enqueue(1);
        }
        assertEquals(0, freed.get());
        queue.enqueue(1);
        assertEquals(2, freed.get());
        assertThrows(IllegalArgumentException.class, () -> new DeferQueue(qsbr, 0, 0, 1, v -> {}));
        assertThrows(IllegalArgumentException.class, () -> new DeferQueue(qsbr, 1, -1, 1, v -> {}));
        assertThrows(IllegalArgumentException.class, () -> new DeferQueue(qsbr, 1, 0, 0, v -> {}));
    }

    /**
     * A writer looks at the readers one by one. A reader that was offline when it was looked at, and then came online before another writer's
     * token, has not seen that token, although the readers behind it have.
     */
    @Test
    void shouldWaitForAReaderThatCameOnlineWhileAnotherWriterLooked() throws InterruptedException {
        int most = 65_536;
        Qsbr many = new Qsbr(most);
        many.register(0);
        many.register(most - 1);
        many.online(most - 1);
        AtomicLong asked = new AtomicLong();
        AtomicLong answered = new AtomicLong();
        Thread other = Thread.ofPlatform().daemon().start(() -> {
            for (long token = 0; token >= 0; token = asked.get()) {
                if (token != answered.get()) {
                    many.check(token);
                    answered.set(token);
                }
            }
        });
        try {
            for (int round = 0; round < 3000; round++) {
                long first = many.start();
                many.quiescent(most - 1);
                asked.set(first);
                for (int i = round % 100 * 10; i > 0; i--) {
                    Thread.onSpinWait();
                }
                many.online(0);
                long second = many.start();
                many.quiescent(most - 1);
                while (answered.get() != first) {
                    Thread.onSpinWait();
                }
                assertFalse(many.check(second), () -> "reader 0 may hold what was taken out before token " + second + ": " + many);
                many.offline(0);
                assertTrue(many.check(second));
            }
        } finally {
            asked.set(-1);
            other.join();
        }
    }

    /** Slots of two longs that must be equal while a reader looks at them; freed slots are scribbled over. */
    @Test
    void shouldNeverFreeWhatAReaderHolds() throws InterruptedException {
        long[][] slots = new long[64][2];
        AtomicLong current = new AtomicLong();
        AtomicBoolean done = new AtomicBoolean();
        AtomicLong wrong = new AtomicLong();
        AtomicLong looks = new AtomicLong();
        Thread[] readers = new Thread[2];
        for (int r = 0; r < readers.length; r++) {
            int reader = r;
            readers[r] = new Thread(() -> {
                qsbr.register(reader);
                qsbr.online(reader);
                for (int i = 0; !done.get(); i++) {
                    long[] slot = slots[(int) current.get()];
                    for (int j = 0; j < 8; j++) {
                        wrong.addAndGet(slot[0] < 0 || slot[1] < 0 ? 1 : 0);
                    }
                    looks.incrementAndGet();
                    qsbr.quiescent(reader);
                    if (i % 1000 == 0) {
                        qsbr.offline(reader);
                        qsbr.online(reader);
                    }
                }
                qsbr.unregister(reader);
            });
            readers[r].start();
        }
        boolean[] used = new boolean[64];
        used[0] = true;
        DeferQueue queue = new DeferQueue(qsbr, 63, 0, 64, v -> {
            slots[(int) v][0] = -1;
            slots[(int) v][1] = -1;
            used[(int) v] = false;
        });
        long writes = 0;
        long end = System.nanoTime() + 1_000_000_000L;
        while (System.nanoTime() < end || writes < 100 || looks.get() < 100) {
            for (int i = 0; i < 64; i++) {
                if (!used[i]) {
                    used[i] = true;
                    slots[i][0] = writes;
                    slots[i][1] = writes++;
                    long old = current.getAndSet(i);
                    while (!queue.enqueue(old)) {
                        Thread.onSpinWait();
                    }
                }
            }
            queue.reclaim(64);
        }
        done.set(true);
        for (Thread reader : readers) {
            reader.join();
        }
        assertEquals(0, wrong.get());
    }
}
