package dev.penstock.eal;

import dev.penstock.linux.Fd;
import java.lang.foreign.MemorySegment;

/**
 * Memory of an {@link Eal} that a peer process can map too.
 *
 * @param segment the memory, in which zones and so packets lie
 * @param file what the peer maps, from offset 0; stays the instance's
 */
public record SharedMemory(MemorySegment segment, Fd file) {}
