package dev.penstock.eal;

import java.lang.foreign.Arena;

/** One instance of the environment: its arguments, lcores and memory. Several may live in one process. */
public final class Eal implements AutoCloseable {
    private final Arena arena = Arena.ofShared();

    private Eal() {}

    /**
     * Starts an instance.
     *
     * @param args DPDK's EAL arguments
     * @return the instance
     */
    public static Eal start(String... args) {
        return new Eal();
    }

    /**
     * Reserves memory until {@link #close()}.
     *
     * @param name for people
     * @param bytes how much
     * @param align a power of two
     * @param socket NUMA node, or -1 for any
     * @return the zone
     */
    public Memzone reserve(String name, long bytes, long align, int socket) {
        return new Memzone(name, arena.allocate(bytes, align), 4096, socket);
    }

    @Override
    public void close() {
        arena.close();
    }
}
