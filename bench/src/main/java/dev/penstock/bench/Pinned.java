package dev.penstock.bench;

import dev.penstock.linux.Affinity;
import java.util.function.Supplier;

/** Measurements in this process, on one processor. */
final class Pinned {
    private Pinned() {}

    /**
     * Does something on a thread of its own.
     *
     * @param <T> what comes out
     * @param cpu the processor
     * @param work what to do
     * @return its result
     * @throws InterruptedException when ended from outside
     */
    static <T> T on(int cpu, Supplier<T> work) throws InterruptedException {
        Object[] result = new Object[2];
        Thread thread = new Thread(() -> {
            Affinity.pin(cpu);
            try {
                result[0] = work.get();
            } catch (RuntimeException e) {
                result[1] = e;
            }
        }, "bench-" + cpu);
        thread.start();
        thread.join();
        if (result[1] != null) {
            throw new IllegalStateException("the measurement on processor " + cpu + " failed", (RuntimeException) result[1]);
        }
        @SuppressWarnings("unchecked")
        T made = (T) result[0];
        return made;
    }
}
