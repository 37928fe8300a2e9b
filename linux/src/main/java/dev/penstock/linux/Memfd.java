package dev.penstock.linux;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/**
 * Files that live in memory and have no path, to be mapped and handed to a peer process (memfd_create(2)).
 * They vanish with their last descriptor and mapping, also when the process is killed.
 */
public final class Memfd {
    /** Seal: no more seals. */
    public static final int F_SEAL_SEAL = 1;
    /** Seal: the file does not shrink, so that a peer's mapping never faults. */
    public static final int F_SEAL_SHRINK = 2;
    /** Seal: the file does not grow. */
    public static final int F_SEAL_GROW = 4;
    /** Seal: nobody writes; refused while a writable mapping exists. */
    public static final int F_SEAL_WRITE = 8;

    private static final int F_ADD_SEALS = 1033;
    private static final int F_GET_SEALS = 1034;
    private static final int MFD_CLOEXEC = 1;
    private static final int MFD_ALLOW_SEALING = 2;
    private static final int MFD_HUGETLB = 4;
    private static final CFunction MEMFD_CREATE = new CFunction("memfd_create");

    private Memfd() {}

    /**
     * Makes a file of ordinary pages that may be sealed.
     *
     * @param name its name in {@code /proc/self/maps}; need not be unique
     * @param bytes its size
     * @return its owner
     */
    public static Fd create(String name, long bytes) {
        return create(name, bytes, 0);
    }

    /**
     * Makes a file of huge pages that may be sealed. Pages are taken when it is mapped and touched.
     *
     * @param name its name in {@code /proc/self/maps}; need not be unique
     * @param bytes its size, a multiple of the page's size
     * @param pageBytes the page's size, a power of two, such as 2 MB or 1 GB
     * @return its owner
     * @throws LinuxException if the processor has no such pages
     */
    public static Fd createHuge(String name, long bytes, long pageBytes) {
        if (bytes <= 0 || Long.bitCount(pageBytes) != 1 || bytes % pageBytes != 0) {
            throw new IllegalArgumentException(bytes + " bytes are not a number of huge pages of " + pageBytes);
        }
        return create(name, bytes, MFD_HUGETLB | Mapping.hugeFlag(pageBytes));
    }

    /**
     * Adds seals to a memfd; they can never be taken off.
     *
     * @param fd the memfd
     * @param seals {@code F_SEAL_} flags
     */
    public static void seal(Fd fd, int seals) {
        fd.fcntl(F_ADD_SEALS, seals);
    }

    /**
     * The seals of a memfd.
     *
     * @param fd the memfd
     * @return {@code F_SEAL_} flags
     * @throws LinuxException {@link Errno#EINVAL} if it is not a memfd
     */
    public static int seals(Fd fd) {
        return fd.fcntl(F_GET_SEALS, 0);
    }

    private static Fd create(String name, long bytes, int flags) {
        Fd fd;
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment text = Native.string(arena, name);
            int r = MEMFD_CREATE.call(text, text.address(), flags | MFD_CLOEXEC | MFD_ALLOW_SEALING);
            fd = Fd.own(LinuxException.check(r, "memfd_create(" + name + ")"), "memfd:" + name);
        }
        try {
            fd.truncate(bytes);
            return fd;
        } catch (LinuxException e) {
            fd.close();
            throw e;
        }
    }
}
