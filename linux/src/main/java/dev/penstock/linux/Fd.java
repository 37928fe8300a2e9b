package dev.penstock.linux;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.util.Objects;
import java.util.Set;

/**
 * A file descriptor and its owner: closing this closes it.
 *
 * <p>Calls that a poll loop makes ({@link #read}, {@link #write} and their positioned forms) return a count
 * or a negated error number and never throw for an error of the system. All others throw
 * {@link LinuxException}. All are made again when a signal interrupted them. Buffers must be off-heap.
 * Any thread may call; a thread must not use a descriptor while another closes it.
 */
public final class Fd implements AutoCloseable {
    /** Open for reading. */
    public static final int O_RDONLY = 0;
    /** Open for writing. */
    public static final int O_WRONLY = 1;
    /** Open for both. */
    public static final int O_RDWR = 2;
    /** Make the file if it is missing. */
    public static final int O_CREAT = 0x40;
    /** Fail if the file is there. */
    public static final int O_EXCL = 0x80;
    /** Cut the file to nothing. */
    public static final int O_TRUNC = 0x200;
    /** Return {@link Errno#EAGAIN} rather than wait. */
    public static final int O_NONBLOCK = 0x800;
    /** Close on exec: always set by this class. */
    public static final int O_CLOEXEC = 0x80000;

    private static final int AT_EMPTY_PATH = 0x1000;
    private static final int STATX_SIZE = 0x200;
    private static final int STATX_BYTES = 256;
    private static final int STATX_BLOCK_OFFSET = 4;
    private static final int STATX_SIZE_OFFSET = 40;
    private static final int STATFS_BYTES = 120;
    /** File systems of processes (FUSE) and of other machines (NFS, SMB, 9P, Ceph), as statfs(2) numbers them. */
    private static final Set<Long> REMOTE = Set.of(0x65735546L, 0x6969L, 0x517bL, 0xff534d42L, 0xfe534d42L, 0x01021997L, 0x00c36400L);
    private static final int LOCK_EX = 2;
    private static final int LOCK_NB = 4;
    private static final int F_GETFL = 3;
    private static final int F_SETFL = 4;
    private static final ValueLayout.OfInt INT = ValueLayout.JAVA_INT;
    private static final ValueLayout.OfLong LONG = ValueLayout.JAVA_LONG;
    private static final CFunction OPEN = new CFunction("open");
    private static final CFunction CLOSE = new CFunction("close");
    private static final CFunction READ = new CFunction("read");
    private static final CFunction WRITE = new CFunction("write");
    private static final CFunction IOCTL = new CFunction("ioctl");
    private static final CFunction FCNTL = new CFunction("fcntl");
    private static final CFunction FLOCK = new CFunction("flock");
    private static final CFunction FTRUNCATE = new CFunction("ftruncate");
    private static final CFunction FALLOCATE = new CFunction("fallocate");
    private static final CFunction POLL = new CFunction("poll");
    private static final CFunction STATX = new CFunction("statx");
    private static final CFunction FSTATFS = new CFunction("fstatfs");
    private static final CFunction PREAD = new CFunction("pread");
    private static final CFunction PWRITE = new CFunction("pwrite");

    private final String name;
    private int value;

    private Fd(int value, String name) {
        this.value = value;
        this.name = name;
    }

    /**
     * Takes over a descriptor that a call of the system returned.
     *
     * @param value the descriptor
     * @param name what it is, for messages, such as {@code /dev/net/tun}
     * @return its owner
     * @throws IllegalArgumentException if {@code value} is negative
     */
    public static Fd own(int value, String name) {
        if (value < 0) {
            throw new IllegalArgumentException("not a file descriptor: " + value + " (" + name + ")");
        }
        return new Fd(value, name);
    }

    /**
     * Opens a file or device, as open(2), with mode 0600 if it makes one.
     *
     * @param path its path
     * @param flags {@code O_} flags
     * @return its owner
     * @throws LinuxException if it cannot be opened
     */
    public static Fd open(String path, int flags) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment text = Native.string(arena, path);
            int r;
            do {
                r = OPEN.call(text, text.address(), flags | O_CLOEXEC, 0600);
            } while (r == -Errno.EINTR);
            String remedy = switch (-r) {
                case Errno.EACCES, Errno.EPERM -> "run as root, or give this user the right to " + path;
                case Errno.ENOENT -> (flags & O_CREAT) == 0 ? "there is no " + path
                        : "the folder is not there: mkdir -p " + path.substring(0, Math.max(1, path.lastIndexOf('/')));
                default -> "";
            };
            return new Fd((int) LinuxException.check(r, "open(" + path + ")", remedy), path);
        }
    }

    /** Has what poll loops call linked now, which takes some milliseconds, rather than when the first packet comes. */
    static void linkForPollLoops() {
        Plain.link();
    }

    /** @return the number, or -1 once closed */
    public int value() {
        return value;
    }

    /** @return what it is, for messages */
    public String name() {
        return name;
    }

    /**
     * Reads, as read(2).
     *
     * @param into where to
     * @return the number of bytes, 0 at the end, or a negated error number
     */
    public long read(MemorySegment into) {
        long r;
        do {
            r = READ.call(into, value, into.address(), into.byteSize());
        } while (r == -Errno.EINTR);
        return r;
    }

    /**
     * Writes, as write(2).
     *
     * @param from what
     * @return the number of bytes written, or a negated error number
     */
    public long write(MemorySegment from) {
        long r;
        do {
            r = WRITE.call(from, value, from.address(), from.byteSize());
        } while (r == -Errno.EINTR);
        return r;
    }

    /**
     * Writes the first bytes of a buffer, as write(2), for poll loops: never allocates unless it fails.
     *
     * @param from what
     * @param bytes how many of it
     * @return the number of bytes written, or a negated error number
     */
    public long write(MemorySegment from, long bytes) {
        Objects.checkFromIndexSize(0, bytes, from.byteSize());
        long r = Plain.write(value, from, bytes);
        // what failed has written nothing, so to learn why it is done again
        return r >= 0 ? r : write(from.asSlice(0, bytes));
    }

    /**
     * Reads, as read(2), for poll loops that do not care why nothing came: never allocates.
     *
     * @param into where to
     * @return the number of bytes, 0 at the end, or -1
     */
    public long readOrNothing(MemorySegment into) {
        return Plain.read(value, into, into.byteSize());
    }

    /**
     * Reads at an offset, as pread(2).
     *
     * @param into where to
     * @param offset where in the file, in bytes
     * @return the number of bytes, 0 at the end, or a negated error number
     */
    public long pread(MemorySegment into, long offset) {
        long r;
        do {
            r = PREAD.call(into, value, into.address(), into.byteSize(), offset);
        } while (r == -Errno.EINTR);
        return r;
    }

    /**
     * Writes at an offset, as pwrite(2).
     *
     * @param from what
     * @param offset where in the file, in bytes
     * @return the number of bytes written, or a negated error number
     */
    public long pwrite(MemorySegment from, long offset) {
        long r;
        do {
            r = PWRITE.call(from, value, from.address(), from.byteSize(), offset);
        } while (r == -Errno.EINTR);
        return r;
    }

    /**
     * Controls a device with a structure, as ioctl(2).
     *
     * @param request the request's number
     * @param argument the structure, read or written by the kernel; it must be as long as the request says
     * @return the call's result, 0 for most
     * @throws LinuxException if the device refuses
     */
    public int ioctl(long request, MemorySegment argument) {
        int r = tryIoctl(request, argument);
        return r >= 0 ? r : LinuxException.check(r, "ioctl(" + name + ", 0x" + Long.toHexString(request) + ")");
    }

    /**
     * Controls a device with a structure, as ioctl(2), where a refusal is an answer.
     *
     * @param request the request's number
     * @param argument the structure, read or written by the kernel; it must be as long as the request says
     * @return the call's result, or a negated error number
     */
    public int tryIoctl(long request, MemorySegment argument) {
        int r;
        do {
            r = IOCTL.call(argument, value, request, argument.address());
        } while (r == -Errno.EINTR);
        return r;
    }

    /**
     * Controls a device with a number, as ioctl(2).
     *
     * @param request the request's number
     * @param argument the number; never an address
     * @return the call's result, 0 for most
     * @throws LinuxException if the device refuses
     */
    public int ioctl(long request, long argument) {
        int r;
        do {
            r = IOCTL.call(value, request, argument);
        } while (r == -Errno.EINTR);
        return r >= 0 ? r : LinuxException.check(r, "ioctl(" + name + ", 0x" + Long.toHexString(request) + ")");
    }

    /**
     * Makes reads and writes return {@link Errno#EAGAIN} rather than wait, or wait again.
     *
     * @param on whether not to wait
     */
    public void nonBlocking(boolean on) {
        int flags = fcntl(F_GETFL, 0);
        fcntl(F_SETFL, on ? flags | O_NONBLOCK : flags & ~O_NONBLOCK);
    }

    /**
     * Controls the descriptor, as fcntl(2).
     *
     * @param command the command's number, such as {@code F_ADD_SEALS}
     * @param argument its argument; never an address
     * @return the call's result
     * @throws LinuxException if the kernel refuses
     */
    public int fcntl(int command, int argument) {
        int r = FCNTL.call(value, command, argument);
        return LinuxException.check(r, "fcntl(" + name + ", " + command + ", " + argument + ")");
    }

    /** @return the file's size in bytes */
    public long sizeBytes() {
        try (Arena arena = Arena.ofConfined()) {
            return statx(arena).get(LONG, STATX_SIZE_OFFSET);
        }
    }

    /** @return the size of the file's blocks in bytes; of a file of huge pages, a page's */
    public int blockBytes() {
        try (Arena arena = Arena.ofConfined()) {
            return statx(arena).get(ValueLayout.JAVA_INT, STATX_BLOCK_OFFSET);
        }
    }

    /**
     * Whether another process or machine gives the file's pages, when it likes or never: who touches a mapping waits for that, and
     * with a Java thread that can't go on to its next safepoint all others.
     *
     * @return true for files of FUSE and of network file systems
     */
    public boolean isRemote() {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment statfs = arena.allocate(STATFS_BYTES, 8);
            int r = FSTATFS.call(statfs, value, statfs.address());
            LinuxException.check(r, "fstatfs(" + name + ")");
            return REMOTE.contains(statfs.get(LONG, 0) & 0xffff_ffffL);
        }
    }

    /**
     * Locks the file, as flock(2), until this is closed or the process ends, against whoever else opens it and asks.
     *
     * @return false when somebody else has the lock
     * @throws LinuxException if the file can't be locked
     */
    public boolean tryLock() {
        int r;
        do {
            r = FLOCK.call(value, LOCK_EX | LOCK_NB);
        } while (r == -Errno.EINTR);
        if (r != -Errno.EAGAIN) {
            LinuxException.check(r, "flock(" + name + ")");
        }
        return r == 0;
    }

    private MemorySegment statx(Arena arena) {
        MemorySegment statx = arena.allocate(STATX_BYTES, 8);
        MemorySegment path = Native.string(arena, "");
        int r = STATX.call(statx, value, path.address(), AT_EMPTY_PATH, STATX_SIZE, statx.address());
        LinuxException.check(r, "statx(" + name + ")");
        return statx;
    }

    /**
     * Cuts or grows the file.
     *
     * @param bytes its size to be
     */
    public void truncate(long bytes) {
        int r;
        do {
            r = FTRUNCATE.call(value, bytes);
        } while (r == -Errno.EINTR);
        LinuxException.check(r, "ftruncate(" + name + ", " + bytes + ")", r == -Errno.ENOMEM
                ? "reserve huge pages: sysctl vm.nr_hugepages=N" : "");
    }

    /**
     * Has the file's first bytes on the disk, as they are or zero, as fallocate(2): who writes to a mapping of a file with holes gets
     * an error of the memory when the disk is full. File systems that know no such thing are left as they are.
     *
     * @param bytes how many; the file is made so long if it is shorter
     * @throws LinuxException when there is no room
     */
    public void allocate(long bytes) {
        int r;
        do {
            r = FALLOCATE.call(value, 0, 0, bytes);
        } while (r == -Errno.EINTR);
        if (r != -Errno.EOPNOTSUPP) {
            LinuxException.check(r, "fallocate(" + name + ", " + bytes + ")", r == -Errno.ENOSPC ? "make room on the disk" : "");
        }
    }

    /**
     * Waits until it is ready, as poll(2). A loop that waits often keeps an {@link Epoll} instead.
     *
     * @param events what for, {@link Epoll#EPOLLIN} and its like
     * @param timeoutMs how long, 0 for not at all, -1 for ever
     * @return what it is ready for, 0 when the time passed or a signal came
     */
    public int poll(int events, int timeoutMs) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment pollfd = arena.allocate(8, 4);
            pollfd.set(INT, 0, value);
            pollfd.set(ValueLayout.JAVA_SHORT, 4, (short) events);
            int r = POLL.call(pollfd, pollfd.address(), 1, timeoutMs);
            if (r < 0 && r != -Errno.EINTR) {
                LinuxException.check(r, "poll(" + name + ")");
            }
            return r <= 0 ? 0 : pollfd.get(ValueLayout.JAVA_SHORT, 6) & 0xffff;
        }
    }

    /** Closes it; a second time does nothing. */
    @Override
    public void close() {
        int closing;
        synchronized (this) {
            closing = value;
            value = -1;
        }
        if (closing >= 0) {
            closeNumber(closing);
        }
    }

    @Override
    public String toString() {
        return name + " (fd " + value + ")";
    }

    private static void closeNumber(int number) {
        CLOSE.call(number);
    }

    /** For poll loops: {@link Native#plain}. */
    private static final class Plain {
        private static final FunctionDescriptor TRANSFER = FunctionDescriptor.of(LONG, INT, ValueLayout.ADDRESS, LONG);
        private static final MethodHandle READ = Native.plain("read", TRANSFER);
        private static final MethodHandle WRITE = Native.plain("write", TRANSFER);

        /** Links them by being the class's first call. */
        static void link() {}

        static long read(int fd, MemorySegment into, long bytes) {
            try {
                return (long) READ.invokeExact(fd, into, bytes);
            } catch (Throwable e) {
                throw Native.thrown(e);
            }
        }

        static long write(int fd, MemorySegment from, long bytes) {
            try {
                return (long) WRITE.invokeExact(fd, from, bytes);
            } catch (Throwable e) {
                throw Native.thrown(e);
            }
        }
    }
}
