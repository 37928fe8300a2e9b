package dev.penstock.eal;

import dev.penstock.linux.Affinity;
import dev.penstock.linux.Platform;
import java.util.BitSet;

/**
 * Makes threads that run where the instance's starter may run. A thread made by an lcore would otherwise
 * inherit its one CPU, and disturb it.
 */
record Unpinned(BitSet cpus) {
    /** A daemon thread, not started. */
    Thread thread(String name, Runnable task) {
        Thread thread = new Thread(() -> {
            if (Platform.isLinux()) {
                Affinity.pin(cpus);
            }
            task.run();
        }, name);
        thread.setDaemon(true);
        return thread;
    }
}
