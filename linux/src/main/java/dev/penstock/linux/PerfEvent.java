package dev.penstock.linux;

import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;

/** The perf_event_open(2) system call: counters of the processor and the kernel. */
public final class PerfEvent {
    private static final long FLAG_FD_CLOEXEC = 8;
    private static final MethodHandle OPEN = Native.syscall(SyscallNumber.PERF_EVENT_OPEN, FunctionDescriptor.of(
            ValueLayout.JAVA_LONG, ValueLayout.ADDRESS, ValueLayout.JAVA_INT, ValueLayout.JAVA_INT,
            ValueLayout.JAVA_INT, ValueLayout.JAVA_LONG));

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
        MemorySegment state = Native.state();
        try {
            long r = Native.result((long) OPEN.invokeExact(state, attributes, threadId, cpu, -1, FLAG_FD_CLOEXEC),
                    state);
            String remedy = switch ((int) -r) {
                case Errno.EACCES, Errno.EPERM -> "sysctl kernel.perf_event_paranoid=1";
                case Errno.ENOENT, Errno.EOPNOTSUPP -> "this machine has no such counter";
                default -> "";
            };
            return Fd.own((int) LinuxException.check(r, "perf_event_open()", remedy), "perf event");
        } catch (Throwable e) {
            throw Native.thrown(e);
        }
    }
}
