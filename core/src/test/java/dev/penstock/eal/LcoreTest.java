package dev.penstock.eal;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

class LcoreTest {
    private final List<String> log = new ArrayList<>();

    private Eal eal(String... args) {
        return Eal.start(log::add, args);
    }

    @Test
    void shouldRunTasksAndGiveTheirResults() {
        try (Eal eal = eal("--lcores=(0-3)@0")) {
            assertEquals(4, eal.lcores().size());
            assertEquals(0, eal.mainLcore().id());
            assertEquals(List.of(1, 2, 3), eal.workers().stream().map(Lcore::id).toList());
            for (int round = 0; round < 1000; round++) {
                int r = round;
                eal.lcores().forEach(l -> l.launch(self -> self.id() * 1000 + r));
                eal.lcores().forEach(l -> assertEquals(l.id() * 1000 + r, l.await()));
            }
        }
    }

    @Test
    void shouldThrowOnWhatTheTaskThrew() {
        try (Eal eal = eal("--lcores=0@0,5@0")) {
            IllegalStateException thrown = new IllegalStateException("boom");
            eal.lcore(5).launch(self -> {
                throw thrown;
            });
            LcoreException e = assertThrows(LcoreException.class, () -> eal.lcore(5).await());
            assertSame(thrown, e.getCause());
            assertEquals(5, e.lcore());
            assertEquals(Lcore.State.WAIT, eal.lcore(5).state());
            eal.lcore(5).launch(self -> 7);
            assertEquals(7, eal.lcore(5).await());
        }
    }

    /** The next task's first wait ended at once, and until it came the lcore did not sleep. */
    @Test
    void shouldNotHandATasksInterruptToTheNext() throws InterruptedException {
        try (Eal eal = eal("--lcores=0")) {
            Lcore main = eal.mainLcore();
            main.launch(self -> {
                Thread.currentThread().interrupt();
                return 0;
            });
            main.await();
            assertFalse(main.thread().isInterrupted());
            main.thread().interrupt();
            for (int i = 0; main.thread().isInterrupted() && i < 20_000; i++) {
                Thread.sleep(1);
            }
            assertFalse(main.thread().isInterrupted(), "it sleeps again");
            main.launch(self -> Thread.currentThread().isInterrupted() ? 1 : 0);
            assertEquals(0, main.await());
            CountDownLatch done = new CountDownLatch(2);
            boolean[] interrupted = new boolean[1];
            eal.alarms().set(1, () -> {
                Thread.currentThread().interrupt();
                done.countDown();
            });
            eal.alarms().set(50_000, () -> {
                interrupted[0] = Thread.currentThread().isInterrupted();
                done.countDown();
            });
            done.await();
            assertFalse(interrupted[0], "the alarms' thread sleeps");
        }
    }

    @Test
    void shouldSayWhatATaskThrewThatNobodyAwaited() {
        try (Eal eal = eal("--lcores=0@0,5@0")) {
            eal.lcore(5).launch(() -> {
                throw new IllegalStateException("boom");
            });
        }
        assertTrue(log.stream().anyMatch(line -> line.matches("EAL: the task of lcore 5 .* failed, and nobody awaited it: "
                + "java.lang.IllegalStateException: boom, at .*\\(LcoreTest.java:\\d+\\)")), log::toString);
        log.clear();
        try (Eal eal = eal("--lcores=0@0,5@0")) {
            eal.lcore(5).launch(() -> {
                throw new IllegalStateException("boom");
            });
            assertThrows(LcoreException.class, () -> eal.lcore(5).await());
        }
        assertFalse(log.toString().contains("boom"), log::toString);
    }

    @Test
    void shouldGoOnThoughTheSinkOfTheLogThrows() {
        try (Eal eal = Eal.start(line -> {
            throw new IllegalStateException(line);
        }, "--lcores=0")) {
            assertEquals(7, launched(eal.mainLcore()));
        }
    }

    private static int launched(Lcore lcore) {
        lcore.launch(self -> 7);
        return lcore.await();
    }

    @Test
    void shouldRefuseATaskWhileAnotherRuns() {
        try (Eal eal = eal("--lcores=0")) {
            Lcore main = eal.mainLcore();
            main.launch(self -> {
                while (!self.stopRequested()) {
                    Thread.onSpinWait();
                }
                return 3;
            });
            assertEquals(Lcore.State.RUNNING, main.state());
            assertTrue(assertThrows(IllegalStateException.class, () -> main.launch(self -> 0)).getMessage()
                    .startsWith("lcore 0 (MAIN, CPU 0) cannot take a task: it is RUNNING"));
            main.requestStop();
            assertEquals(3, main.await());
            assertEquals(0, main.await());
        }
    }

    @Test
    void shouldEndRunningTasksWhenClosed() {
        AtomicInteger ended = new AtomicInteger();
        Eal eal = eal("--lcores=(0-2)@0");
        eal.onClose(() -> assertEquals(3, ended.get()));
        eal.lcores().forEach(l -> l.launch(self -> {
            while (!self.stopRequested()) {
                Thread.onSpinWait();
            }
            return ended.incrementAndGet();
        }));
        eal.close();
        eal.close();
        assertEquals(3, ended.get());
    }

    @Test
    void shouldRunCloseHooksLastFirst() {
        List<Integer> order = new ArrayList<>();
        Eal eal = eal("--lcores=0");
        eal.onClose(() -> order.add(1));
        eal.onClose(() -> order.add(2));
        eal.close();
        assertEquals(List.of(2, 1), order);
    }

    @Test
    void shouldNameTheTaskThatDoesNotEnd() {
        Eal eal = eal("--lcores=0");
        boolean[] release = new boolean[1];
        eal.mainLcore().launch(() -> {
            synchronized (release) {
                while (!release[0]) {
                    try {
                        release.wait();
                    } catch (InterruptedException e) {
                        return;
                    }
                }
            }
        });
        IllegalStateException e = assertThrows(IllegalStateException.class, () -> eal.closeWithin(50_000_000));
        assertTrue(e.getMessage().contains("lcore 0") && e.getMessage().contains("stopRequested"), e.getMessage());
        synchronized (release) {
            release[0] = true;
            release.notifyAll();
        }
        eal.close();
    }

    @Test
    void shouldRefuseToCloseFromItsOwnLcore() {
        try (Eal eal = eal("--lcores=0")) {
            eal.mainLcore().launch(eal::close);
            assertThrows(LcoreException.class, () -> eal.mainLcore().await());
        }
    }

    @Test
    void shouldGiveEachLcoreOfEachInstanceItsOwnSlot() {
        try (Eal a = eal("--lcores=(0-1)@0"); Eal b = eal("--lcores=(0-1)@0")) {
            List<Integer> slots = new ArrayList<>();
            for (Eal eal : List.of(a, b)) {
                for (Lcore lcore : eal.lcores()) {
                    lcore.launch(self -> {
                        assertSame(self, Lcore.current());
                        return LcoreThread.currentSlot();
                    });
                    slots.add(lcore.await());
                }
            }
            assertEquals(4, slots.stream().distinct().count(), slots.toString());
        }
        assertNull(Lcore.current());
    }

    @Test
    void shouldRegisterAnyThreadAsWorker() throws InterruptedException {
        assertEquals(-1, LcoreThread.currentSlot());
        try (Eal eal = eal("--lcores=0"); LcoreThread.Registration mine = eal.register()) {
            assertEquals(mine.slot(), LcoreThread.currentSlot());
            try (LcoreThread.Registration again = eal.register()) {
                assertEquals(mine.slot(), again.slot());
            }
            assertEquals(mine.slot(), LcoreThread.currentSlot());
            int[] other = {-1};
            Thread thread = new Thread(() -> {
                try (LcoreThread.Registration theirs = eal.register()) {
                    other[0] = theirs.slot();
                }
            });
            thread.start();
            thread.join();
            assertNotEquals(mine.slot(), other[0]);
        }
        assertEquals(-1, LcoreThread.currentSlot());
    }

    @Test
    void shouldTakeBackSlotsOfThreadsThatEnded() throws InterruptedException {
        for (int i = 0; i < 2 * LcoreThread.MAX_SLOTS; i++) {
            Thread thread = new Thread(LcoreThread::register);
            thread.start();
            thread.join();
        }
        try (LcoreThread.Registration mine = LcoreThread.register()) {
            assertTrue(mine.slot() >= 0);
        }
    }

    @Test
    void shouldRefuseCoresThatTheMachineLacks() {
        String message = assertThrows(IllegalArgumentException.class, () -> eal("--lcores=0@1023")).getMessage();
        assertTrue(message.startsWith("lcore 0: this machine has no CPU 1023; it has 0"), message);
    }

    @Test
    void shouldPinServiceCoresAndLeaveThemOutOfTheWorkers() {
        try (Eal eal = eal("--lcores=(0-2)@0", "-S", "0")) {
            assertEquals(1, eal.mainLcore().id());
            assertEquals(Lcore.Role.SERVICE, eal.lcore(0).role());
            assertEquals(List.of(2), eal.workers().stream().map(Lcore::id).toList());
        }
    }

    @Test
    void shouldSayOnceWhatHasNoEffect() {
        eal("--lcores=0", "--huge-dir=/x", "--huge-dir=/y", "--syslog", "-a", "0:1.0", "-a", "net_null0").close();
        assertEquals(1, log.stream().filter(l -> l.contains("--allow has no effect for PCI")).count(), log.toString());
        assertEquals(1, log.stream().filter(l -> l.contains("Option --huge-dir has no effect")).count(), log.toString());
        assertEquals(1, log.stream().filter(l -> l.contains("Option --syslog has no effect")).count());
        assertTrue(log.contains("EAL: Selected IOVA mode 'VA'"), log.toString());
    }

    @Test
    void shouldSayWhichLogLevelIsTooHigh() {
        eal("--lcores=0", "--log-level=99", "--log-level=pmd.*,12", "--log-level=lib.*:8", "--log-level=debug").close();
        assertEquals(List.of("EAL: Log level 99 higher than maximum (8)", "EAL: Log level 12 higher than maximum (8)"),
                log.stream().filter(l -> l.contains("higher than")).toList(), log.toString());
    }
}
