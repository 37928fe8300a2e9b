package dev.penstock.ring;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.penstock.eal.LcoreThread;
import dev.penstock.ring.Ring.Sync;
import dev.penstock.testkit.Seed;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.FutureTask;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
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
    private static final int ASIDE = 64;
    private static final int MOST_HELD = 40;

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

    /** Threads join one after the other, at a random moment each, while the first runs at full speed. An emulated machine has fewer rounds. */
    @Test
    void shouldGiveEachElementToOneThreadAtATimeWhenThreadsJoinOneAfterTheOther() throws Exception {
        SplittableRandom random = Seed.random("PileTest");
        ExecutorService threads = Executors.newCachedThreadPool();
        try {
            long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(60);
            for (int round = 0; round < 300 && System.nanoTime() < end; round++) {
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

    private static Pile<Integer> keeping(int elements) {
        Pile<Integer> pile = new Pile<>(new Ring<>("pile", Integer.class, 512, Sync.MULTI, Sync.MULTI));
        pile.keepAside(ASIDE);
        assertTrue(pile.push(numbers(elements), 0, elements));
        pile.handOver();
        return pile;
    }

    private static Integer[] numbers(int n) {
        Integer[] numbers = new Integer[n];
        for (int i = 0; i < n; i++) {
            numbers[i] = i;
        }
        return numbers;
    }

    /** A thread that is a worker and does one thing after the other. */
    private static final class Worker implements AutoCloseable {
        private final BlockingQueue<Runnable> tasks = new LinkedBlockingQueue<>();
        private final LcoreThread thread = new LcoreThread(this::run, "worker");

        Worker() {
            thread.start();
        }

        private void run() {
            try {
                while (!thread.isInterrupted()) {
                    tasks.take().run();
                }
            } catch (InterruptedException e) {
                thread.interrupt();
            }
        }

        <T> T call(Callable<T> task) throws Exception {
            FutureTask<T> future = new FutureTask<>(task);
            tasks.add(future);
            return future.get();
        }

        boolean popAndPush(Pile<Integer> pile, int n) throws Exception {
            Integer[] held = new Integer[n];
            return call(() -> pile.pop(held, 0, n) && pile.push(held, 0, n));
        }

        @Override
        public void close() {
            thread.interrupt();
            try {
                thread.join();
            } catch (InterruptedException e) {
                throw new IllegalStateException("ended while a worker ended", e);
            }
        }
    }

    @Test
    void shouldLetWorkersKeepElementsAsideFromTheSecondOn() throws Exception {
        needOwners();
        Pile<Integer> pile = keeping(500);
        try (Worker one = new Worker(); Worker two = new Worker()) {
            assertTrue(one.popAndPush(pile, 4));
            assertFalse(Bias.isShared(pile));
            assertTrue(two.popAndPush(pile, 4));
            assertEquals(500 - Magazine.BATCH, pile.ring.count());
            assertTrue(one.popAndPush(pile, 4));
            assertEquals(500 - 2 * Magazine.BATCH, pile.ring.count());
            assertEquals(500, pile.count());
            assertTrue(two.popAndPush(pile, 100));
            assertEquals(500 - 2 * Magazine.BATCH, pile.ring.count(), "who takes many does so from the ring, and what has no room aside goes there");
        }
        assertEquals(500, all(pile).size());
        assertEquals(0, pile.count());
    }

    @Test
    void shouldKeepNoMoreAsideThanAskedForAndBringTheRestToTheRing() throws Exception {
        needOwners();
        Pile<Integer> pile = keeping(500);
        try (Worker one = new Worker(); Worker two = new Worker()) {
            Integer[] held = new Integer[300];
            assertTrue(one.popAndPush(pile, 1));
            assertTrue(two.call(() -> pile.pop(held, 0, 300)));
            for (int i = 0; i < 300; i += 3) {
                int first = i;
                assertTrue(two.call(() -> pile.push(held, first, 3)));
                assertTrue(500 - 300 + i + 3 - pile.ring.count() <= ASIDE);
            }
            assertTrue(pile.ring.count() > 400 && pile.ring.count() < 500);
        }
        assertEquals(500, all(pile).size());
    }

    @Test
    void shouldGiveWhatOneWorkerKeepsToAnotherOneAtOnce() throws Exception {
        needOwners();
        Pile<Integer> pile = keeping(100);
        try (Worker one = new Worker(); Worker two = new Worker()) {
            assertTrue(one.popAndPush(pile, 4) && two.popAndPush(pile, 4) && one.popAndPush(pile, 4));
            Integer[] held = new Integer[101];
            assertTrue(two.call(() -> pile.pop(held, 0, 30) && pile.pop(held, 30, 10)));
            assertTrue(pile.ring.count() < 60, "nothing is kept aside, so this shows nothing");
            assertFalse(two.call(() -> pile.pop(held, 40, 61)));
            assertEquals(60, pile.ring.count());
            assertTrue(two.call(() -> pile.pop(held, 40, 60)));
            assertEquals(0, pile.count());
            assertTrue(one.call(() -> pile.push(held, 0, 100)));
            assertEquals(100, pile.ring.count(), "nobody keeps any aside any more");
            pile.handOver();
            assertTrue(one.popAndPush(pile, 4));
            assertEquals(100 - Magazine.BATCH, pile.ring.count());
        }
        assertEquals(100, all(pile).size());
    }

    @Test
    void shouldHandAnEndedWorkersElementsToTheNextOneInItsPlace() throws Exception {
        needOwners();
        Pile<Integer> pile = keeping(200);
        try (Worker one = new Worker()) {
            int slot;
            try (Worker two = new Worker()) {
                assertTrue(one.popAndPush(pile, 4) && two.popAndPush(pile, 4));
                slot = two.call(LcoreThread::currentSlot);
            }
            List<Worker> next = new ArrayList<>(List.of(new Worker()));
            while (next.getLast().call(LcoreThread::currentSlot) != slot) {
                next.add(new Worker());
            }
            assertTrue(next.getLast().popAndPush(pile, 20));
            assertEquals(200 - Magazine.BATCH, pile.ring.count());
            for (Worker worker : next) {
                worker.close();
            }
        }
        assertEquals(200, all(pile).size());
    }

    @Test
    void shouldWaitForAWorkerThatIsInsideItsMagazine() throws Exception {
        needOwners();
        Pile<Integer> pile = keeping(100);
        AtomicBoolean done = new AtomicBoolean();
        try (Worker one = new Worker(); Worker two = new Worker()) {
            assertTrue(one.popAndPush(pile, 4) && two.popAndPush(pile, 4));
            Magazine<Integer> magazine = pile.magazines[Pile.FIRST + two.call(LcoreThread::currentSlot)];
            assertTrue(two.call(() -> Bias.isMine(magazine) && Bias.enter(magazine, Magazine.BATCH, 1)));
            FutureTask<Boolean> taker = new FutureTask<>(() -> pile.pop(new Integer[100], 0, 100) && done.get());
            Thread.ofPlatform().start(taker);
            while (two.call(() -> Bias.isMine(magazine))) {
                Thread.onSpinWait();
            }
            assertFalse(taker.isDone());
            done.set(true);
            two.call(() -> {
                Bias.leave(magazine);
                return true;
            });
            assertTrue(taker.get());
        }
        assertEquals(0, pile.count());
    }

    /** Random calls of three workers and another thread in turn. */
    @Test
    void shouldHoldWhatWasPushedAndNotPoppedWhileWorkersKeepSomeAside() throws Exception {
        SplittableRandom random = Seed.random("PileTest aside");
        ExecutorService other = Executors.newSingleThreadExecutor();
        try (Worker one = new Worker(); Worker two = new Worker(); Worker three = new Worker()) {
            for (int round = 0; round < 100; round++) {
                int size = random.nextInt(50, 512);
                Pile<Integer> pile = keeping(size);
                Integer[] out = new Integer[size];
                int n = 0;
                for (int call = 0; call < 300; call++) {
                    int from = n;
                    int many = random.nextInt(20) == 0 ? random.nextInt(1, size + 1) : random.nextInt(1, 40);
                    boolean put = n >= many && random.nextBoolean();
                    Callable<Boolean> task = put ? () -> pile.push(out, from - many, many) : () -> pile.pop(new Integer[many], 0, many);
                    boolean enough = many <= size - n;
                    Callable<Boolean> get = () -> enough ? pile.pop(out, from, many) : task.call();
                    int who = random.nextInt(8);
                    Callable<Boolean> chosen = put ? task : get;
                    boolean did = who == 0 ? other.submit(chosen).get() : (who < 3 ? one : who < 6 ? two : three).call(chosen);
                    assertEquals(put || enough, did, "call " + call + " of " + many);
                    n += put ? -many : enough ? many : 0;
                    assertEquals(size - n, pile.count());
                }
                Set<Integer> left = all(pile);
                for (int i = 0; i < n; i++) {
                    assertTrue(left.add(out[i]), out[i] + " is there twice");
                }
                assertEquals(size, left.size());
            }
        } finally {
            other.shutdownNow();
        }
    }

    /** Each has as many elements out as would be left if all the others had theirs out too: so no call may ever fail. */
    @Test
    void shouldNeverRefuseWhatIsThereWhileWorkersKeepSomeAside() throws Exception {
        SplittableRandom random = Seed.random("PileTest enough");
        for (int round = 0; round < 300; round++) {
            int people = random.nextInt(2, 5);
            Pile<Integer> pile = keeping(people * MOST_HELD + (random.nextBoolean() ? 0 : random.nextInt(200)));
            AtomicIntegerArray holders = new AtomicIntegerArray(512);
            int before = pile.count();
            List<FutureTask<String>> tasks = new ArrayList<>();
            for (int i = 0; i < people; i++) {
                SplittableRandom mine = random.split();
                FutureTask<String> task = new FutureTask<>(() -> hold(pile, holders, mine));
                tasks.add(task);
                if (i == 2) {
                    Thread.ofPlatform().start(task);
                } else {
                    new LcoreThread(task, "worker").start();
                }
            }
            for (FutureTask<String> task : tasks) {
                assertEquals("", task.get());
            }
            assertEquals(before, pile.count());
            assertEquals(before, all(pile).size());
        }
    }

    private static String hold(Pile<Integer> pile, AtomicIntegerArray holders, SplittableRandom random) {
        Integer[] held = new Integer[MOST_HELD];
        for (int i = 0; i < 500; i++) {
            int n = random.nextInt(1, MOST_HELD + 1);
            if (!pile.pop(held, 0, n)) {
                return "refused " + n + " in call " + i;
            }
            for (int k = 0; k < n; k++) {
                if (holders.incrementAndGet(held[k]) != 1) {
                    return "element " + held[k] + " is held by two";
                }
            }
            for (int k = 0; k < n; k++) {
                holders.decrementAndGet(held[k]);
            }
            for (int k = 0; k < n;) {
                int some = random.nextInt(1, n - k + 1);
                if (!pile.push(held, k, some)) {
                    return "no room for what was there before";
                }
                k += some;
            }
        }
        return "";
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
