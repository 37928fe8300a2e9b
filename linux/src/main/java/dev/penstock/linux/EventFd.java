package dev.penstock.linux;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * A counter in the kernel that wakes whoever waits for its descriptor (eventfd(2)). Never blocks, also not where a peer has it too and
 * takes away the flag that says so.
 */
public final class EventFd implements AutoCloseable {
    private static final int NONBLOCK = 0x800;
    private static final int CLOEXEC = 0x80000;
    private static final int RWF_NOWAIT = 8;
    private static final CFunction EVENTFD = new CFunction("eventfd");
    private static final CFunction PREADV2 = new CFunction("preadv2");

    private final Fd fd;
    private final MemorySegment one = Arena.ofAuto().allocateFrom(ValueLayout.JAVA_LONG, 1);
    private final MemorySegment taken = Arena.ofAuto().allocate(ValueLayout.JAVA_LONG);
    /** The address and length of that. */
    private final MemorySegment vector = Arena.ofAuto().allocateFrom(ValueLayout.JAVA_LONG, taken.address(), taken.byteSize());
    private final Aio aio;

    /**
     * Makes one that counts 0.
     *
     * @throws LinuxException when there is no descriptor left for it, or for what all of them signal by
     */
    public EventFd() {
        this(make(), false);
    }

    private static Fd make() {
        return Fd.own(LinuxException.check(EVENTFD.call(0, NONBLOCK | CLOEXEC), "eventfd()"), "eventfd");
    }

    /**
     * Whether a descriptor is an eventfd: writing to another kind of file may wait, or do anything.
     *
     * @param fd what a peer passed
     * @return true when it is
     */
    public static boolean is(Fd fd) {
        try {
            return Files.readSymbolicLink(Path.of("/proc/self/fd/" + fd.value())).toString().startsWith("anon_inode:[eventfd]");
        } catch (IOException e) {
            return false;
        }
    }

    /**
     * Takes over one that a peer passed.
     *
     * @param fd the peer's eventfd; closed when this throws
     * @throws LinuxException when there is no descriptor left for what it is signalled by
     */
    public EventFd(Fd fd) {
        this(fd, true);
    }

    private EventFd(Fd fd, boolean waits) {
        this.fd = fd;
        try {
            if (waits) {
                fd.nonBlocking(true);
            }
            aio = Aio.isSupported() ? new Aio(fd) : null;
        } catch (LinuxException e) {
            fd.close();
            throw e;
        }
        if (aio == null) {
            Fd.linkForPollLoops();
        }
    }

    /**
     * Adds 1, and so wakes the waiter. Any thread may call; never allocates unless it fails.
     *
     * @return 0, also if the counter is full, or a negated error number
     */
    public int signal() {
        if (aio != null) {
            return aio.signal();
        }
        long r = fd.write(one, Long.BYTES);
        return r < 0 && r != -Errno.EAGAIN ? (int) r : 0;
    }

    /**
     * Reads the counter and sets it to 0. One thread at a time.
     *
     * @return how often it was signalled, 0 if not, or a negated error number
     */
    public long take() {
        long r;
        do {
            r = PREADV2.call(taken, vector, MemorySegment.NULL, fd.value(), vector.address(), 1, -1, RWF_NOWAIT, 0, 0);
        } while (r == -Errno.EINTR);
        if (r == -Errno.EOPNOTSUPP) {
            // a kernel before 5.8
            r = fd.read(taken);
        }
        return r == 8 ? taken.get(ValueLayout.JAVA_LONG, 0) : r == -Errno.EAGAIN ? 0 : r;
    }

    /** @return the descriptor, to be watched or passed to a peer */
    public Fd fd() {
        return fd;
    }

    @Override
    public void close() {
        fd.close();
    }
}
