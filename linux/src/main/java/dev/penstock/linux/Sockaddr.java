package dev.penstock.linux;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.net.Inet4Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;

/** Socket addresses as the kernel lays them out (unix(7), ip(7), ipv6(7), packet(7), netlink(7), AF_XDP). */
public final class Sockaddr {
    /** The longest address of any family, in bytes: {@code sizeof(struct sockaddr_storage)}. */
    public static final int STORAGE_BYTES = 128;

    private static final int UNIX_PATH_BYTES = 108;
    private static final ValueLayout.OfShort SHORT = ValueLayout.JAVA_SHORT;
    private static final ValueLayout.OfInt INT = ValueLayout.JAVA_INT;
    private static final ValueLayout.OfShort SHORT_BE = SHORT.withOrder(ByteOrder.BIG_ENDIAN);

    private Sockaddr() {}

    /**
     * A local socket.
     *
     * @param name a path, or {@code @NAME} for an abstract name, which needs no file and vanishes with its socket
     * @return its address
     * @throws IllegalArgumentException if it is empty or longer than 107 bytes
     */
    public static MemorySegment unix(String name) {
        byte[] bytes = name.getBytes(StandardCharsets.UTF_8);
        boolean isAbstract = name.startsWith("@");
        if (bytes.length < (isAbstract ? 2 : 1) || bytes.length >= UNIX_PATH_BYTES) {
            throw new IllegalArgumentException("socket path " + name + " must have 1 to 107 bytes, it has "
                    + bytes.length);
        }
        MemorySegment address = make(Socket.AF_UNIX, 2 + bytes.length + (isAbstract ? 0 : 1));
        MemorySegment.copy(bytes, 0, address, ValueLayout.JAVA_BYTE, 2, bytes.length);
        if (isAbstract) {
            address.set(ValueLayout.JAVA_BYTE, 2, (byte) 0);
        }
        return address;
    }

    /** The path of a local socket's address, as {@link #unix} makes it; empty for others and for abstract names. */
    static String path(MemorySegment address) {
        return address.get(SHORT, 0) == Socket.AF_UNIX && address.byteSize() > 3 && address.get(ValueLayout.JAVA_BYTE, 2) != 0
                ? address.getString(2) : "";
    }

    /**
     * An Internet address of version 4 or 6.
     *
     * @param host the numeric address
     * @param port the port, 0 to 65,535; 0 for raw sockets
     * @return its address
     */
    public static MemorySegment inet(InetAddress host, int port) {
        boolean v4 = host instanceof Inet4Address;
        MemorySegment address = make(v4 ? Socket.AF_INET : Socket.AF_INET6, v4 ? 16 : 28);
        address.set(SHORT_BE, 2, (short) port);
        byte[] bytes = host.getAddress();
        MemorySegment.copy(bytes, 0, address, ValueLayout.JAVA_BYTE, v4 ? 4 : 8, bytes.length);
        return address;
    }

    /**
     * Reads an Internet address back.
     *
     * @param address what the kernel wrote
     * @return host and port
     * @throws IllegalArgumentException if it is of another family
     */
    public static InetSocketAddress inet(MemorySegment address) {
        int family = address.get(SHORT, 0);
        if (family != Socket.AF_INET && family != Socket.AF_INET6) {
            throw new IllegalArgumentException("not an Internet address: family " + family);
        }
        boolean v4 = family == Socket.AF_INET;
        try {
            byte[] host = address.asSlice(v4 ? 4 : 8, v4 ? 4 : 16).toArray(ValueLayout.JAVA_BYTE);
            return new InetSocketAddress(InetAddress.getByAddress(host), address.get(SHORT_BE, 2) & 0xffff);
        } catch (UnknownHostException e) {
            throw new AssertionError(e);
        }
    }

    /**
     * An interface, for a packet socket.
     *
     * @param interfaceIndex its index, or 0 for all
     * @param protocol the EtherType to receive in host order, {@link Socket#ETH_P_ALL} for every one
     * @return its address
     */
    public static MemorySegment packet(int interfaceIndex, int protocol) {
        MemorySegment address = make(Socket.AF_PACKET, 20);
        address.set(SHORT_BE, 2, (short) protocol);
        address.set(INT, 4, interfaceIndex);
        return address;
    }

    /**
     * A netlink end.
     *
     * @param portId the peer's port number: 0 for the kernel, or to let the kernel choose
     * @param groups multicast groups to join, a mask
     * @return its address
     */
    public static MemorySegment netlink(int portId, int groups) {
        MemorySegment address = make(Socket.AF_NETLINK, 12);
        address.set(INT, 4, portId);
        address.set(INT, 8, groups);
        return address;
    }

    /**
     * A queue of an interface, for an XDP socket.
     *
     * @param flags {@code XDP_} bind flags
     * @param interfaceIndex its index
     * @param queue its queue
     * @param sharedUmem the socket whose umem is shared, or null
     * @return its address
     */
    public static MemorySegment xdp(int flags, int interfaceIndex, int queue, Fd sharedUmem) {
        MemorySegment address = make(Socket.AF_XDP, 16);
        address.set(SHORT, 2, (short) flags);
        address.set(INT, 4, interfaceIndex);
        address.set(INT, 8, queue);
        address.set(INT, 12, sharedUmem == null ? 0 : sharedUmem.value());
        return address;
    }

    private static MemorySegment make(int family, int bytes) {
        MemorySegment address = Arena.ofAuto().allocate(bytes, 8);
        address.set(SHORT, 0, (short) family);
        return address;
    }
}
