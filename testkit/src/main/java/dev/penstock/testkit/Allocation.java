package dev.penstock.testkit;

import java.lang.management.ManagementFactory;

/** Bytes that the calling thread allocates on the Java heap. */
public final class Allocation {
    private static final com.sun.management.ThreadMXBean THREADS =
            (com.sun.management.ThreadMXBean) ManagementFactory.getThreadMXBean();

    private static final int ROUNDS = 400;
    private static final long PATIENCE_NS = 30_000_000_000L;

    private Allocation() {}

    /**
     * Runs a round of work in the calling thread again and again until a round allocates nothing. The JDK allocates a
     * little when it links a call for the first time, and when compiled code falls back to the interpreter; work that
     * allocates for each packet does so in every round. On a busy machine the compiler may need longer than many rounds, so
     * time counts too.
     *
     * @param round what to run
     * @return the least number of bytes that a round allocated, over at least 400 rounds and half a minute when it never was 0
     */
    public static long steadyBytesOf(Runnable round) {
        long least = Long.MAX_VALUE;
        long end = System.nanoTime() + PATIENCE_NS;
        for (int i = 0; least != 0 && (i < ROUNDS || System.nanoTime() < end); i++) {
            least = Math.min(least, bytesOf(round));
        }
        return least;
    }

    /**
     * Runs a task once in the calling thread and counts.
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
