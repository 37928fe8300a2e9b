package dev.penstock.linux;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * One queue of a TUN or TAP interface: what is written to its descriptor is received by the kernel, what the
 * kernel sends is read from it (the kernel's {@code Documentation/networking/tuntap.rst}). The interface goes
 * when its last queue is closed, unless it persists.
 */
public final class Tun implements AutoCloseable {
    /** Packets from the IP header on. */
    public static final int IFF_TUN = 1;
    /** Frames from the Ethernet header on. */
    public static final int IFF_TAP = 2;
    /** Several descriptors may be opened, each a queue. */
    public static final int IFF_MULTI_QUEUE = 0x100;
    /** No 4 bytes of flags and protocol before each packet. */
    public static final int IFF_NO_PI = 0x1000;
    /** A {@code virtio_net_hdr} stands before each packet. */
    public static final int IFF_VNET_HDR = 0x4000;

    private static final String DEVICE = "/dev/net/tun";
    private static final int FLAGS = 16;
    private static final long TUNSETIFF = 0x400454caL;
    private static final long TUNSETPERSIST = 0x400454cbL;
    private final Fd fd;
    private final String name;

    private Tun(Fd fd, String name) {
        this.fd = fd;
        this.name = name;
    }

    /**
     * Opens a queue of an interface, which is made if it is missing.
     *
     * @param name its name, which may end in {@code %d} for the kernel to number it
     * @param flags {@code IFF_} flags
     * @return the queue, which does not wait
     * @throws LinuxException if there is no TUN device or no privilege, or the interface exists and differs
     */
    public static Tun open(String name, int flags) {
        Fd.linkForPollLoops();
        if (!Files.exists(Path.of(DEVICE))) {
            throw new LinuxException("open(" + DEVICE + ")", Errno.ENOENT,
                    "load the module of the kernel, modprobe tun; a container has to be given the device");
        }
        Fd fd = Fd.open(DEVICE, Fd.O_RDWR | Fd.O_NONBLOCK);
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment ifreq = NetInterface.ifreq(arena, name);
            ifreq.set(ValueLayout.JAVA_SHORT, FLAGS, (short) flags);
            int r = fd.tryIoctl(TUNSETIFF, ifreq);
            LinuxException.check(r, "ioctl(" + DEVICE + ", TUNSETIFF " + name + ")", switch (-r) {
                case Errno.EPERM -> "run as root, or give java the capability CAP_NET_ADMIN";
                case Errno.EBUSY -> "another process holds " + name + ", or it has no more queues";
                case Errno.EINVAL -> "an interface " + name + " exists and is of another kind, or none may be called so; choose another name";
                default -> "";
            });
            return new Tun(fd, ifreq.getString(0, StandardCharsets.UTF_8));
        } catch (RuntimeException e) {
            fd.close();
            throw e;
        }
    }

    /** @return the interface's name */
    public String name() {
        return name;
    }

    /** @return the descriptor to read and write frames with, one each call */
    public Fd fd() {
        return fd;
    }

    /**
     * Keeps the interface when the last queue is closed, or not.
     *
     * @param on whether to keep it
     */
    public void persist(boolean on) {
        fd.ioctl(TUNSETPERSIST, on ? 1L : 0L);
    }

    /** Closes the queue. */
    @Override
    public void close() {
        fd.close();
    }
}
