package dev.penstock.eal;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.penstock.testkit.Allocation;
import dev.penstock.testkit.Seed;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

class TimerTest {
    private static final int TIMERS = 200;
    /** Times are multiples of this plus the timer's number, so that no two timers expire at once. */
    private static final long STEP = 1024;

    private long now;
    private final TimerList list = new TimerList(() -> now);

    /** A timer as one would write it without a thought for speed. */
    private static final class Naive {
        long expire = -1;
        long period;
    }

    @Test
    void shouldRunWhatANaiveOracleRuns() {
        SplittableRandom random = Seed.random("TimerTest");
        now = random.nextLong();
        long origin = now;
        TimerList list = new TimerList(() -> now);
        Timer[] timers = new Timer[TIMERS];
        Naive[] oracle = new Naive[TIMERS];
        for (int i = 0; i < TIMERS; i++) {
            timers[i] = new Timer();
            oracle[i] = new Naive();
        }
        List<Integer> ran = new ArrayList<>();
        long callbacks = 0;
        for (int step = 0; step < 50_000; step++) {
            int i = random.nextInt(TIMERS);
            long at = now - origin;
            switch (random.nextInt(4)) {
                case 0 -> {
                    long delay = random.nextInt(50) * STEP + i;
                    long period = random.nextBoolean() ? random.nextInt(1, 20) * STEP : 0;
                    int id = i;
                    assertTrue(timers[i].reset(list, delay, period, t -> ran.add(id)));
                    oracle[i].expire = at + delay;
                    oracle[i].period = period;
                }
                case 1 -> {
                    assertTrue(timers[i].stop());
                    oracle[i].expire = -1;
                }
                case 2 -> now += random.nextInt(5) * STEP;
                default -> {
                    List<Integer> expected = expire(oracle, at);
                    ran.clear();
                    assertEquals(expected.size(), list.manage());
                    assertEquals(expected, ran);
                    callbacks += ran.size();
                }
            }
            assertEquals(oracle[i].expire >= 0, timers[i].pending());
        }
        long pending = List.of(oracle).stream().filter(o -> o.expire >= 0).count();
        assertEquals(pending, list.pendingCount());
        assertTrue(callbacks > 10_000, "the test must run callbacks: " + callbacks);
    }

    private static List<Integer> expire(Naive[] oracle, long at) {
        List<Integer> due = new ArrayList<>();
        for (int i = 0; i < oracle.length; i++) {
            if (oracle[i].expire >= 0 && oracle[i].expire <= at) {
                due.add(i);
            }
        }
        due.sort(Comparator.comparingLong(i -> oracle[i].expire));
        due.forEach(i -> oracle[i].expire = oracle[i].period > 0 ? oracle[i].expire + oracle[i].period : -1);
        return due;
    }

    @Test
    void shouldLetCallbacksStopAndSetTimers() {
        List<String> ran = new ArrayList<>();
        Timer a = new Timer();
        Timer b = new Timer();
        Timer c = new Timer();
        a.reset(list, 1, 5, t -> {
            ran.add("a");
            b.stopSync();
            c.resetSync(list, 0, 0, x -> ran.add("c2"));
            t.stopSync();
        });
        b.reset(list, 2, 0, t -> ran.add("b"));
        c.reset(list, 3, 0, t -> ran.add("c"));
        now = 10;
        assertEquals(1, list.manage());
        assertEquals(1, list.manage());
        assertEquals(0, list.manage());
        assertEquals(List.of("a", "c2"), ran);
        assertFalse(a.pending() || b.pending() || c.pending());
    }

    @Test
    void shouldCatchUpCallByCall() {
        AtomicInteger ran = new AtomicInteger();
        new Timer().reset(list, 10, 10, t -> ran.incrementAndGet());
        now = 35;
        assertEquals(1, list.manage());
        assertEquals(1, list.manage());
        assertEquals(1, list.manage());
        assertEquals(0, list.manage());
        assertEquals(5, list.nextInNs());
    }

    @Test
    void shouldKeepOrderWhenACallbackThrows() {
        List<String> ran = new ArrayList<>();
        new Timer().reset(list, 1, 10, t -> {
            ran.add("bad");
            throw new IllegalStateException("boom");
        });
        new Timer().reset(list, 2, 0, t -> ran.add("good"));
        now = 5;
        assertThrows(IllegalStateException.class, list::manage);
        assertEquals(1, list.manage());
        assertEquals(List.of("bad", "good"), ran);
        assertEquals(1, list.pendingCount());
    }

    @Test
    void shouldSayWhenTheNextExpires() {
        assertEquals(-1, list.nextInNs());
        Timer far = new Timer();
        far.reset(list, Long.MAX_VALUE, Long.MAX_VALUE, t -> { });
        Timer near = new Timer();
        near.reset(list, 100, 0, t -> { });
        now = 30;
        assertEquals(70, list.nextInNs());
        assertTrue(near.stop());
        assertEquals(0, list.manage());
        assertThrows(IllegalArgumentException.class, () -> near.reset(list, -1, 0, t -> { }));
    }

    @Test
    void shouldAllocateNothingWhenNothingIsDueNorWhenAPeriodicTimerRuns() {
        TimerList real = new TimerList();
        new Timer().reset(real, 0, 1, t -> { });
        TimerList idle = new TimerList();
        new Timer().reset(idle, Long.MAX_VALUE, 0, t -> { });
        assertEquals(0, Allocation.steadyBytesOf(() -> {
            for (int n = 0; n < 20_000; n++) {
                real.manage();
                idle.manage();
            }
        }));
    }

    /** Each timer sets itself again on a list of chance, so many times in all: none may be lost, none run twice. */
    @Test
    @Timeout(120)
    void shouldRunExactlyAsOftenAsSetWhileListsAreShared() throws InterruptedException {
        int count = 1000;
        int rounds = 100;
        TimerList[] lists = {new TimerList(), new TimerList()};
        AtomicLong callbacks = new AtomicLong();
        CountDownLatch done = new CountDownLatch(count);
        List<Thread> threads = new ArrayList<>();
        for (TimerList mine : lists) {
            threads.add(new Thread(() -> {
                while (done.getCount() > 0) {
                    mine.manage();
                    Thread.yield();
                }
            }));
        }
        for (int setter = 0; setter < 2; setter++) {
            threads.add(new Thread(() -> {
                for (int i = 0; i < count / 2; i++) {
                    AtomicInteger left = new AtomicInteger(rounds);
                    new Timer().reset(lists[i & 1], 1000, 0, t -> again(t, lists, left, callbacks, done));
                }
            }));
        }
        threads.forEach(Thread::start);
        for (Thread thread : threads) {
            thread.join();
        }
        assertEquals((long) count * rounds, callbacks.get());
        assertEquals(0, lists[0].pendingCount() + lists[1].pendingCount());
    }

    private static void again(Timer timer, TimerList[] lists, AtomicInteger left, AtomicLong callbacks, CountDownLatch done) {
        callbacks.incrementAndGet();
        if (left.decrementAndGet() == 0) {
            done.countDown();
            return;
        }
        ThreadLocalRandom random = ThreadLocalRandom.current();
        assertTrue(timer.reset(lists[random.nextInt(2)], random.nextInt(2000), 0,
                t -> again(t, lists, left, callbacks, done)));
    }

    /** Strangers set and stop the timers of a running list; after stopSync nothing may run. */
    @Test
    @Timeout(120)
    void shouldNotRunAfterStopSync() throws InterruptedException {
        TimerList mine = new TimerList();
        boolean[] end = new boolean[1];
        Thread manager = new Thread(() -> {
            while (!ended(end)) {
                mine.manage();
            }
        });
        manager.start();
        List<Thread> strangers = new ArrayList<>();
        AtomicInteger failures = new AtomicInteger();
        for (int s = 0; s < 2; s++) {
            strangers.add(new Thread(() -> {
                Timer timer = new Timer();
                long[] ran = new long[1];
                for (int i = 0; i < 20_000; i++) {
                    timer.resetSync(mine, i % 3 * 200L, i % 2 * 300L, t -> ran[0]++);
                    timer.stopSync();
                    long before = ran[0];
                    Thread.onSpinWait();
                    failures.addAndGet(timer.pending() || ran[0] != before ? 1 : 0);
                }
            }));
        }
        strangers.forEach(Thread::start);
        for (Thread stranger : strangers) {
            stranger.join();
        }
        synchronized (end) {
            end[0] = true;
        }
        manager.join();
        assertEquals(0, failures.get());
        assertEquals(0, mine.pendingCount());
    }

    private static boolean ended(boolean[] end) {
        synchronized (end) {
            return end[0];
        }
    }
}
