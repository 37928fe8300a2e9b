package dev.penstock.linux;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;

/**
 * Signals an eventfd that a peer holds as well, and never waits for the peer. The flag by which a write(2) does not wait belongs to
 * the open file, which both share: the peer can take it away, fill the counter, and has the writer wait for as long as it likes. The
 * kernel's own signals wait for nobody, and it gives one when a request of its asynchronous I/O ends (io_submit(2), IOCB_FLAG_RESFD).
 * So ours read no bytes of an empty file, of which there is one for the process, with what the kernel keeps of them.
 */
final class Aio {
    private static final int REQUESTS = 128;
    private static final int TRIES = 100;
    private static final int IOCB_BYTES = 64;
    private static final int FILE = 20;
    private static final int FLAGS = 56;
    private static final int EVENTFD = 60;
    private static final int SIGNALS = 1;
    /** Of the ring of ended requests, which the process has mapped: where it has been read to and written to. */
    private static final int HEAD = 8;
    private static final int TAIL = 12;
    private static final int RING_BYTES = 16;
    private static final ValueLayout.OfInt INT = ValueLayout.JAVA_INT;
    private static final long SUBMIT = SyscallNumber.IO_SUBMIT.number();
    /** What a request is made to; null where the kernel, or a filter, has none for us. */
    private static final MemorySegment RING = Platform.isLinux() ? setUp() : null;
    private static int empty = -1;

    private final MemorySegment request = Arena.ofAuto().allocate(IOCB_BYTES, 8);
    private final MemorySegment list = Arena.ofAuto().allocate(ValueLayout.ADDRESS);

    /**
     * Prepares to signal an eventfd, and links the call, which takes some milliseconds, now and not when a packet comes.
     *
     * @throws LinuxException when there is no descriptor for the empty file
     */
    Aio(Fd eventFd) {
        // before what has to be loaded, which takes a descriptor as well, and a class that can't be loaded never is
        request.set(INT, FILE, empty());
        Plain.link();
        request.set(INT, FLAGS, SIGNALS);
        request.set(INT, EVENTFD, eventFd.value());
        list.set(ValueLayout.ADDRESS, 0, request);
    }

    /** Made with the first that signals, and not with the class: where descriptors are short it fails, and is tried again with the next. */
    private static synchronized int empty() {
        if (empty < 0) {
            empty = Memfd.create("penstock-signals", 0).value();
        }
        return empty;
    }

    private static MemorySegment setUp() {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment context = arena.allocate(ValueLayout.JAVA_LONG);
            int r = CFunction.SYSCALL.call(context, SyscallNumber.IO_SETUP.number(), REQUESTS, context.address());
            return r < 0 ? null : MemorySegment.ofAddress(context.get(ValueLayout.JAVA_LONG, 0)).reinterpret(RING_BYTES);
        }
    }

    /** @return whether {@link #signal} works here */
    static boolean isSupported() {
        return RING != null;
    }

    /**
     * Adds 1 to the counter, unless it is full. Any thread may call; never allocates unless it fails.
     *
     * @return 0, or a negated error number
     */
    int signal() {
        forgetEnded();
        if (Plain.submit(list) == 1) {
            return 0;
        }
        int r = -Errno.EAGAIN;
        for (int i = 0; i < TRIES && (r == -Errno.EINTR || r == -Errno.EAGAIN); i++) {
            forgetEnded();
            r = CFunction.SYSCALL.call(list, SUBMIT, RING.address(), 1, list.address());
        }
        return Math.min(r, 0);
    }

    /** Makes room for more: nobody asks what came of a request. */
    private static void forgetEnded() {
        RING.set(INT, HEAD, RING.get(INT, TAIL));
    }

    /** For poll loops: {@link Native#plain}. */
    private static final class Plain {
        private static final ValueLayout.OfLong LONG = ValueLayout.JAVA_LONG;
        private static final MethodHandle SYSCALL = Native.plain("syscall", FunctionDescriptor.of(LONG, LONG, LONG, LONG, ValueLayout.ADDRESS));

        /** Links it by being the class's first call. */
        static void link() {}

        static long submit(MemorySegment list) {
            try {
                return (long) SYSCALL.invokeExact(SUBMIT, RING.address(), 1L, list);
            } catch (Throwable e) {
                throw Native.thrown(e);
            }
        }
    }
}
