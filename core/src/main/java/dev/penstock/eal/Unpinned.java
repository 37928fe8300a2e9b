package dev.penstock.eal;

import dev.penstock.linux.Affinity;
import dev.penstock.linux.Errno;
import dev.penstock.linux.LinuxException;
import dev.penstock.linux.Platform;
import java.io.File;
import java.util.BitSet;
import java.util.Set;

/**
 * Makes threads that run where the instance's starter may run. A thread made by an lcore would otherwise
 * inherit its one CPU, and disturb it.
 */
final class Unpinned {
    private static final File TASKS = new File("/proc/self/task");

    private volatile BitSet cpus;

    Unpinned(BitSet cpus) {
        this.cpus = cpus;
    }

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

    /**
     * Moves all threads of the process but some off some CPUs, and those that are made from now on.
     *
     * @param busy the CPUs
     * @param stay numbers of the threads that stay as they are
     * @return false when no CPU would be left for the others, or this system can't; nothing is changed then
     */
    boolean leave(BitSet busy, Set<Integer> stay) {
        BitSet rest = (BitSet) cpus.clone();
        rest.andNot(busy);
        String[] threads = Platform.isLinux() ? TASKS.list() : null;
        if (rest.isEmpty() || threads == null) {
            return false;
        }
        for (String thread : threads) {
            int id = Integer.parseInt(thread);
            try {
                if (!stay.contains(id)) {
                    Affinity.pin(id, rest);
                }
            } catch (LinuxException e) {
                if (e.errno() != Errno.ESRCH) {
                    throw e;
                }
            }
        }
        cpus = rest;
        return true;
    }
}
