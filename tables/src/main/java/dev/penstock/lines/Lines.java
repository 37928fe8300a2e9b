package dev.penstock.lines;

import dev.penstock.linux.Mapping;
import dev.penstock.linux.Platform;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.VarHandle;

/**
 * Zeroed memory outside of the heap that begins at the border of a cache line, which an array does not: what fills a line is then one
 * miss of the cache and not two. In huge pages when there is much of it. It goes when nobody can reach it any more.
 */
public final class Lines {
    /** Bytes of a line. */
    public static final int LINE = 64;
    /** Bytes after which something is in no line that is fetched with the first: a processor fetches pairs of them. */
    public static final int APART = 2 * LINE;
    /** Bytes that a processor's second cache holds, beside others: the wait for them is short. */
    public static final int CACHED = 1 << 19;
    /** An int: coordinates are the memory and an offset that is a multiple of 4. */
    public static final VarHandle INT = ValueLayout.JAVA_INT.varHandle();
    /** A long: coordinates are the memory and an offset that is a multiple of 8. */
    public static final VarHandle LONG = ValueLayout.JAVA_LONG.varHandle();

    /** From here on, half a huge page, it pays to have one. */
    private static final long LARGE = 1 << 20;
    private static final long HUGE_PAGE = 2 << 20;

    private Lines() {}

    /**
     * Takes memory.
     *
     * @param bytes how much
     * @return it
     */
    public static MemorySegment of(long bytes) {
        if (bytes < LARGE || !Platform.isLinux()) {
            return Arena.ofAuto().allocate(bytes, LINE);
        }
        MemorySegment memory = Arena.ofAuto().allocate(bytes + HUGE_PAGE - 1 & -HUGE_PAGE, HUGE_PAGE);
        Mapping.collapse(memory);
        return memory;
    }
}
