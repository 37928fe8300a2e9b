package dev.penstock.eal;

import java.lang.foreign.MemorySegment;

/**
 * A named, contiguous piece of off-heap memory that belongs to an {@link Eal} (DPDK: rte_memzone).
 *
 * @param name unique in its instance
 * @param segment the memory, bounded, alive until the instance is closed
 * @param pageBytes size of the pages behind it
 * @param socket the NUMA node it was asked for, or -1
 */
public record Memzone(String name, MemorySegment segment, long pageBytes, int socket) {}
