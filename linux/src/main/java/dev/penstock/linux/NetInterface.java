package dev.penstock.linux;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;

/**
 * A network interface of the kernel, found by its name in the network namespace of the thread that makes this
 * (netdevice(7)); it stays the same one when it is renamed. Calls throw {@link LinuxException}, {@link Errno#ENODEV} once the interface has gone.
 */
public final class NetInterface implements AutoCloseable {
    /** Flag: administratively up. */
    public static final int IFF_UP = 1;
    /** Flag: has a carrier. */
    public static final int IFF_RUNNING = 0x40;
    /** Flag: receives everything. */
    public static final int IFF_PROMISC = 0x100;
    /** Flag: receives all multicast. */
    public static final int IFF_ALLMULTI = 0x200;

    /** Offload for {@link #offload}: the kernel leaves checksums of what it sends to the interface. */
    public static final int ETHTOOL_STXCSUM = 0x17;
    /** Offload for {@link #offload}: the kernel leaves TCP segmentation to the interface. */
    public static final int ETHTOOL_STSO = 0x1f;
    /** Offload for {@link #offload}: segmentation in general. */
    public static final int ETHTOOL_SGSO = 0x24;
    /** Offload for {@link #offload}: joining of received segments. */
    public static final int ETHTOOL_SGRO = 0x2c;

    private static final int NAME_BYTES = 16;
    private static final int IFREQ_BYTES = 40;
    private static final long SIOCGIFNAME = 0x8910;
    private static final long SIOCGIFFLAGS = 0x8913;
    private static final long SIOCSIFFLAGS = 0x8914;
    private static final long SIOCGIFMTU = 0x8921;
    private static final long SIOCSIFMTU = 0x8922;
    private static final long SIOCSIFHWADDR = 0x8924;
    private static final long SIOCGIFHWADDR = 0x8927;
    private static final long SIOCADDMULTI = 0x8931;
    private static final long SIOCDELMULTI = 0x8932;
    private static final long SIOCGIFINDEX = 0x8933;
    private static final long SIOCETHTOOL = 0x8946;
    private static final int ETHTOOL_GSET = 1;
    private static final int ETHTOOL_CMD_BYTES = 44;
    private static final int ETHTOOL_GCHANNELS = 0x3c;
    private static final int ETHTOOL_CHANNELS_BYTES = 36;
    private static final int ARPHRD_ETHER = 1;
    private static final int MAC_BYTES = 6;

    private static final ValueLayout.OfShort SHORT = ValueLayout.JAVA_SHORT;
    private static final ValueLayout.OfInt INT = ValueLayout.JAVA_INT;

    private final Socket socket;
    private final String name;
    private volatile int index;

    /**
     * Finds an interface.
     *
     * @param name its name, 1 to 15 bytes
     * @throws LinuxException {@link Errno#ENODEV} if there is none
     */
    public NetInterface(String name) {
        this.name = name;
        nameBytes(name);
        socket = Socket.open(Socket.AF_INET, Socket.SOCK_DGRAM, 0);
        try (Arena arena = Arena.ofConfined()) {
            index = request(SIOCGIFINDEX, ifreq(arena, name)).get(INT, NAME_BYTES);
        } catch (LinuxException e) {
            socket.close();
            throw e;
        }
    }

    /** @return the name that it was found by */
    public String name() {
        return name;
    }

    /** @return the name that it has now */
    public String nameNow() {
        try (Arena arena = Arena.ofConfined()) {
            return ifreq(arena).getString(0, StandardCharsets.UTF_8);
        }
    }

    /** @return its index, by which the kernel tells it from others that had or will have its name */
    public int index() {
        return index;
    }

    /** @return whether the interface with this {@link #index} is still there, whatever its name is now */
    public boolean isThere() {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment ifreq = numbered(arena);
            return socket.fd().tryIoctl(SIOCGIFNAME, ifreq) != -Errno.ENODEV;
        }
    }

    /**
     * Takes the interface that has the name now, which may be another one than before.
     *
     * @return false when there is none
     */
    public boolean find() {
        try (Arena arena = Arena.ofConfined()) {
            index = request(SIOCGIFINDEX, ifreq(arena, name)).get(INT, NAME_BYTES);
            return true;
        } catch (LinuxException e) {
            if (e.errno() != Errno.ENODEV) {
                throw e;
            }
            return false;
        }
    }

    /** @return {@code IFF_} flags */
    public int flags() {
        try (Arena arena = Arena.ofConfined()) {
            return request(SIOCGIFFLAGS, ifreq(arena)).get(SHORT, NAME_BYTES) & 0xffff;
        }
    }

    /** @return whether it is up and has a carrier */
    public boolean isRunning() {
        return (flags() & (IFF_UP | IFF_RUNNING)) == (IFF_UP | IFF_RUNNING);
    }

    /**
     * Sets or clears flags.
     *
     * @param mask which, such as {@link #IFF_UP}
     * @param on whether to set them
     */
    public void flags(int mask, boolean on) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment ifreq = ifreq(arena);
            int flags = flags();
            ifreq.set(SHORT, NAME_BYTES, (short) (on ? flags | mask : flags & ~mask));
            request(SIOCSIFFLAGS, ifreq);
        }
    }

    /** @return the largest payload of a frame in bytes */
    public int mtu() {
        try (Arena arena = Arena.ofConfined()) {
            return request(SIOCGIFMTU, ifreq(arena)).get(INT, NAME_BYTES);
        }
    }

    /**
     * Sets the largest payload of a frame.
     *
     * @param bytes the size
     */
    public void mtu(int bytes) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment ifreq = ifreq(arena);
            ifreq.set(INT, NAME_BYTES, bytes);
            request(SIOCSIFMTU, ifreq);
        }
    }

    /** @return its Ethernet address, 6 bytes */
    public byte[] mac() {
        try (Arena arena = Arena.ofConfined()) {
            return request(SIOCGIFHWADDR, ifreq(arena)).asSlice(NAME_BYTES + 2, MAC_BYTES)
                    .toArray(ValueLayout.JAVA_BYTE);
        }
    }

    /**
     * Sets its Ethernet address.
     *
     * @param mac 6 bytes
     */
    public void mac(byte[] mac) {
        address(SIOCSIFHWADDR, ARPHRD_ETHER, mac);
    }

    /**
     * Receives a multicast address, or no longer.
     *
     * @param mac 6 bytes
     * @param on whether to receive it
     */
    public void multicast(byte[] mac, boolean on) {
        address(on ? SIOCADDMULTI : SIOCDELMULTI, 0, mac);
    }

    /** @return the link's speed in megabits a second, or 0 where the driver does not know */
    public int speedMbps() {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment command = ethtool(arena, ETHTOOL_GSET, ETHTOOL_CMD_BYTES);
            if (command == null) {
                return 0;
            }
            int speed = command.get(SHORT, 12) & 0xffff | (command.get(SHORT, 28) & 0xffff) << 16;
            return speed < 0 ? 0 : speed;
        }
    }

    /** @return how many receive queues it has, as {@code ethtool -l} says, or 0 where the driver does not know */
    public int rxQueues() {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment channels = ethtool(arena, ETHTOOL_GCHANNELS, ETHTOOL_CHANNELS_BYTES);
            // rx_count and combined_count of struct ethtool_channels
            return channels == null ? 0 : channels.get(INT, 20) + channels.get(INT, 32);
        }
    }

    /** What the driver answers to a command, or null where it does not know it. */
    private MemorySegment ethtool(Arena arena, int command, int bytes) {
        MemorySegment answer = arena.allocate(bytes, 8);
        answer.set(INT, 0, command);
        MemorySegment ifreq = ifreq(arena);
        ifreq.set(ValueLayout.ADDRESS, NAME_BYTES, answer);
        return socket.fd().tryIoctl(SIOCETHTOOL, ifreq) < 0 ? null : answer;
    }

    /**
     * Turns an offload of the interface on or off, as {@code ethtool -K} does.
     *
     * @param which an {@code ETHTOOL_S} number
     * @param on whether it shall be on
     */
    public void offload(int which, boolean on) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment value = arena.allocateFrom(INT, which, on ? 1 : 0);
            MemorySegment ifreq = ifreq(arena);
            ifreq.set(ValueLayout.ADDRESS, NAME_BYTES, value);
            request(SIOCETHTOOL, ifreq);
        }
    }

    /** Forgets the interface, which stays as it is. */
    @Override
    public void close() {
        socket.close();
    }

    static byte[] nameBytes(String name) {
        byte[] bytes = name.getBytes(StandardCharsets.UTF_8);
        if (bytes.length < 1 || bytes.length >= NAME_BYTES || name.contains("/")) {
            throw new IllegalArgumentException("interface name '" + name + "' must have 1 to 15 bytes and no slash");
        }
        return bytes;
    }

    static MemorySegment ifreq(Arena arena, String name) {
        byte[] bytes = nameBytes(name);
        MemorySegment ifreq = arena.allocate(IFREQ_BYTES, 8);
        MemorySegment.copy(bytes, 0, ifreq, ValueLayout.JAVA_BYTE, 0, bytes.length);
        return ifreq;
    }

    /** With the name that the interface has now: by that of before it would be another one, or none. */
    private MemorySegment ifreq(Arena arena) {
        return request(SIOCGIFNAME, numbered(arena));
    }

    private MemorySegment numbered(Arena arena) {
        MemorySegment ifreq = arena.allocate(IFREQ_BYTES, 8);
        ifreq.set(INT, NAME_BYTES, index);
        return ifreq;
    }

    private void address(long request, int family, byte[] mac) {
        if (mac.length != MAC_BYTES) {
            throw new IllegalArgumentException("an Ethernet address has 6 bytes, not " + mac.length);
        }
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment ifreq = ifreq(arena);
            ifreq.set(SHORT, NAME_BYTES, (short) family);
            MemorySegment.copy(mac, 0, ifreq, ValueLayout.JAVA_BYTE, NAME_BYTES + 2, MAC_BYTES);
            request(request, ifreq);
        }
    }

    private MemorySegment request(long request, MemorySegment ifreq) {
        int r = socket.fd().tryIoctl(request, ifreq);
        LinuxException.check(r, "ioctl(" + name + ", 0x" + Long.toHexString(request) + ")", switch (-r) {
            case Errno.ENODEV -> "there is no interface " + name + " in this network namespace";
            case Errno.EPERM -> "run as root, or give java the capability CAP_NET_ADMIN";
            default -> "";
        });
        return ifreq;
    }
}
