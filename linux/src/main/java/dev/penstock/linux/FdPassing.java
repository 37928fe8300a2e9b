package dev.penstock.linux;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.List;

/** Sends and receives bytes together with descriptors over local sockets (SCM_RIGHTS of unix(7)). */
public final class FdPassing {
    /** How many descriptors one message may carry. */
    public static final int MAX_FDS = 253;

    private static final int MSGHDR_BYTES = 56;
    private static final int IOV = 16;
    private static final int IOV_LENGTH = 24;
    private static final int CONTROL = 32;
    private static final int CONTROL_LENGTH = 40;
    private static final int FLAGS = 48;
    private static final int CMSG_HEADER_BYTES = 16;
    private static final int SCM_RIGHTS = 1;
    private static final int MSG_CTRUNC = 8;
    private static final int MSG_CMSG_CLOEXEC = 0x40000000;
    private static final ValueLayout.OfInt INT = ValueLayout.JAVA_INT;
    private static final ValueLayout.OfLong LONG = ValueLayout.JAVA_LONG;

    private FdPassing() {}

    /**
     * Sends bytes and descriptors as one message. The sender keeps its own descriptors.
     *
     * @param socket a local socket
     * @param data the bytes, at least one
     * @param fds the descriptors, up to {@link #MAX_FDS}; may be empty
     * @return the number of bytes taken, or a negated error number
     */
    public static long send(Socket socket, MemorySegment data, List<Fd> fds) {
        return send(socket, data, fds, 0);
    }

    /**
     * Sends bytes and descriptors as one message. The sender keeps its own descriptors.
     *
     * @param socket a local socket
     * @param data the bytes, at least one
     * @param fds the descriptors, up to {@link #MAX_FDS}; may be empty
     * @param flags {@code MSG_} flags of {@link Socket}
     * @return the number of bytes taken, or a negated error number
     */
    public static long send(Socket socket, MemorySegment data, List<Fd> fds, int flags) {
        if (data.byteSize() == 0 || fds.size() > MAX_FDS) {
            throw new IllegalArgumentException("a message has 1 byte or more and up to 253 descriptors, not "
                    + data.byteSize() + " and " + fds.size());
        }
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment header = header(arena, data);
            if (!fds.isEmpty()) {
                int bytes = CMSG_HEADER_BYTES + 4 * fds.size();
                MemorySegment control = arena.allocate((bytes + 7) & ~7, 8);
                control.set(LONG, 0, bytes);
                control.set(INT, 8, Socket.SOL_SOCKET);
                control.set(INT, 12, SCM_RIGHTS);
                for (int i = 0; i < fds.size(); i++) {
                    control.set(INT, CMSG_HEADER_BYTES + 4L * i, fds.get(i).value());
                }
                header.set(LONG, CONTROL, control.address());
                header.set(LONG, CONTROL_LENGTH, control.byteSize());
            }
            long r;
            do {
                r = SocketCalls.SENDMSG.call(header, socket.fd().value(), header.address(), flags | Socket.MSG_NOSIGNAL);
            } while (r == -Errno.EINTR);
            return r;
        }
    }

    /**
     * Receives bytes and the descriptors that came with them.
     *
     * @param socket a local socket
     * @param into where the bytes go
     * @param fds where the descriptors are added; they belong to the caller, also when the message is bad
     * @param flags {@code MSG_} flags of {@link Socket}
     * @return the number of bytes, 0 when the peer ended, or a negated error number; {@link Errno#EMFILE} if
     *     descriptors were lost because this process may not have so many
     */
    public static long receive(Socket socket, MemorySegment into, List<Fd> fds, int flags) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment header = header(arena, into);
            MemorySegment control = arena.allocate(CMSG_HEADER_BYTES + 4 * MAX_FDS + 64, 8);
            header.set(LONG, CONTROL, control.address());
            header.set(LONG, CONTROL_LENGTH, control.byteSize());
            long r;
            do {
                r = SocketCalls.RECVMSG.call(header, socket.fd().value(), header.address(), flags | MSG_CMSG_CLOEXEC);
            } while (r == -Errno.EINTR);
            if (r < 0) {
                return r;
            }
            fds.addAll(descriptors(control.asSlice(0, header.get(LONG, CONTROL_LENGTH))));
            return (header.get(INT, FLAGS) & MSG_CTRUNC) != 0 ? -Errno.EMFILE : r;
        }
    }

    private static MemorySegment header(Arena arena, MemorySegment data) {
        if (!data.isNative()) {
            throw new IllegalArgumentException("the bytes of a message must be off-heap");
        }
        MemorySegment header = arena.allocate(MSGHDR_BYTES, 8);
        MemorySegment vector = arena.allocateFrom(LONG, data.address(), data.byteSize());
        header.set(LONG, IOV, vector.address());
        header.set(LONG, IOV_LENGTH, 1);
        return header;
    }

    private static List<Fd> descriptors(MemorySegment control) {
        List<Fd> found = new ArrayList<>();
        for (long at = 0; at + CMSG_HEADER_BYTES <= control.byteSize();) {
            long bytes = control.get(LONG, at);
            if (bytes < CMSG_HEADER_BYTES || bytes > control.byteSize() - at) {
                break;
            }
            if (control.get(INT, at + 8) == Socket.SOL_SOCKET && control.get(INT, at + 12) == SCM_RIGHTS) {
                for (long fd = at + CMSG_HEADER_BYTES; fd + 4 <= at + bytes; fd += 4) {
                    found.add(Fd.own(control.get(INT, fd), "passed descriptor"));
                }
            }
            at += (bytes + 7) & ~7L;
        }
        return found;
    }
}
