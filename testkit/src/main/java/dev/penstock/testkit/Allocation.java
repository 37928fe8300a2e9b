package dev.penstock.testkit;

import java.lang.management.ManagementFactory;

/** Bytes that the calling thread allocates on the Java heap. */
public final class Allocation {
    private static final com.sun.management.ThreadMXBean THREADS =
            (com.sun.management.ThreadMXBean) ManagementFactory.getThreadMXBean();

    private Allocation() {}

    /**
     * Runs a task in the calling thread and counts.
     *
     * @param task what to run
     * @return bytes allocated meanwhile
     */
    public static long bytesOf(Runnable task) {
        long before = THREADS.getCurrentThreadAllocatedBytes();
        long empty = THREADS.getCurrentThreadAllocatedBytes() - before;
        before = THREADS.getCurrentThreadAllocatedBytes();
        task.run();
        return Math.max(0, THREADS.getCurrentThreadAllocatedBytes() - before - empty);
    }
}
