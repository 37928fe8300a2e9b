package dev.penstock.jit;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import jdk.jfr.consumer.RecordingStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

class JitHealthTest {
    interface Step {
        long apply(long x);
    }

    private static volatile boolean stop;
    private static volatile long laps;
    private static volatile long sink;

    /** Compiled while it has only ever seen one kind of step. */
    private static long path(Step step, long x) {
        long sum = x;
        for (int i = 0; i < 1000; i++) {
            sum += step.apply(sum);
        }
        return sum;
    }

    @Test
    @Timeout(120)
    void shouldAlarmWhenThePathFallsOutOfItsCompiledForm() throws InterruptedException {
        List<String> alarms = new CopyOnWriteArrayList<>();
        AtomicReference<Step> step = new AtomicReference<>(x -> x * 31 + 7);
        stop = false;
        Thread lcore = new Thread(() -> {
            long x = 1;
            while (!stop) {
                x = path(step.get(), x);
                laps++;
            }
            sink = x;
        }, "lcore-under-test");
        try (JitHealth health = new JitHealth(alarms::add); RecordingStream events = new RecordingStream()) {
            List<String> written = new CopyOnWriteArrayList<>();
            events.enable("dev.penstock.PathDeoptimized");
            events.onEvent("dev.penstock.PathDeoptimized", e -> written.add(e.getString("lcore")));
            events.startAsync();
            lcore.start();
            health.watch(lcore);
            assertFalse(health.status().healthy(), "not qualified yet");
            run(50_000);
            Thread.sleep(2500);
            health.qualify();
            assertTrue(health.status().healthy());
            run(20_000);
            Thread.sleep(1500);
            assertEquals(0, health.status().deoptimizations(), health.status().last());
            step.set(x -> x ^ 0x5bd1e995);
            // On a slow machine the event comes so late that another alarm was first, of a compiled form that is gone.
            while (alarms.stream().noneMatch(a -> a.contains("lcore-under-test left compiled code"))) {
                Thread.sleep(50);
            }
            assertTrue(health.status().deoptimizations() > 0);
            while (health.status().recompilations() == 0) {
                Thread.sleep(50);
            }
            assertTrue(health.status().compilations() > 0);
            while (written.isEmpty()) {
                Thread.sleep(50);
            }
            assertEquals("lcore-under-test", written.getFirst());
        } finally {
            stop = true;
            lcore.join();
        }
    }

    abstract static class Loadable {
        abstract long apply(long x);

        static final class One extends Loadable {
            @Override
            long apply(long x) {
                return x * 31 + 7;
            }
        }

        /** Not loaded before somebody asks for it. */
        static final class Other extends Loadable {
            @Override
            long apply(long x) {
                return x ^ 0x5bd1e995;
            }
        }
    }

    /** Compiled while there is one class of its kind. */
    private static long knowing(Loadable step, long x) {
        long sum = x;
        for (int i = 0; i < 1000; i++) {
            sum += step.apply(sum);
        }
        return sum;
    }

    @Test
    @Timeout(120)
    void shouldAlarmWhenAClassIsLoadedThatThePathWasNotCompiledFor() throws Exception {
        List<String> alarms = new CopyOnWriteArrayList<>();
        stop = false;
        Thread lcore = new Thread(() -> {
            Loadable step = new Loadable.One();
            long x = 1;
            while (!stop) {
                x = knowing(step, x);
                laps++;
            }
            sink = x;
        }, "lcore-under-test");
        try (JitHealth health = new JitHealth(alarms::add); RecordingStream events = new RecordingStream()) {
            AtomicLong thrownOut = new AtomicLong();
            events.enable("dev.penstock.PathHealth");
            events.onEvent("dev.penstock.PathHealth", e -> thrownOut.set(e.getLong("thrownOut")));
            events.startAsync();
            lcore.start();
            health.watch(lcore);
            run(50_000);
            while (!CompiledCode.inUse().containsValue(JitHealthTest.class.getName() + ".knowing")) {
                Thread.sleep(50);
            }
            health.qualify();
            Class.forName(Loadable.Other.class.getName());
            // One that names knowing, or, when the lcore's loop around it left its compiled form in the same second, that loop.
            while (alarms.stream().noneMatch(a -> a.contains("JitHealthTest."))) {
                Thread.sleep(50);
            }
            while (health.status().recompilations() == 0 || !health.status().healthy()) {
                Thread.sleep(50);
            }
            while (thrownOut.get() == 0) {
                Thread.sleep(50);
            }
            assertTrue(health.status().thrownOut() > 0);
        } finally {
            stop = true;
            lcore.join();
        }
    }

    private static void run(long more) throws InterruptedException {
        long target = laps + more;
        while (laps < target) {
            Thread.sleep(10);
        }
    }
}
