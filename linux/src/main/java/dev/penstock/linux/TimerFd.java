package dev.penstock.linux;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/** A timer of the kernel that wakes whoever waits for its descriptor (timerfd_create(2)); monotonic clock. */
public final class TimerFd implements AutoCloseable {
    private static final int CLOCK_MONOTONIC = 1;
    private static final int NONBLOCK = 0x800;
    private static final int CLOEXEC = 0x80000;
    private static final CFunction CREATE = new CFunction("timerfd_create");
    private static final CFunction SETTIME = new CFunction("timerfd_settime");

    private final Fd fd;
    private final MemorySegment taken = Arena.ofAuto().allocate(ValueLayout.JAVA_LONG);

    /** Makes one that is stopped. */
    public TimerFd() {
        fd = Fd.own(LinuxException.check(CREATE.call(CLOCK_MONOTONIC, NONBLOCK | CLOEXEC), "timerfd_create()"), "timerfd");
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
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment spec = arena.allocateFrom(ValueLayout.JAVA_LONG, periodNs / 1_000_000_000,
                    periodNs % 1_000_000_000, firstNs / 1_000_000_000, firstNs % 1_000_000_000);
            int r = SETTIME.call(spec, fd.value(), 0, spec.address(), 0);
            LinuxException.check(r, "timerfd_settime()");
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
