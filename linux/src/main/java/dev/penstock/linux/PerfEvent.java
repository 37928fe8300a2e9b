package dev.penstock.linux;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/** The perf_event_open(2) system call: counters of the processor and the kernel. */
public final class PerfEvent {
    /** Kind of event: what the processor counts. */
    public static final int TYPE_HARDWARE = 0;
    /** Kind of event: passes of a place in the kernel, whose number is its file {@code id} in tracefs. */
    public static final int TYPE_TRACEPOINT = 2;
    /** Of {@link #TYPE_HARDWARE}: cycles. */
    public static final int CPU_CYCLES = 0;

    private static final int ATTRIBUTES_BYTES = 64;
    private static final long FLAG_FD_CLOEXEC = 8;

    private PerfEvent() {}

    /**
     * Opens a counter.
     *
     * @param attributes {@code struct perf_event_attr}, with its size within, off-heap
     * @param threadId the thread to count, 0 for the calling one, -1 for all
     * @param cpu the processor to count on, -1 for any
     * @return the counter, to be read
     * @throws LinuxException if the machine has no such counter, or the process no privilege
     */
    public static Fd open(MemorySegment attributes, int threadId, int cpu) {
        int r = CFunction.SYSCALL.call(attributes, MemorySegment.NULL, MemorySegment.NULL, SyscallNumber.PERF_EVENT_OPEN.number(),
                attributes.address(), threadId, cpu, -1, FLAG_FD_CLOEXEC, 0);
        String remedy = switch (-r) {
            case Errno.EACCES, Errno.EPERM -> "sysctl kernel.perf_event_paranoid=1";
            case Errno.ENOENT, Errno.EOPNOTSUPP -> "this machine has no such counter";
            default -> "";
        };
        return Fd.own((int) LinuxException.check(r, "perf_event_open()", remedy), "perf event");
    }

    /**
     * Opens a counter that runs from now on.
     *
     * @param type a {@code TYPE_} number
     * @param config which event of that kind
     * @param threadId the thread to count, 0 for the calling one, -1 for all
     * @param cpu the processor to count on, -1 for any
     * @return the counter, to be read with {@link #value}
     * @throws LinuxException if the machine has no such counter, or the process no privilege
     */
    public static Fd counter(int type, long config, int threadId, int cpu) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment attributes = arena.allocate(ATTRIBUTES_BYTES, 8);
            attributes.set(ValueLayout.JAVA_INT, 0, type);
            attributes.set(ValueLayout.JAVA_INT, 4, ATTRIBUTES_BYTES);
            attributes.set(ValueLayout.JAVA_LONG, 8, config);
            return open(attributes, threadId, cpu);
        }
    }

    /**
     * Reads a counter.
     *
     * @param counter from {@link #counter}
     * @return the count since it was opened
     */
    public static long value(Fd counter) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment value = arena.allocate(ValueLayout.JAVA_LONG);
            LinuxException.check(counter.read(value), "read(" + counter.name() + ")", "");
            return value.get(ValueLayout.JAVA_LONG, 0);
        }
    }
}
