package dev.penstock.eal;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(120)
class ServicesTest {
    private final List<String> said = new CopyOnWriteArrayList<>();
    private final Eal eal = Eal.start(said::add, "--lcores=(0-3)@0", "-S", "2,3");
    private final Services services = eal.services();

    @AfterEach
    void close() {
        eal.close();
    }

    private static void until(BooleanSupplier condition) {
        while (!condition.getAsBoolean()) {
            Thread.yield();
        }
    }

    @Test
    void shouldRunServicesOnServiceLcores() {
        AtomicInteger onService = new AtomicInteger();
        AtomicInteger elsewhere = new AtomicInteger();
        Service service = services.register("s", false, () ->
                (Lcore.current().role() == Lcore.Role.SERVICE ? onService : elsewhere).incrementAndGet() % 2 == 0);
        services.startWithDefaults();
        until(() -> onService.get() > 1000);
        service.stop();
        until(() -> !service.mayBeActive());
        int runs = onService.get();
        assertEquals(runs, service.calls());
        assertEquals((runs + 1) / 2, service.idleCalls());
        assertEquals(0, elsewhere.get());
        Clock.delayUs(2000);
        assertEquals(runs, onService.get());
    }

    @Test
    void shouldSayWhichServiceFailedAndWhere() {
        Service service = services.register("bad", false, () -> {
            throw new IllegalStateException("boom");
        });
        services.map(service, eal.lcore(2), true);
        service.start();
        services.start(eal.lcore(2));
        until(() -> eal.lcore(2).state() == Lcore.State.FINISHED);
        assertTrue(said.stream().anyMatch(line -> line.matches("EAL: service bad failed, and lcore 2 .*: "
                + "java.lang.IllegalStateException: boom, at .*\\(ServicesTest.java:\\d+\\)")), said::toString);
        service.stop();
        assertFalse(service.mayBeActive());
        assertThrows(LcoreException.class, () -> services.stop(eal.lcore(2)));
        services.start(eal.lcore(2));
        services.stop(eal.lcore(2));
    }

    @Test
    void shouldRunAnUnsafeServiceOnOneLcoreAtATime() {
        AtomicInteger inside = new AtomicInteger();
        AtomicInteger clashes = new AtomicInteger();
        int[] unguarded = new int[1];
        Service service = services.register("unsafe", false, () -> {
            clashes.addAndGet(inside.incrementAndGet() > 1 ? 1 : 0);
            unguarded[0]++;
            inside.decrementAndGet();
            return true;
        });
        services.map(service, eal.lcore(2), true);
        services.map(service, eal.lcore(3), true);
        services.startWithDefaults();
        until(() -> service.calls() > 100_000);
        service.stop();
        until(() -> !service.mayBeActive());
        assertEquals(0, clashes.get());
        assertEquals(service.calls(), unguarded[0]);
    }

    @Test
    void shouldMapWhileRunning() {
        Service a = services.register("a", true, () -> true);
        Service b = services.register("b", true, () -> true);
        a.start();
        b.start();
        Lcore lcore = eal.lcore(2);
        services.start(lcore);
        services.map(a, lcore, true);
        until(() -> a.calls() > 100);
        services.map(a, lcore, false);
        services.map(b, lcore, true);
        until(() -> b.calls() > 100);
        assertFalse(services.mapped(a, lcore));
        services.stop(lcore);
        assertEquals(Lcore.State.WAIT, lcore.state());
        assertThrows(IllegalStateException.class, () -> services.unregister(a));
        a.stop();
        services.unregister(a);
        assertTrue(services.find("a").isEmpty());
    }

    @Test
    void shouldRunAnIterationInAnyWorker() {
        Service service = services.register("s", false, () -> true);
        assertThrows(IllegalStateException.class, service::runIteration);
        try (LcoreThread.Registration mine = eal.register()) {
            assertTrue(mine.slot() >= 0);
            assertFalse(service.runIteration());
            service.start();
            service.countCycles(true);
            assertTrue(service.runIteration());
            assertEquals(1, service.calls());
            assertThrows(IllegalArgumentException.class, () -> services.register("s", false, () -> true));
            assertThrows(IllegalArgumentException.class, () -> services.start(eal.mainLcore()));
        }
    }

    @Test
    void shouldRunAlarmsOnceAndCancelThem() throws InterruptedException {
        CountDownLatch rang = new CountDownLatch(3);
        AtomicInteger cancelled = new AtomicInteger();
        for (int i = 0; i < 3; i++) {
            eal.alarms().set(1000 + i, rang::countDown);
        }
        Alarms.Alarm never = eal.alarms().set(20_000_000, cancelled::incrementAndGet);
        assertTrue(rang.await(10, TimeUnit.SECONDS));
        assertTrue(never.cancel());
        CountDownLatch self = new CountDownLatch(1);
        Alarms.Alarm[] alarm = new Alarms.Alarm[1];
        synchronized (alarm) {
            alarm[0] = eal.alarms().set(1, () -> {
                synchronized (alarm) {
                    assertFalse(alarm[0].cancel());
                    self.countDown();
                }
            });
        }
        assertTrue(self.await(10, TimeUnit.SECONDS));
        assertEquals(0, cancelled.get());
        assertThrows(IllegalArgumentException.class, () -> eal.alarms().set(0, () -> { }));
    }

    @Test
    void shouldEndWhenAnAlarmClosesTheInstanceBesideAnotherThread() throws InterruptedException {
        Thread closer = Thread.ofPlatform().unstarted(eal::close);
        CountDownLatch returned = new CountDownLatch(1);
        eal.alarms().set(1, () -> {
            closer.start();
            while (closer.getState() != Thread.State.TIMED_WAITING) {
                Thread.onSpinWait();
            }
            eal.close();
            returned.countDown();
        });
        assertTrue(returned.await(20, TimeUnit.SECONDS));
        assertTrue(closer.join(Duration.ofSeconds(20)), "the thread that closes waits for the alarm's");
    }

    @Test
    void shouldKeepAlarmsGoingWhenOneThrows() throws InterruptedException {
        CountDownLatch rang = new CountDownLatch(1);
        eal.alarms().set(1, () -> {
            throw new IllegalStateException("boom");
        });
        eal.alarms().set(1000, rang::countDown);
        assertTrue(rang.await(10, TimeUnit.SECONDS));
    }

    @Test
    void shouldKeepAValueForEachWorker() {
        LcoreVariable<int[]> variable = new LcoreVariable<>(() -> new int[1]);
        assertThrows(IllegalStateException.class, variable::get);
        for (int id : new int[] {0, 1, 1, 1}) {
            eal.lcore(id).launch(self -> ++variable.get()[0]);
            eal.lcore(id).await();
        }
        AtomicInteger sum = new AtomicInteger();
        AtomicInteger values = new AtomicInteger();
        variable.forEach(v -> {
            sum.addAndGet(v[0]);
            values.incrementAndGet();
        });
        assertEquals(4, sum.get());
        assertEquals(2, values.get());
    }
}
