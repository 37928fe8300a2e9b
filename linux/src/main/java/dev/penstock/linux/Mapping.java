package dev.penstock.linux;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;

/**
 * A range of memory that mmap(2) mapped: anonymous, of huge pages, or of a file, memfd or device.
 *
 * <p>{@link #segment} is bounded to the range. After {@link #close} the segment is dead and any access through
 * it raises {@link IllegalStateException}; whoever kept the bare address must have stopped before.
 */
public final class Mapping implements AutoCloseable {
    /** Pages may be read. */
    public static final int PROT_READ = 1;
    /** Pages may be written. */
    public static final int PROT_WRITE = 2;
    /** Writes are seen by all who map the same file. */
    public static final int MAP_SHARED = 1;
    /** Writes stay in this process. */
    public static final int MAP_PRIVATE = 2;
    /** At this address, or fail if something is there. */
    public static final int MAP_FIXED_NOREPLACE = 0x100000;
    /** No file behind it. */
    public static final int MAP_ANONYMOUS = 0x20;
    /** Give the pages now rather than at first use. */
    public static final int MAP_POPULATE = 0x8000;
    /** Huge pages, of the size in the bits from {@link #MAP_HUGE_SHIFT}. */
    public static final int MAP_HUGETLB = 0x40000;
    /** Where the binary logarithm of a huge page's size stands in the flags. */
    public static final int MAP_HUGE_SHIFT = 26;

    /** Advice: use transparent huge pages. */
    public static final int MADV_HUGEPAGE = 14;
    /** Advice: use none. */
    public static final int MADV_NOHUGEPAGE = 15;
    /** Advice: leave this range out of a core dump. */
    public static final int MADV_DONTDUMP = 16;
    /** Advice: a child process does not inherit this range. */
    public static final int MADV_DONTFORK = 10;
    /** Advice: give all pages now, writable; an error rather than a signal if there are none (Linux 5.14). */
    public static final int MADV_POPULATE_WRITE = 23;

    /** Advice: make huge pages of these now (Linux 6.1). */
    private static final int MADV_COLLAPSE = 25;

    /** Memory policy: only from the nodes named. */
    public static final int MPOL_BIND = 2;
    /** Memory policy: from the node named, or from another when it has none. */
    public static final int MPOL_PREFERRED = 1;

    private static final long PAGE = 4096;
    private static final ValueLayout.OfLong LONG = ValueLayout.JAVA_LONG;
    private static final CFunction MMAP = new CFunction("mmap");
    private static final CFunction MADVISE = new CFunction("madvise");
    private static final CFunction MLOCK = new CFunction("mlock");
    private static final CFunction MUNMAP = new CFunction("munmap");

    private final Arena arena;
    private final MemorySegment segment;
    private final String what;

    private Mapping(Arena arena, MemorySegment segment, String what) {
        this.arena = arena;
        this.segment = segment;
        this.what = what;
    }

    /**
     * Maps private memory of ordinary pages, zeroed.
     *
     * @param bytes how much, rounded up to pages
     * @return the mapping
     */
    public static Mapping anonymous(long bytes) {
        return map(null, 0, bytes, 0, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS);
    }

    /**
     * Maps private memory of huge pages, zeroed and given at once, so that a lack shows here and not later.
     *
     * @param bytes how much, a multiple of the page's size
     * @param pageBytes the page's size, a power of two that the processor has, such as 2 MB or 1 GB
     * @return the mapping
     * @throws LinuxException {@link Errno#ENOMEM} if too few pages are reserved
     */
    public static Mapping hugePages(long bytes, long pageBytes) {
        if (bytes <= 0 || Long.bitCount(pageBytes) != 1 || bytes % pageBytes != 0) {
            throw new IllegalArgumentException(bytes + " bytes are not a number of huge pages of " + pageBytes);
        }
        return map(null, 0, bytes, 0, PROT_READ | PROT_WRITE,
                MAP_PRIVATE | MAP_ANONYMOUS | MAP_POPULATE | MAP_HUGETLB | hugeFlag(pageBytes));
    }

    /**
     * Maps a file, memfd or device, readable, writable and shared.
     *
     * @param fd the file; it may be closed afterwards
     * @param offset where in it to begin, a multiple of the page's size
     * @param bytes how much
     * @return the mapping
     */
    public static Mapping shared(Fd fd, long offset, long bytes) {
        return map(fd, offset, bytes, 0, PROT_READ | PROT_WRITE, MAP_SHARED);
    }

    /**
     * Maps a part of a file, readable, writable and shared, with the rest of the blocks that it lies in: part of a huge page could not be
     * unmapped.
     *
     * @param fd the file; it may be closed afterwards
     * @param offset where in it to begin, not negative and not so large that the sum overflows
     * @param bytes how much
     * @return the mapping, whose {@link #segment} is that part alone
     */
    public static Mapping part(Fd fd, long offset, long bytes) {
        long block = Math.max(PAGE, Integer.highestOneBit(fd.blockBytes()));
        long before = offset % block;
        Mapping whole = shared(fd, offset - before, (before + bytes + block - 1) / block * block);
        return new Mapping(whole.arena, whole.segment.asSlice(before, bytes), whole.what);
    }

    /**
     * Maps anything, as mmap(2).
     *
     * @param fd the file, or null for none
     * @param offset where in it to begin, in bytes
     * @param bytes how much
     * @param address where to, or 0 for anywhere; taken as a hint unless {@link #MAP_FIXED_NOREPLACE} is set
     * @param protection {@code PROT_} flags
     * @param flags {@code MAP_} flags; plain MAP_FIXED, which would replace what is there, is refused
     * @return the mapping
     * @throws LinuxException if the kernel refuses
     */
    public static Mapping map(Fd fd, long offset, long bytes, long address, int protection, int flags) {
        if (bytes <= 0) {
            throw new IllegalArgumentException("cannot map " + bytes + " bytes");
        }
        if ((flags & 0x10) != 0) {
            throw new IllegalArgumentException("MAP_FIXED could replace memory of the JVM; use MAP_FIXED_NOREPLACE");
        }
        String what = fd == null ? (flags & MAP_HUGETLB) != 0 ? "huge pages" : "anonymous" : fd.name();
        long at = MMAP.address(address, bytes, protection, flags, fd == null ? -1 : fd.value(), offset);
        LinuxException.check(at, "mmap(" + what + ", " + bytes + " bytes)", remedy(at, flags));
        Arena arena = Arena.ofShared();
        return new Mapping(arena, MemorySegment.ofAddress(at).reinterpret(bytes, arena,
                s -> unmap(s.address(), bytes)), what);
    }

    /**
     * The flag that chooses a size of huge page, for mmap and memfd_create alike.
     *
     * @param pageBytes the page's size, a power of two
     * @return its binary logarithm, shifted
     */
    public static int hugeFlag(long pageBytes) {
        return Long.numberOfTrailingZeros(pageBytes) << MAP_HUGE_SHIFT;
    }

    /** @return the memory, bounded, alive until {@link #close} */
    public MemorySegment segment() {
        return segment;
    }

    /** @return where it begins */
    public long address() {
        return segment.address();
    }

    /** @return its size in bytes */
    public long sizeBytes() {
        return segment.byteSize();
    }

    /**
     * Gives advice about the whole range, as madvise(2).
     *
     * @param advice a {@code MADV_} number
     * @throws LinuxException if the kernel does not know it, or cannot follow
     */
    public void advise(int advice) {
        int r = MADVISE.call(segment.address(), segment.byteSize(), advice);
        LinuxException.check(r, "madvise(" + what + ", " + advice + ")");
    }

    /**
     * Makes transparent huge pages of memory that is not from here, where the kernel can; else it stays as it is.
     *
     * @param memory outside of the heap, of whole ordinary pages
     * @return whether it now is in huge pages
     */
    public static boolean collapse(MemorySegment memory) {
        int r = 0;
        for (int advice : new int[] {MADV_HUGEPAGE, MADV_COLLAPSE}) {
            r = MADVISE.call(memory, memory.address(), memory.byteSize(), advice);
        }
        return r == 0;
    }

    /**
     * Keeps the whole range in memory, as mlock(2).
     *
     * @throws LinuxException if the limit of locked memory is too low
     */
    public void lock() {
        int r = MLOCK.call(segment.address(), segment.byteSize());
        LinuxException.check(r, "mlock(" + what + ")", "raise the limit: ulimit -l unlimited");
    }

    /**
     * Has the range's pages come from one NUMA node, as mbind(2); pages already given stay where they are.
     *
     * @param node the node, 0 to 63
     * @param policy {@link #MPOL_BIND} or {@link #MPOL_PREFERRED}
     * @throws LinuxException if there is no such node
     */
    public void bind(int node, int policy) {
        if (node < 0 || node > 63) {
            throw new IllegalArgumentException("NUMA node " + node + " is not in 0 to 63");
        }
        try (Arena local = Arena.ofConfined()) {
            MemorySegment mask = local.allocateFrom(LONG, 1L << node, 0L);
            int r = CFunction.SYSCALL.call(mask, MemorySegment.NULL, MemorySegment.NULL, SyscallNumber.MBIND.number(), segment.address(),
                    segment.byteSize(), policy, mask.address(), 65, 0);
            LinuxException.check(r, "mbind(" + what + ", node " + node + ")", r == -Errno.EINVAL ? "there is no such node" : "");
        }
    }

    /**
     * Unmaps the range; a second time does nothing.
     *
     * @throws IllegalStateException if a thread is in a call of the system that uses the range
     */
    @Override
    public void close() {
        if (arena.scope().isAlive()) {
            arena.close();
        }
    }

    @Override
    public String toString() {
        return "mapping of " + what + " at 0x" + Long.toHexString(address()) + ", " + sizeBytes() + " bytes";
    }

    private static String remedy(long result, int flags) {
        if (result == -Errno.ENOMEM && (flags & MAP_HUGETLB) != 0) {
            return "reserve huge pages: sysctl vm.nr_hugepages=N";
        }
        return result == -Errno.EPERM || result == -Errno.EAGAIN ? "raise the limit: ulimit -l unlimited" : "";
    }

    private static void unmap(long address, long bytes) {
        MUNMAP.call(address, bytes);
    }
}
