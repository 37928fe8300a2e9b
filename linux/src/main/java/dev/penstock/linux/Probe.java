package dev.penstock.linux;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/**
 * Whether this process can use a facility of the kernel, found by trying it without leaving a trace. Answers on
 * any system.
 *
 * @param usable whether it works
 * @param reason why not, such as {@code EPERM (Operation not permitted)}; empty if it works
 */
public record Probe(boolean usable, String reason) {
    private static final int BPF_MAP_TYPE_ARRAY = 2;
    private static final int BPF_ATTRIBUTE_BYTES = 72;
    private static final int IO_URING_PARAMS_BYTES = 120;
    private static final long TUNGETFEATURES = 0x800454cfL;

    /** @return whether sockets of AF_PACKET can be opened */
    public static Probe packetSocket() {
        return socket(Socket.AF_PACKET);
    }

    /** @return whether sockets of AF_XDP can be opened */
    public static Probe xdpSocket() {
        return socket(Socket.AF_XDP);
    }

    /** @return whether TUN and TAP interfaces can be made */
    public static Probe tun() {
        return attempt(() -> {
            try (Fd fd = Fd.open("/dev/net/tun", Fd.O_RDWR); Arena arena = Arena.ofConfined()) {
                fd.ioctl(TUNGETFEATURES, arena.allocate(ValueLayout.JAVA_INT));
            }
            if (!Machine.local().capabilities().contains("CAP_NET_ADMIN")) {
                throw new LinuxException("TUNSETIFF", Errno.EPERM, "");
            }
        });
    }

    /** @return whether bpf(2) lets this process make a map */
    public static Probe bpf() {
        return attempt(() -> {
            try (Arena arena = Arena.ofConfined()) {
                MemorySegment attributes = arena.allocate(BPF_ATTRIBUTE_BYTES, 8);
                attributes.set(ValueLayout.JAVA_INT, 0, BPF_MAP_TYPE_ARRAY);
                attributes.set(ValueLayout.JAVA_INT, 4, 4);
                attributes.set(ValueLayout.JAVA_INT, 8, 8);
                attributes.set(ValueLayout.JAVA_INT, 12, 1);
                Bpf.open(Bpf.BPF_MAP_CREATE, attributes, "probe").close();
            }
        });
    }

    /** @return whether io_uring can be set up */
    public static Probe ioUring() {
        return attempt(() -> {
            try (Arena arena = Arena.ofConfined()) {
                MemorySegment parameters = arena.allocate(IO_URING_PARAMS_BYTES, 8);
                Fd.own(IoUring.setup(1, parameters), "io_uring").close();
            }
        });
    }

    private static Probe socket(int family) {
        return attempt(() -> Socket.open(family, Socket.SOCK_RAW, 0).close());
    }

    private static Probe attempt(Runnable task) {
        try {
            task.run();
            return new Probe(true, "");
        } catch (LinuxException e) {
            return new Probe(false, Errno.describe(e.errno()));
        } catch (UnsupportedOperationException e) {
            return new Probe(false, "needs Linux");
        }
    }

    private static final class IoUring {
        static int setup(int entries, MemorySegment parameters) {
            int r = CFunction.SYSCALL.call(parameters, SyscallNumber.IO_URING_SETUP.number(), entries, parameters.address());
            return (int) LinuxException.check(r, "io_uring_setup()", "");
        }
    }
}
