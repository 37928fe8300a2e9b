package dev.penstock.linux;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Consumer;

/**
 * A socket of any family that Linux has, and its owner: closing this closes it.
 *
 * <p>Calls that a poll loop makes ({@code send...}, {@code receive...}) return a count or a negated error
 * number, such as {@code -}{@link Errno#EAGAIN}, and neither throw for an error of the system nor allocate. All
 * others throw {@link LinuxException}. All are made again when a signal interrupted them. Buffers must be
 * off-heap. {@link Thread#interrupt} does not wake a waiting call: set a timeout, or wait in an {@link Epoll}.
 */
public final class Socket implements AutoCloseable {
    /** Local sockets. */
    public static final int AF_UNIX = 1;
    /** Internet, version 4. */
    public static final int AF_INET = 2;
    /** Internet, version 6. */
    public static final int AF_INET6 = 10;
    /** Messages of the kernel's own. */
    public static final int AF_NETLINK = 16;
    /** Frames of an interface. */
    public static final int AF_PACKET = 17;
    /** Frames of an interface's queue, through shared rings. */
    public static final int AF_XDP = 44;

    /** A stream of bytes. */
    public static final int SOCK_STREAM = 1;
    /** Single datagrams. */
    public static final int SOCK_DGRAM = 2;
    /** Datagrams with their headers. */
    public static final int SOCK_RAW = 3;
    /** Datagrams, in order, between two. */
    public static final int SOCK_SEQPACKET = 5;
    /** Added to a type: calls do not wait. */
    public static final int SOCK_NONBLOCK = 0x800;
    /** Of a file's mode: which bits say what it is, and what they are of a socket (inode(7)). */
    private static final int FILE_TYPE = 0170000;
    private static final int SOCKET_FILE = 0140000;
    private static final int SOCK_CLOEXEC = 0x80000;

    /** Every EtherType, in host order. */
    public static final int ETH_P_ALL = 3;

    /** Options of every socket. */
    public static final int SOL_SOCKET = 1;
    /** May take a local address that lingers. */
    public static final int SO_REUSEADDR = 2;
    /** Bytes that may wait to be sent. */
    public static final int SO_SNDBUF = 7;
    /** Bytes that may wait to be received. */
    public static final int SO_RCVBUF = 8;
    private static final int SO_ERROR = 4;
    private static final int SO_PEERCRED = 17;
    private static final int SO_RCVTIMEO = 20;
    private static final int SO_SNDTIMEO = 21;

    private static final long STARVED_NS = 20_000_000;

    /** This call does not wait. */
    public static final int MSG_DONTWAIT = 0x40;
    /** Leave what was received in place. */
    public static final int MSG_PEEK = 2;
    /** Return the datagram's full length though the buffer was shorter. */
    public static final int MSG_TRUNC = 0x20;
    /** Return {@link Errno#EPIPE} rather than raise a signal: set by every send of this class. */
    public static final int MSG_NOSIGNAL = 0x4000;

    private static final ValueLayout.OfInt INT = ValueLayout.JAVA_INT;
    private static final ValueLayout.OfLong LONG = ValueLayout.JAVA_LONG;
    /** {@code struct pollfd}: the descriptor, what for, what was found. */
    private static final int POLLFD_BYTES = 8;

    private final Fd fd;
    private boolean starved;
    private MemorySegment pollFd;

    private Socket(Fd fd) {
        this.fd = fd;
    }

    /**
     * Takes over a socket that a peer passed.
     *
     * @param fd the socket
     * @return its owner
     */
    public static Socket own(Fd fd) {
        return new Socket(fd);
    }

    /**
     * Makes a socket.
     *
     * @param family an {@code AF_} number
     * @param type a {@code SOCK_} number, with {@link #SOCK_NONBLOCK} or without
     * @param protocol the protocol; for a packet socket the EtherType in network order
     * @return the socket
     * @throws LinuxException if the kernel lacks the family, or the process the privilege
     */
    public static Socket open(int family, int type, int protocol) {
        if (family == AF_PACKET || family == AF_XDP) {
            Plain.link();
        }
        int r = SocketCalls.SOCKET.call(family, type | SOCK_CLOEXEC, protocol);
        String name = "socket(" + familyName(family) + ")";
        return new Socket(Fd.own((int) LinuxException.check(r, name, remedy(r, family)), name));
    }

    /**
     * Makes two local sockets that are connected to each other.
     *
     * @param type a {@code SOCK_} number
     * @return the two
     */
    public static Socket[] pair(int type) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment two = arena.allocate(8, 4);
            int r = SocketCalls.SOCKETPAIR.call(two, AF_UNIX, type | SOCK_CLOEXEC, 0, two.address());
            LinuxException.check(r, "socketpair()");
            return new Socket[] {own(two.get(INT, 0)), own(two.get(INT, 4))};
        }
    }

    /** @return the descriptor, owned by this socket */
    public Fd fd() {
        return fd;
    }

    private static Path parent(String path) {
        return Path.of(path).toAbsolutePath().getParent();
    }

    /**
     * Gives the socket its own address.
     *
     * @param address from {@link Sockaddr}
     * @throws LinuxException if the address is taken or not to be had
     */
    public void bind(MemorySegment address) {
        int r = SocketCalls.BIND.call(address, fd.value(), address.address(), address.byteSize());
        if (r < 0) {
            String path = Sockaddr.path(address);
            LinuxException.check(r, "bind(" + (path.isEmpty() ? fd.name() : path) + ")", switch (-r) {
                case Errno.EADDRINUSE -> "another process has this address, or left its socket file behind: remove the file";
                case Errno.ENOENT -> path.isEmpty() ? "" : "the folder is not there: mkdir -p " + parent(path);
                case Errno.EACCES -> path.isEmpty() ? "" : "give a folder that you may write in, or start as its owner";
                default -> "";
            });
        }
    }

    /**
     * Connects to a peer, and waits for that unless the socket does not wait.
     *
     * @param address from {@link Sockaddr}
     * @throws LinuxException if there is no peer; {@link Errno#EINPROGRESS} or {@link Errno#EAGAIN} where it
     *     would have to wait
     */
    public void connect(MemorySegment address) {
        int r;
        do {
            r = SocketCalls.CONNECT.call(address, fd.value(), address.address(), address.byteSize());
        } while (r == -Errno.EINTR);
        LinuxException.check(r, "connect(" + fd.name() + ")", r == -Errno.ECONNREFUSED || r == -Errno.ENOENT
                ? "start the peer first" : "");
    }

    /**
     * Whether there is a socket at a path, somebody's or not.
     *
     * @param path where
     * @return false also when nothing is there
     */
    public static boolean isAt(String path) {
        try {
            return ((int) Files.getAttribute(Path.of(path), "unix:mode") & FILE_TYPE) == SOCKET_FILE;
        } catch (IOException e) {
            return false;
        }
    }

    /**
     * Whether a socket at a path is what a process left behind that was killed, so that it may be removed. Asks by connecting, and does not
     * wait for that.
     *
     * @param path where
     * @param type what the one is that shall take its place, such as {@link #SOCK_STREAM}
     * @return false also when it is no socket, or one of another type, which is somebody's
     */
    public static boolean isStale(String path, int type) {
        if (!isAt(path)) {
            return false;
        }
        try (Socket probe = open(AF_UNIX, type | SOCK_NONBLOCK, 0)) {
            probe.connect(Sockaddr.unix(path));
            return false;
        } catch (LinuxException e) {
            return e.errno() == Errno.ECONNREFUSED;
        }
    }

    /**
     * Lets peers connect.
     *
     * @param backlog how many may wait to be accepted
     */
    public void listen(int backlog) {
        LinuxException.check(SocketCalls.LISTEN.call(fd.value(), backlog), "listen(" + fd.name() + ")");
    }

    /**
     * Takes a peer that connected.
     *
     * @return the connection, or null if none waits and the socket does not wait or its timeout has passed
     */
    public Socket accept() {
        int r;
        do {
            r = SocketCalls.ACCEPT4.call(MemorySegment.NULL, fd.value(), 0, 0, SOCK_CLOEXEC);
        } while (r == -Errno.EINTR || r == -Errno.ECONNABORTED);
        return r == -Errno.EAGAIN ? null : new Socket(Fd.own(
                LinuxException.check(r, "accept(" + fd.name() + ")"), fd.name()));
    }

    /**
     * Takes a peer as {@link #accept()} does, for who listens as long as the process lives: where the process or the machine has no
     * descriptor left, the peer stays in the queue. That is told once, and takes some milliseconds each time, so that who is
     * woken by the peer again and again does not take a whole core.
     *
     * @param log takes what is wrong and how to mend it
     * @return the connection, or null if none waits or it can't be taken yet
     */
    public Socket accept(Consumer<String> log) {
        try {
            Socket peer = accept();
            starved &= peer == null;
            return peer;
        } catch (LinuxException e) {
            if (e.errno() != Errno.EMFILE && e.errno() != Errno.ENFILE) {
                throw e;
            }
            if (!starved) {
                log.accept(e.getMessage() + "; peers wait until files are closed, or the limit is raised: ulimit -n");
            }
            starved = true;
            LockSupport.parkNanos(STARVED_NS);
            return null;
        }
    }

    /**
     * Ends one or both directions, so that the peer reads the end.
     *
     * @param how 0 receiving, 1 sending, 2 both
     */
    public void shutdown(int how) {
        LinuxException.check(SocketCalls.SHUTDOWN.call(fd.value(), how), "shutdown(" + fd.name() + ")");
    }

    /**
     * Sends bytes to the connected peer.
     *
     * @param data what
     * @param flags {@code MSG_} flags
     * @return the number of bytes taken, or a negated error number
     */
    public long send(MemorySegment data, int flags) {
        return sendTo(data, flags, MemorySegment.NULL);
    }

    /**
     * Sends bytes to an address.
     *
     * @param data what; {@link MemorySegment#NULL} to have a packet or XDP socket look at its ring
     * @param flags {@code MSG_} flags
     * @param address where, from {@link Sockaddr}, or {@link MemorySegment#NULL}
     * @return the number of bytes taken, or a negated error number
     */
    public long sendTo(MemorySegment data, int flags, MemorySegment address) {
        long r;
        do {
            r = SocketCalls.SENDTO.call(data, address, MemorySegment.NULL, fd.value(), data.address(), data.byteSize(), flags | MSG_NOSIGNAL,
                    address.address(), address.byteSize(), 0);
        } while (r == -Errno.EINTR);
        return r;
    }

    /**
     * Has the driver behind a packet or XDP socket look at its ring, without waiting; never allocates. Why it failed is
     * not known: the next call may be a {@code sendTo(MemorySegment.NULL, MSG_DONTWAIT, MemorySegment.NULL)}, which tells.
     *
     * @return false when it failed
     */
    public boolean tryKick() {
        return Plain.send(fd.value()) >= 0;
    }

    /** Has the driver behind an XDP socket look for frames, without waiting; never allocates. What it says is of no use. */
    public void poke() {
        Plain.receive(fd.value());
    }

    /**
     * Has the driver behind an XDP socket look at its rings, as {@link #tryKick} does, by poll(2): that wakes it also where the
     * socket prefers busy polling, by which some drivers do not send. Never waits; allocates at its first call only.
     */
    public void kickByPoll() {
        if (pollFd == null) {
            pollFd = Arena.ofAuto().allocate(POLLFD_BYTES, 4);
        }
        pollFd.set(ValueLayout.JAVA_INT, 0, fd.value());
        Plain.poll(pollFd);
    }

    /**
     * Receives bytes.
     *
     * @param into where to
     * @param flags {@code MSG_} flags
     * @return the number of bytes, 0 when the peer ended a stream, or a negated error number
     */
    public long receive(MemorySegment into, int flags) {
        return receiveFrom(into, flags, MemorySegment.NULL, MemorySegment.NULL);
    }

    /**
     * Receives bytes and the sender's address.
     *
     * @param into where to
     * @param flags {@code MSG_} flags
     * @param address where the sender's address is put, or {@link MemorySegment#NULL}
     * @param addressLength 4 bytes holding {@code address}'s size as an int, replaced by the address's length, or
     *     {@link MemorySegment#NULL}
     * @return the number of bytes, or a negated error number
     */
    public long receiveFrom(MemorySegment into, int flags, MemorySegment address, MemorySegment addressLength) {
        if (addressLength.byteSize() >= 4 && addressLength.get(INT, 0) > address.byteSize()) {
            throw new IllegalArgumentException("the address's place has " + address.byteSize() + " bytes, not "
                    + addressLength.get(INT, 0));
        }
        long r;
        do {
            r = SocketCalls.RECVFROM.call(into, address, addressLength, fd.value(), into.address(), into.byteSize(), flags,
                    address.address(), addressLength.address(), 0);
        } while (r == -Errno.EINTR);
        return r;
    }

    /**
     * Sends the first messages of a batch with one call, as sendmmsg(2).
     *
     * @param batch the messages
     * @param count how many, 1 to the batch's capacity
     * @param flags {@code MSG_} flags
     * @return how many were taken, or a negated error number if not even the first was
     */
    public int send(MessageBatch batch, int count, int flags) {
        MemorySegment headers = batch.headers(count);
        return SocketCalls.SENDMMSG.call(headers, fd.value(), headers.address(), count, flags | MSG_NOSIGNAL);
    }

    /**
     * Receives up to {@code count} messages with one call, as recvmmsg(2); waits for none but the first.
     *
     * @param batch the messages; their lengths are set
     * @param count how many at most, 1 to the batch's capacity
     * @param flags {@code MSG_} flags
     * @return how many were received, or a negated error number
     */
    public int receive(MessageBatch batch, int count, int flags) {
        MemorySegment headers = batch.headers(count);
        return SocketCalls.RECVMMSG.call(headers, fd.value(), headers.address(), count, flags | SocketCalls.MSG_WAITFORONE, 0);
    }

    /**
     * Sets an option that is a number.
     *
     * @param level the option's level, such as {@link #SOL_SOCKET}
     * @param name the option
     * @param value its value
     */
    public void option(int level, int name, int value) {
        try (Arena arena = Arena.ofConfined()) {
            option(level, name, arena.allocateFrom(INT, value));
        }
    }

    /**
     * Sets an option that is a structure.
     *
     * @param level the option's level
     * @param name the option
     * @param value its value, off-heap
     * @throws LinuxException if the kernel refuses
     */
    public void option(int level, int name, MemorySegment value) {
        int r = SocketCalls.SETSOCKOPT.call(value, fd.value(), level, name, value.address(), value.byteSize());
        LinuxException.check(r, "setsockopt(" + fd.name() + ", " + level + ", " + name + ")");
    }

    /**
     * Reads an option that is a number.
     *
     * @param level the option's level
     * @param name the option
     * @return its value
     */
    public int option(int level, int name) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment value = arena.allocate(INT);
            readOption(level, name, value);
            return value.get(INT, 0);
        }
    }

    /** @return what went wrong at the socket since the last call, an error number, or 0 */
    public int takeError() {
        return option(SOL_SOCKET, SO_ERROR);
    }

    /**
     * Reads an option that is a structure.
     *
     * @param level the option's level
     * @param name the option
     * @param into where to
     * @return its length in bytes
     * @throws LinuxException if the kernel refuses
     */
    public int readOption(int level, int name, MemorySegment into) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment length = arena.allocateFrom(INT, (int) into.byteSize());
            int r = SocketCalls.GETSOCKOPT.call(into, length, MemorySegment.NULL, fd.value(), level, name, into.address(), length.address(), 0, 0);
            LinuxException.check(r, "getsockopt(" + fd.name() + ", " + level + ", " + name + ")");
            return length.get(INT, 0);
        }
    }

    /** @return the socket's own address, as the kernel writes it */
    public MemorySegment localAddress() {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment length = arena.allocateFrom(INT, Sockaddr.STORAGE_BYTES);
            MemorySegment address = Arena.ofAuto().allocate(Sockaddr.STORAGE_BYTES, 8);
            int r = SocketCalls.GETSOCKNAME.call(address, length, MemorySegment.NULL, fd.value(), address.address(), length.address(), 0, 0, 0, 0);
            LinuxException.check(r, "getsockname(" + fd.name() + ")");
            return address.asSlice(0, length.get(INT, 0));
        }
    }

    /**
     * Ends waits after a time, with {@link Errno#EAGAIN}.
     *
     * @param milliseconds how long a call may wait, 0 for ever
     */
    public void timeoutMs(long milliseconds) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment timeval = arena.allocateFrom(LONG, milliseconds / 1000, milliseconds % 1000 * 1000);
            option(SOL_SOCKET, SO_RCVTIMEO, timeval);
            option(SOL_SOCKET, SO_SNDTIMEO, timeval);
        }
    }

    /**
     * Who is at the other end of a local socket.
     *
     * @param pid the process
     * @param uid its user
     * @param gid its group
     */
    public record Credentials(int pid, int uid, int gid) {}

    /** @return the process that connected this local socket, as it was then */
    public Credentials peerCredentials() {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment three = arena.allocate(12, 4);
            readOption(SOL_SOCKET, SO_PEERCRED, three);
            return new Credentials(three.get(INT, 0), three.get(INT, 4), three.get(INT, 8));
        }
    }

    /** Closes the socket; a second time does nothing. */
    @Override
    public void close() {
        fd.close();
    }

    @Override
    public String toString() {
        return fd.toString();
    }

    private static Socket own(int number) {
        return new Socket(Fd.own(number, "socket(AF_UNIX)"));
    }

    private static String familyName(int family) {
        return switch (family) {
            case AF_UNIX -> "AF_UNIX";
            case AF_INET -> "AF_INET";
            case AF_INET6 -> "AF_INET6";
            case AF_NETLINK -> "AF_NETLINK";
            case AF_PACKET -> "AF_PACKET";
            case AF_XDP -> "AF_XDP";
            default -> "family " + family;
        };
    }

    private static String remedy(int result, int family) {
        return switch (-result) {
            case Errno.EPERM, Errno.EACCES -> "run as root, or give java the capability CAP_NET_RAW";
            case Errno.EAFNOSUPPORT -> "this kernel was built without " + familyName(family);
            default -> "";
        };
    }

    /** For poll loops: {@link Native#plain}. */
    private static final class Plain {
        private static final MethodHandle SEND = Native.plain("sendto",
                FunctionDescriptor.of(LONG, INT, ValueLayout.ADDRESS, LONG, INT, ValueLayout.ADDRESS, INT));
        private static final MethodHandle RECEIVE = Native.plain("recvfrom",
                FunctionDescriptor.of(LONG, INT, ValueLayout.ADDRESS, LONG, INT, ValueLayout.ADDRESS, ValueLayout.ADDRESS));
        private static final MethodHandle POLL = Native.plain("poll", FunctionDescriptor.of(INT, ValueLayout.ADDRESS, LONG, INT));

        /** Links them by being the class's first call, so that the first packet does not wait some milliseconds for that. */
        static void link() {}

        static long send(int fd) {
            try {
                return (long) SEND.invokeExact(fd, MemorySegment.NULL, 0L, MSG_DONTWAIT | MSG_NOSIGNAL, MemorySegment.NULL, 0);
            } catch (Throwable e) {
                throw Native.thrown(e);
            }
        }

        static void receive(int fd) {
            try {
                long ignored = (long) RECEIVE.invokeExact(fd, MemorySegment.NULL, 0L, MSG_DONTWAIT, MemorySegment.NULL,
                        MemorySegment.NULL);
            } catch (Throwable e) {
                throw Native.thrown(e);
            }
        }

        static void poll(MemorySegment pollFd) {
            try {
                int ignored = (int) POLL.invokeExact(pollFd, 1L, 0);
            } catch (Throwable e) {
                throw Native.thrown(e);
            }
        }
    }
}
