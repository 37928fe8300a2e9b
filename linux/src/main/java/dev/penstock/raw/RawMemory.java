package dev.penstock.raw;

import java.lang.foreign.MemorySegment;

/**
 * The whole address space as one segment, so that the JIT folds its bounds to constants.
 *
 * <p>Exported to two modules: in core the mbuf package alone uses it, which checks every access against the packet's own
 * length; in tables class Block alone, whose offsets are masked. Whoever else needs off-heap memory takes a bounded segment.
 */
public final class RawMemory {
    /** Starts at address 0 and ends at the largest address; alive as long as the process. */
    public static final MemorySegment ALL = MemorySegment.NULL.reinterpret(Long.MAX_VALUE);

    private RawMemory() {}
}
