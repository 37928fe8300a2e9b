package dev.penstock.linux;

/**
 * The system calls that the C library has no wrapper for. Numbers from the kernel's
 * {@code arch/x86/entry/syscalls/syscall_64.tbl} and {@code include/uapi/asm-generic/unistd.h}.
 */
enum SyscallNumber {
    IO_SETUP(206, 0),
    IO_SUBMIT(209, 2),
    MBIND(237, 235),
    GET_MEMPOLICY(239, 236),
    PERF_EVENT_OPEN(298, 241),
    BPF(321, 280),
    MEMBARRIER(324, 283),
    IO_URING_SETUP(425, 425),
    IO_URING_ENTER(426, 426),
    IO_URING_REGISTER(427, 427),
    PIDFD_OPEN(434, 434),
    PIDFD_GETFD(438, 438);

    private final long x8664;
    private final long aarch64;

    SyscallNumber(long x8664, long aarch64) {
        this.x8664 = x8664;
        this.aarch64 = aarch64;
    }

    long aarch64() {
        return aarch64;
    }

    long number() {
        return Platform.arch() == Platform.Arch.X86_64 ? x8664 : aarch64;
    }
}
