package dev.penstock.linux;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Objects;

/**
 * Waits for many descriptors at once (epoll(7)). Any thread may add and remove; one thread at a time waits and
 * then reads the events. Waiting allocates nothing.
 */
public final class Epoll implements AutoCloseable {
    /** There is something to read. */
    public static final int EPOLLIN = 1;
    /** There is room to write. */
    public static final int EPOLLOUT = 4;
    /** Something went wrong; always reported. */
    public static final int EPOLLERR = 8;
    /** The peer hung up; always reported. */
    public static final int EPOLLHUP = 0x10;
    /** The peer will send no more. */
    public static final int EPOLLRDHUP = 0x2000;
    /** Report once, then be silent until modified. */
    public static final int EPOLLONESHOT = 1 << 30;
    /** Report changes, not states. */
    public static final int EPOLLET = 1 << 31;

    private static final int CTL_ADD = 1;
    private static final int CTL_DEL = 2;
    private static final int CTL_MOD = 3;
    private static final int CLOEXEC = 0x80000;

    /** {@code struct epoll_event} is packed on x86-64 and aligned elsewhere. */
    private static final int DATA = Platform.arch() == Platform.Arch.X86_64 ? 4 : 8;
    private static final int EVENT_BYTES = DATA + 8;

    private static final ValueLayout.OfInt EVENTS_WORD = ValueLayout.JAVA_INT_UNALIGNED;
    private static final ValueLayout.OfLong DATA_WORD = ValueLayout.JAVA_LONG_UNALIGNED;
    private static final CFunction CREATE = new CFunction("epoll_create1");
    private static final CFunction CTL = new CFunction("epoll_ctl");
    private static final CFunction WAIT = new CFunction("epoll_wait");

    private final Fd fd;
    private final MemorySegment buffer;
    private final int capacity;

    /**
     * Makes one that watches nothing.
     *
     * @param capacity how many events one wait may return, 1 to 65,536
     */
    public Epoll(int capacity) {
        if (capacity < 1 || capacity > 65536) {
            throw new IllegalArgumentException("epoll: 1 to 65536 events a wait, not " + capacity);
        }
        this.capacity = capacity;
        buffer = Arena.ofAuto().allocate((long) capacity * EVENT_BYTES, 8);
        fd = Fd.own(LinuxException.check(CREATE.call(CLOEXEC), "epoll_create1()"), "epoll");
    }

    /**
     * Watches a descriptor.
     *
     * @param watched the descriptor
     * @param events what for, {@code EPOLL} flags
     * @param data what {@link #data} shall return for it
     * @throws LinuxException {@link Errno#EEXIST} if it is watched, {@link Errno#EPERM} if it is an ordinary file
     */
    public void add(Fd watched, int events, long data) {
        control(CTL_ADD, watched, events, data);
    }

    /**
     * Changes what a descriptor is watched for.
     *
     * @param watched the descriptor
     * @param events what for
     * @param data what {@link #data} shall return for it
     */
    public void modify(Fd watched, int events, long data) {
        control(CTL_MOD, watched, events, data);
    }

    /**
     * Watches a descriptor no more. One that is closed everywhere is forgotten without this.
     *
     * @param watched the descriptor
     */
    public void remove(Fd watched) {
        control(CTL_DEL, watched, 0, 0);
    }

    /**
     * Waits for events.
     *
     * @param timeoutMs how long, 0 for not at all, -1 for ever
     * @return how many there are, 0 when the time passed or a signal came
     * @throws LinuxException if this was closed
     */
    public int await(int timeoutMs) {
        int r = WAIT.call(buffer, fd.value(), buffer.address(), capacity, timeoutMs);
        return r >= 0 ? r : r == -Errno.EINTR ? 0 : LinuxException.check(r, "epoll_wait()");
    }

    /**
     * What happened.
     *
     * @param index the event, 0 to {@link #await}'s result less one
     * @return {@code EPOLL} flags
     */
    public int events(int index) {
        Objects.checkIndex(index, capacity);
        return buffer.get(EVENTS_WORD, (long) index * EVENT_BYTES);
    }

    /**
     * Whom it happened to.
     *
     * @param index the event, 0 to {@link #await}'s result less one
     * @return the number given with {@link #add}
     */
    public long data(int index) {
        Objects.checkIndex(index, capacity);
        return buffer.get(DATA_WORD, (long) index * EVENT_BYTES + DATA);
    }

    /** @return the descriptor, which may itself be watched */
    public Fd fd() {
        return fd;
    }

    @Override
    public void close() {
        fd.close();
    }

    private void control(int operation, Fd watched, int events, long data) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment event = arena.allocate(EVENT_BYTES, 8);
            event.set(EVENTS_WORD, 0, events);
            event.set(DATA_WORD, DATA, data);
            int r = CTL.call(event, fd.value(), operation, watched.value(), event.address());
            LinuxException.check(r, "epoll_ctl(" + watched + ")");
        }
    }
}
