package dev.penstock.testkit;

import java.lang.management.ManagementFactory;

/** Bytes that the calling thread allocates on the Java heap. */
public final class Allocation {
    private static final com.sun.management.ThreadMXBean THREADS =
            (com.sun.management.ThreadMXBean) ManagementFactory.getThreadMXBean();

    private Allocation() {}

    /**
     * Runs a round of work in the calling thread again and again until a round allocates nothing. The JDK allocates a
     * little when it links a call for the first time, and when compiled code falls back to the interpreter; work that
     * allocates for each packet does so in every round.
     *
     * @param round what to run
     * @return the least number of bytes that a round allocated, over at most 400 rounds
     */
    public static long steadyBytesOf(Runnable round) {
        long least = Long.MAX_VALUE;
        for (int i = 0; i < 400 && least != 0; i++) {
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
