package dev.penstock.linux;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.BitSet;

/** Which processors a thread may run on (sched_setaffinity(2)). Platform threads only. */
public final class Affinity {
    private static final int MASK_BYTES = 1024;
    private static final CFunction SETAFFINITY = new CFunction("sched_setaffinity");
    private static final CFunction GETAFFINITY = new CFunction("sched_getaffinity");
    private static final CFunction GETCPU = new CFunction("sched_getcpu");
    private static final CFunction GETTID = new CFunction("gettid");

    private Affinity() {}

    /**
     * Pins the calling thread.
     *
     * @param cpus the processors that it may run on
     * @throws LinuxException {@link Errno#EINVAL} if none of them is on line and in the thread's cpuset
     */
    public static void pin(BitSet cpus) {
        pin(0, cpus);
    }

    /**
     * Pins another thread of this process.
     *
     * @param threadId the kernel's number of it, as in /proc/self/task; 0 is the calling thread
     * @param cpus the processors that it may run on
     * @throws LinuxException {@link Errno#EINVAL} if none of them is on line and in the thread's cpuset,
     *         {@link Errno#ESRCH} if there is no such thread
     */
    public static void pin(int threadId, BitSet cpus) {
        if (cpus.isEmpty() || cpus.length() > MASK_BYTES * 8) {
            throw new IllegalArgumentException("cannot pin a thread to processors " + cpus);
        }
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment mask = arena.allocate(MASK_BYTES, 8);
            for (int cpu = cpus.nextSetBit(0); cpu >= 0; cpu = cpus.nextSetBit(cpu + 1)) {
                long word = (cpu >>> 6) * 8L;
                mask.set(ValueLayout.JAVA_LONG, word, mask.get(ValueLayout.JAVA_LONG, word) | 1L << cpu);
            }
            int r = SETAFFINITY.call(mask, threadId, MASK_BYTES, mask.address());
            LinuxException.check(r, "sched_setaffinity(" + cpus + ")", r == -Errno.EINVAL
                    ? "choose processors that are on line and in this process's cpuset: " + cpus() : "");
        }
    }

    /**
     * Pins the calling thread to one processor.
     *
     * @param cpu its number
     */
    public static void pin(int cpu) {
        BitSet set = new BitSet();
        set.set(cpu);
        pin(set);
    }

    /** @return the processors that the calling thread may run on */
    public static BitSet cpus() {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment mask = arena.allocate(MASK_BYTES, 8);
            int r = GETAFFINITY.call(mask, 0, MASK_BYTES, mask.address());
            LinuxException.check(r, "sched_getaffinity()");
            return BitSet.valueOf(mask.toArray(ValueLayout.JAVA_LONG));
        }
    }

    /** @return the processor that the calling thread runs on now */
    public static int cpu() {
        return LinuxException.check(GETCPU.call(0), "sched_getcpu()");
    }

    /** @return the kernel's number of the calling thread */
    public static int threadId() {
        return LinuxException.check(GETTID.call(0), "gettid()");
    }
}
