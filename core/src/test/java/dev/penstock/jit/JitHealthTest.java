package dev.penstock.jit;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicReference;
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
        try (JitHealth health = new JitHealth(alarms::add)) {
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
            while (alarms.isEmpty()) {
                Thread.sleep(50);
            }
            assertTrue(health.status().deoptimizations() > 0);
            assertTrue(alarms.getFirst().contains("lcore-under-test"), alarms.getFirst());
            while (health.status().recompilations() == 0) {
                Thread.sleep(50);
            }
            assertTrue(health.status().compilations() > 0);
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
