package dev.penstock.linux;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;

/** A timer of the kernel that wakes whoever waits for its descriptor (timerfd_create(2)); monotonic clock. */
public final class TimerFd implements AutoCloseable {
    private static final int CLOCK_MONOTONIC = 1;
    private static final int NONBLOCK = 0x800;
    private static final int CLOEXEC = 0x80000;
    private static final ValueLayout.OfInt INT = ValueLayout.JAVA_INT;
    private static final MethodHandle CREATE = Native.function("timerfd_create", FunctionDescriptor.of(INT, INT, INT));
    private static final MethodHandle SETTIME = Native.function("timerfd_settime",
            FunctionDescriptor.of(INT, INT, INT, ValueLayout.ADDRESS, ValueLayout.ADDRESS));

    private final Fd fd;
    private final MemorySegment taken = Arena.ofAuto().allocate(ValueLayout.JAVA_LONG);

    /** Makes one that is stopped. */
    public TimerFd() {
        MemorySegment state = Native.state();
        try {
            fd = Fd.own(LinuxException.check(Native.result((int) CREATE.invokeExact(state, CLOCK_MONOTONIC,
                    NONBLOCK | CLOEXEC), state), "timerfd_create()"), "timerfd");
        } catch (Throwable e) {
            throw Native.thrown(e);
        }
    }

    /**
     * Starts or stops it.
     *
     * @param firstNs when it goes off first, in nanoseconds from now; 0 stops it
     * @param periodNs how long after that again and again, 0 for never
     */
    public void start(long firstNs, long periodNs) {
        if (firstNs < 0 || periodNs < 0) {
            throw new IllegalArgumentException("a timer cannot start in " + firstNs + " ns every " + periodNs + " ns");
        }
        MemorySegment state = Native.state();
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment spec = arena.allocateFrom(ValueLayout.JAVA_LONG, periodNs / 1_000_000_000,
                    periodNs % 1_000_000_000, firstNs / 1_000_000_000, firstNs % 1_000_000_000);
            int r = Native.result((int) SETTIME.invokeExact(state, fd.value(), 0, spec, MemorySegment.NULL), state);
            LinuxException.check(r, "timerfd_settime()");
        } catch (Throwable e) {
            throw Native.thrown(e);
        }
    }

    /**
     * How often it has gone off since the last call. Never blocks. One thread at a time.
     *
     * @return the number, 0 if not once, or a negated error number
     */
    public long take() {
        long r = fd.read(taken);
        return r == 8 ? taken.get(ValueLayout.JAVA_LONG, 0) : r == -Errno.EAGAIN ? 0 : r;
    }

    /** @return the descriptor, to be watched */
    public Fd fd() {
        return fd;
    }

    @Override
    public void close() {
        fd.close();
    }
}
