package dev.penstock.linux;

/**
 * Makes other threads pass a memory barrier (membarrier(2), MEMBARRIER_CMD_PRIVATE_EXPEDITED, Linux 4.14), so that a thread
 * that works all the time needs none of its own against one that comes once in a while.
 */
public final class Membarrier {
    private static final int QUERY = 0;
    private static final int PRIVATE_EXPEDITED = 1 << 3;
    private static final int REGISTER_PRIVATE_EXPEDITED = 1 << 4;
    private static final boolean SUPPORTED = Platform.isLinux() && isKnown();

    private Membarrier() {}

    /** @return whether {@link #allThreads} works here; false on other systems, on old kernels, and where a filter forbids it */
    public static boolean isSupported() {
        return SUPPORTED;
    }

    /**
     * Tells the kernel that this process will call {@link #allThreads}, which takes it some 10 ms. Who does not makes the first of those
     * calls take as long.
     *
     * @throws LinuxException when the kernel refuses
     * @throws NotLinuxException on any other system
     */
    public static void prepare() {
        LinuxException.check(call(REGISTER_PRIVATE_EXPEDITED), "membarrier(REGISTER_PRIVATE_EXPEDITED)");
    }

    /**
     * Returns after each running thread of this process has passed a full memory barrier between the call and the
     * return. Takes some 10 &micro;s.
     *
     * @throws LinuxException when the kernel refuses
     * @throws NotLinuxException on any other system
     */
    public static void allThreads() {
        int r = call(PRIVATE_EXPEDITED);
        if (r == -Errno.EPERM) {
            prepare();
            r = call(PRIVATE_EXPEDITED);
        }
        LinuxException.check(r, "membarrier(PRIVATE_EXPEDITED)");
    }

    private static boolean isKnown() {
        int wanted = PRIVATE_EXPEDITED | REGISTER_PRIVATE_EXPEDITED;
        int known = call(QUERY);
        return known > 0 && (known & wanted) == wanted;
    }

    private static int call(int command) {
        return CFunction.SYSCALL.call(SyscallNumber.MEMBARRIER.number(), command, 0);
    }
}
