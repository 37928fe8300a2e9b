package dev.penstock.ring;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.penstock.ring.Ring.Sync;
import dev.penstock.testkit.Seed;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.FutureTask;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicIntegerArray;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

@Timeout(120)
class PileTest {
    private static final int SIZE = 64;

    private static Ring<Integer> ring(Sync sync) {
        return new Ring<>("pile", Integer.class, SIZE, sync, sync);
    }

    private static Pile<Integer> pile(Integer... values) {
        Pile<Integer> pile = new Pile<>(ring(Sync.MULTI));
        assertTrue(values.length == 0 || pile.push(values, 0, values.length));
        return pile;
    }

    private static Integer pop(Pile<Integer> pile) {
        Integer[] one = new Integer[1];
        return pile.pop(one, 0, 1) ? one[0] : null;
    }

    private static Set<Integer> all(Pile<Integer> pile) {
        Set<Integer> all = new HashSet<>();
        for (Integer one = pop(pile); one != null; one = pop(pile)) {
            assertTrue(all.add(one), one + " is there twice");
        }
        return all;
    }

    private static <T> T elsewhere(Callable<T> task) throws Exception {
        FutureTask<T> future = new FutureTask<>(task);
        Thread.ofPlatform().start(future);
        return future.get();
    }

    private static void needOwners() {
        Assumptions.assumeTrue(Bias.USED, "no membarrier(2) here: there is no owner");
    }

    /** Random calls of two threads in turn, the second of which comes at a random moment. */
    @ParameterizedTest
    @EnumSource
    void shouldHoldWhatWasPushedAndNotPopped(Sync sync) throws Exception {
        SplittableRandom random = Seed.random("PileTest " + sync);
        ExecutorService other = Executors.newSingleThreadExecutor();
        try {
            for (int round = 0; round < 200; round++) {
                Pile<Integer> pile = new Pile<>(ring(sync));
                Set<Integer> inside = new HashSet<>();
                Calls calls = new Calls(pile, inside, random.split());
                int come = random.nextInt(60);
                calls.some(come);
                other.submit(() -> calls.some(random.nextInt(20))).get();
                calls.some(20);
                if (random.nextBoolean()) {
                    pile.handOver();
                    calls.some(20);
                }
                assertEquals(inside, other.submit(() -> all(pile)).get());
            }
        } finally {
            other.shutdownNow();
        }
    }

    private static final class Calls {
        private final Pile<Integer> pile;
        private final Set<Integer> inside;
        private final SplittableRandom random;
        private final Integer[] array = new Integer[SIZE + 10];
        private int next;

        Calls(Pile<Integer> pile, Set<Integer> inside, SplittableRandom random) {
            this.pile = pile;
            this.inside = inside;
            this.random = random;
        }

        void some(int times) {
            for (int i = 0; i < times; i++) {
                int n = random.nextInt(4) == 0 ? random.nextInt(SIZE + 2) : random.nextInt(10);
                int offset = random.nextInt(8);
                int count = inside.size();
                if (random.nextBoolean()) {
                    for (int k = 0; k < n; k++) {
                        array[offset + k] = next++;
                    }
                    boolean pushed = pile.push(array, offset, n);
                    assertEquals(n <= SIZE - 1 - count, pushed);
                    for (int k = 0; pushed && k < n; k++) {
                        inside.add(array[offset + k]);
                    }
                } else {
                    boolean popped = pile.pop(array, offset, n);
                    assertEquals(n <= count, popped);
                    for (int k = 0; popped && k < n; k++) {
                        assertTrue(inside.remove(array[offset + k]), array[offset + k] + " was not in it");
                    }
                }
                assertEquals(inside.size(), pile.count());
            }
        }
    }

    @Test
    void shouldBeAStackForOneThreadAndARingFromTheSecondOn() throws Exception {
        needOwners();
        Pile<Integer> pile = pile(1, 2, 3, 4);
        assertTrue(Bias.isMine(pile));
        assertEquals(4, pop(pile));
        pile.push(new Integer[] {5}, 0, 1);
        assertEquals(1, elsewhere(() -> pop(pile)));
        assertTrue(Bias.isShared(pile));
        assertEquals(3, pile.count());
        assertEquals(2, pop(pile));
        pile.push(new Integer[] {6}, 0, 1);
        assertEquals(3, pop(pile));
        assertEquals(5, pop(pile));
        assertEquals(6, pop(pile));
        assertEquals(0, pile.count());
    }

    @ParameterizedTest
    @EnumSource(names = "MULTI", mode = EnumSource.Mode.EXCLUDE)
    void shouldBeARingFromTheStartWhenASideIsNotForMany(Sync sync) {
        assertTrue(Bias.isShared(new Pile<>(ring(sync))));
        assertTrue(Bias.isShared(new Pile<>(new Ring<>("pile", Integer.class, SIZE, Sync.MULTI, sync))));
        assertTrue(Bias.isShared(new Pile<>(new Ring<>("pile", Integer.class, SIZE, sync, Sync.MULTI))));
    }

    @Test
    void shouldGoToTheNextThreadAfterAHandOver() throws Exception {
        needOwners();
        Pile<Integer> pile = pile(1, 2, 3);
        pile.handOver();
        assertEquals(3, pile.count());
        assertEquals(3, elsewhere(() -> {
            Integer one = pop(pile);
            assertTrue(Bias.isMine(pile));
            return one;
        }));
        assertEquals(Set.of(1, 2), all(pile));
        assertTrue(Bias.isShared(pile));
    }

    @Test
    void shouldOutliveItsOwner() throws Exception {
        Pile<Integer> pile = pile();
        assertTrue(elsewhere(() -> pile.push(new Integer[] {1, 2}, 0, 2)));
        assertTrue(elsewhere(() -> pile.push(new Integer[] {3}, 0, 1)));
        assertEquals(Set.of(1, 2, 3), all(pile));
    }

    @Test
    void shouldWaitForAnOwnerThatIsInside() throws Exception {
        needOwners();
        Pile<Integer> pile = pile(1, 2, 3, 4);
        assertTrue(Bias.isMine(pile) && Bias.enter(pile, 4, -2));
        AtomicBoolean done = new AtomicBoolean();
        FutureTask<Integer> taker = new FutureTask<>(() -> {
            Integer one = pop(pile);
            assertTrue(done.get(), "the pile was taken while its owner was inside");
            return one;
        });
        Thread.ofPlatform().start(taker);
        while (Bias.isMine(pile)) {
            Thread.onSpinWait();
        }
        assertFalse(Bias.isShared(pile) || taker.isDone());
        done.set(true);
        pile.leave(2);
        assertEquals(1, taker.get());
        assertEquals(1, pile.count());
    }

    @Test
    void shouldSendAnOwnerBackThatWakesUpTooLate() throws Exception {
        needOwners();
        Pile<Integer> pile = pile(1, 2, 3, 4);
        assertTrue(Bias.isMine(pile));
        assertEquals(1, elsewhere(() -> pop(pile)));
        assertFalse(Bias.enter(pile, 4, -1));
        assertEquals(3, pile.count());
        assertEquals(Set.of(2, 3, 4), all(pile));
    }

    @Test
    void shouldBeAsBeforeAfterACallThatThrowsOrAsksForNone() throws Exception {
        Pile<Integer> pile = pile(1, 2, 3);
        for (int turn = 0; turn < 2; turn++) {
            Integer[] to = new Integer[4];
            assertThrows(IndexOutOfBoundsException.class, () -> pile.push(to, 3, 2));
            assertThrows(IndexOutOfBoundsException.class, () -> pile.push(to, 0, -1));
            assertThrows(IndexOutOfBoundsException.class, () -> pile.push(to, 5, 0));
            assertThrows(IndexOutOfBoundsException.class, () -> pile.pop(to, -1, 1));
            assertThrows(IndexOutOfBoundsException.class, () -> pile.pop(to, 3, 2));
            assertThrows(IndexOutOfBoundsException.class, () -> pile.pop(to, 0, -1));
            @SuppressWarnings({"unchecked", "rawtypes"})
            Pile<Object> raw = (Pile) pile;
            assertThrows(ArrayStoreException.class, () -> raw.push(new Object[] {"x"}, 0, 1));
            assertThrows(ArrayStoreException.class, () -> raw.pop(new String[1], 0, 1));
            assertTrue(pile.push(to, 0, 0) && pile.pop(to, 4, 0));
            Object[] wider = new Object[2];
            assertTrue(raw.pop(wider, 0, 2) && raw.push(wider, 0, 2));
            assertEquals(3, pile.count());
            int inside = pile.count();
            assertEquals(inside, elsewhere(() -> pile.pop(to, 0, 3) && pile.push(to, 0, 3) ? 3 : -1));
        }
        assertEquals(Set.of(1, 2, 3), all(pile));
    }

    /** Threads join one after the other, at a random moment each, while the first runs at full speed. */
    @Test
    void shouldGiveEachElementToOneThreadAtATimeWhenThreadsJoinOneAfterTheOther() throws Exception {
        SplittableRandom random = Seed.random("PileTest");
        ExecutorService threads = Executors.newCachedThreadPool();
        try {
            for (int round = 0; round < 300; round++) {
                crowd(random, 2 + random.nextInt(4), threads);
            }
        } finally {
            threads.shutdownNow();
        }
    }

    private static void crowd(SplittableRandom random, int people, ExecutorService threads) throws Exception {
        Integer[] elements = new Integer[SIZE - 1];
        for (int i = 0; i < elements.length; i++) {
            elements[i] = i;
        }
        Pile<Integer> pile = pile(elements);
        pile.handOver();
        AtomicIntegerArray holders = new AtomicIntegerArray(elements.length);
        List<Callable<String>> all = new ArrayList<>();
        for (int i = 0; i < people; i++) {
            int late = i == 0 ? 0 : random.nextInt(40_000);
            SplittableRandom mine = random.split();
            all.add(() -> {
                for (int spin = 0; spin < late; spin++) {
                    Thread.onSpinWait();
                }
                return borrow(pile, holders, mine);
            });
        }
        for (Future<String> thread : threads.invokeAll(all)) {
            assertEquals("", thread.get());
        }
        assertEquals(elements.length, pile.count());
        Set<Integer> left = all(pile);
        assertEquals(elements.length, left.size());
        assertSame(0, Collections.min(left));
    }

    private static String borrow(Pile<Integer> pile, AtomicIntegerArray holders, SplittableRandom random) {
        Integer[] held = new Integer[16];
        for (int i = 0; i < 1500; i++) {
            int n = random.nextInt(1, held.length);
            if (!pile.pop(held, 0, n)) {
                Thread.yield();
                continue;
            }
            for (int k = 0; k < n; k++) {
                if (holders.incrementAndGet(held[k]) != 1) {
                    return "element " + held[k] + " is held by two";
                }
            }
            for (int k = 0; k < n; k++) {
                holders.decrementAndGet(held[k]);
            }
            int first = random.nextInt(n);
            if (first > 0 && !pile.push(held, 0, first) || !pile.push(held, first, n - first)) {
                return "no room for what was there before";
            }
        }
        return "";
    }
}
