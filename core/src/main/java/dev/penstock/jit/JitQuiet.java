package dev.penstock.jit;

import java.lang.management.CompilationMXBean;
import java.lang.management.ManagementFactory;
import java.time.Duration;

/** Tells when the JIT has nothing to do: while a path is warmed up, that is when it runs compiled. Needs module java.management. */
public final class JitQuiet {
    private static final long STEP_MS = 5;

    private JitQuiet() {}

    /**
     * Waits, on any thread but those that warm up, until nothing has been compiled for a while.
     *
     * @param quiet for how long; 50 ms tell enough for a path that is polled without pause
     * @param limit after which it gives up
     * @return false when it gave up or was interrupted; the interrupt is kept
     */
    public static boolean await(Duration quiet, Duration limit) {
        CompilationMXBean compiler = ManagementFactory.getCompilationMXBean();
        if (compiler == null || !compiler.isCompilationTimeMonitoringSupported()) {
            return false;
        }
        long begun = System.nanoTime();
        long since = begun;
        long before = compiler.getTotalCompilationTime();
        try {
            while (System.nanoTime() - begun < limit.toNanos()) {
                Thread.sleep(STEP_MS);
                long now = compiler.getTotalCompilationTime();
                if (now != before) {
                    before = now;
                    since = System.nanoTime();
                } else if (System.nanoTime() - since >= quiet.toNanos()) {
                    return true;
                }
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        return false;
    }
}
