package dev.penstock.linux;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.function.Consumer;

/** Carries requests to the kernel's routing side and answers back. One thread at a time. */
final class NetlinkSocket implements AutoCloseable {
    private static final int NETLINK_ROUTE = 0;
    private static final int SOL_NETLINK = 270;
    private static final int NETLINK_CAP_ACK = 10;
    private static final int NETLINK_EXT_ACK = 11;
    private static final int NLMSG_ERROR = 2;
    private static final int NLMSG_DONE = 3;
    private static final int F_MULTI = 2;
    private static final int F_ACK_TLVS = 0x200;
    private static final int ERROR_BYTES = 4 + NetlinkMessage.HEADER_BYTES;
    private static final int ATTRIBUTE_MESSAGE = 1;
    private static final int REQUEST_BYTES = 4096;
    private static final int ANSWER_BYTES = 1 << 17;

    private final Socket socket;
    private final NetlinkMessage request = new NetlinkMessage(Arena.ofAuto().allocate(REQUEST_BYTES, 8));
    private final MemorySegment answer = Arena.ofAuto().allocate(ANSWER_BYTES, 8);
    private int sequence;
    private volatile long overflows;

    NetlinkSocket(int groups) {
        socket = Socket.open(Socket.AF_NETLINK, Socket.SOCK_RAW | (groups == 0 ? 0 : Socket.SOCK_NONBLOCK),
                NETLINK_ROUTE);
        try {
            socket.option(SOL_NETLINK, NETLINK_EXT_ACK, 1);
            socket.option(SOL_NETLINK, NETLINK_CAP_ACK, 1);
            socket.bind(Sockaddr.netlink(0, groups));
        } catch (RuntimeException e) {
            socket.close();
            throw e;
        }
    }

    Fd fd() {
        return socket.fd();
    }

    NetlinkMessage request() {
        return request;
    }

    /**
     * Sends the request and gives each message of the answer to the consumer, from its fixed part on.
     *
     * @throws LinuxException if the kernel refuses, with the kernel's own words if it has any
     */
    void exchange(String what, Consumer<MemorySegment> each) {
        sequence++;
        LinuxException.check(socket.send(request.finish(sequence), 0), what, "");
        while (!take(LinuxException.check(socket.receive(answer, 0), what, ""), sequence, what, each)) {
            continue;
        }
    }

    /** Gives each message that waits to the consumer; returns whether there was any. */
    boolean drain(String what, Consumer<MemorySegment> each) {
        long bytes = socket.receive(answer, Socket.MSG_DONTWAIT);
        if (bytes == -Errno.EAGAIN) {
            return false;
        }
        if (bytes == -Errno.ENOBUFS) {
            // what is left is still good
            overflows++;
        } else {
            take(LinuxException.check(bytes, what, ""), 0, what, each);
        }
        return true;
    }

    /** How often messages were lost for want of room, because nobody took those before. */
    long overflows() {
        return overflows;
    }

    /** Reads one datagram; returns whether the answer is complete. */
    private boolean take(long bytes, int wanted, String what, Consumer<MemorySegment> each) {
        boolean complete = false;
        for (long at = 0; at + NetlinkMessage.HEADER_BYTES <= bytes;) {
            int length = answer.get(ValueLayout.JAVA_INT, at);
            if (length < NetlinkMessage.HEADER_BYTES || length > bytes - at) {
                throw new LinuxException(what, Errno.EPROTO, "the kernel's answer is cut short");
            }
            MemorySegment message = answer.asSlice(at, length);
            int type = message.get(ValueLayout.JAVA_SHORT, 4) & 0xffff;
            int flags = message.get(ValueLayout.JAVA_SHORT, 6) & 0xffff;
            if (message.get(ValueLayout.JAVA_INT, 8) == wanted) {
                if (type == NLMSG_ERROR || type == NLMSG_DONE) {
                    refuse(message, flags, what);
                    complete = true;
                } else {
                    each.accept(message);
                    complete |= (flags & F_MULTI) == 0;
                }
            }
            at += (length + 3) & ~3;
        }
        return complete;
    }

    private static void refuse(MemorySegment message, int flags, String what) {
        if (message.byteSize() < NetlinkMessage.HEADER_BYTES + 4) {
            return;
        }
        int error = message.get(ValueLayout.JAVA_INT, NetlinkMessage.HEADER_BYTES);
        if (error < 0) {
            String words = (flags & F_ACK_TLVS) == 0 ? "" : NetlinkMessage.string(message,
                    NetlinkMessage.HEADER_BYTES + ERROR_BYTES, ATTRIBUTE_MESSAGE);
            String remedy = error == -Errno.EPERM ? "run as root, or give java the capability CAP_NET_ADMIN" : "";
            throw new LinuxException(what, -error, words.isEmpty() ? remedy : "the kernel says: " + words);
        }
    }

    @Override
    public void close() {
        socket.close();
    }
}
