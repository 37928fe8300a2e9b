package dev.penstock.drivers.memif;

import dev.penstock.linux.Errno;
import dev.penstock.linux.Fd;
import dev.penstock.linux.FdPassing;
import dev.penstock.linux.LinuxException;
import dev.penstock.linux.Socket;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * A control message: 128 bytes, the type first, and perhaps a descriptor. One object serves a connection for all its
 * messages, in one thread. Numbers are packed and in the processor's byte order.
 */
final class MemifMessage implements AutoCloseable {
    static final int BYTES = 128;
    static final int NAME_BYTES = 32;
    static final int SECRET_BYTES = 24;
    static final int REASON_BYTES = 96;
    /** Version 2.0. */
    static final int VERSION = 0x200;

    static final int ACK = 1;
    static final int HELLO = 2;
    static final int INIT = 3;
    static final int ADD_REGION = 4;
    static final int ADD_RING = 5;
    static final int CONNECT = 6;
    static final int CONNECTED = 7;
    static final int DISCONNECT = 8;

    static final int HELLO_MIN_VERSION = 34;
    static final int HELLO_MAX_VERSION = 36;
    static final int HELLO_MAX_REGION = 38;
    static final int HELLO_MAX_S2C = 40;
    static final int HELLO_MAX_C2S = 42;
    static final int HELLO_MAX_LOG2 = 44;
    static final int INIT_VERSION = 2;
    static final int INIT_ID = 4;
    static final int INIT_MODE = 8;
    static final int INIT_SECRET = 9;
    static final int INIT_NAME = 33;
    static final int REGION_INDEX = 2;
    static final int REGION_SIZE = 4;
    static final int RING_FLAGS = 2;
    static final int RING_INDEX = 4;
    static final int RING_REGION = 6;
    static final int RING_OFFSET = 8;
    static final int RING_LOG2 = 12;
    static final int RING_PRIVATE = 13;
    /** Flag of a ring's message: packets go from client to server. */
    static final int RING_C2S = 1;
    static final int TEXT = 2;
    static final int REASON = 6;

    private static final ValueLayout.OfByte BYTE = ValueLayout.JAVA_BYTE;
    private static final ValueLayout.OfShort SHORT = ValueLayout.JAVA_SHORT_UNALIGNED;
    private static final ValueLayout.OfInt INT = ValueLayout.JAVA_INT_UNALIGNED;
    private static final ValueLayout.OfLong LONG = ValueLayout.JAVA_LONG_UNALIGNED;

    private final Arena arena = Arena.ofShared();
    private final MemorySegment bytes = arena.allocate(BYTES, 8);
    private final List<Fd> fds = new ArrayList<>();

    /** Begins a message to send. */
    MemifMessage begin(int type) {
        bytes.fill((byte) 0);
        bytes.set(SHORT, 0, (short) type);
        return this;
    }

    int type() {
        return u16(0);
    }

    int u8(int at) {
        return bytes.get(BYTE, at) & 0xff;
    }

    int u16(int at) {
        return bytes.get(SHORT, at) & 0xffff;
    }

    int u32(int at) {
        return bytes.get(INT, at);
    }

    long u64(int at) {
        return bytes.get(LONG, at);
    }

    MemifMessage u8(int at, int value) {
        bytes.set(BYTE, at, (byte) value);
        return this;
    }

    MemifMessage u16(int at, int value) {
        bytes.set(SHORT, at, (short) value);
        return this;
    }

    MemifMessage u32(int at, int value) {
        bytes.set(INT, at, value);
        return this;
    }

    MemifMessage u64(int at, long value) {
        bytes.set(LONG, at, value);
        return this;
    }

    /** Reads text that ends at a zero or where its room does; what can't be printed shows as a question mark. */
    String text(int at, int room) {
        byte[] raw = bytes.asSlice(at, room).toArray(BYTE);
        int end = 0;
        while (end < room && raw[end] != 0) {
            raw[end] = raw[end] < ' ' ? (byte) '?' : raw[end];
            end++;
        }
        return new String(raw, 0, end, StandardCharsets.US_ASCII);
    }

    /** Whether this text, which is shorter than its room, stands there: each byte of it, also where it can't be printed. */
    boolean holds(int at, int room, String text) {
        byte[] raw = text.getBytes(StandardCharsets.UTF_8);
        return Arrays.equals(Arrays.copyOf(raw, raw.length + 1), bytes.asSlice(at, Math.min(raw.length + 1, room)).toArray(BYTE));
    }

    /** Writes text, cut so that a zero follows it within its room. */
    MemifMessage text(int at, int room, String text) {
        byte[] raw = text.getBytes(StandardCharsets.UTF_8);
        MemorySegment.copy(raw, 0, bytes, BYTE, at, Math.min(raw.length, room - 1));
        return this;
    }

    /**
     * Sends the message, and waits for nobody: a peer that does not read what it is sent would hold up all others of its socket.
     *
     * @param socket the connection
     * @param fd goes with it, or null
     * @throws LinuxException when the peer has gone, or does not read
     */
    void send(Socket socket, Fd fd) {
        long r = FdPassing.send(socket, bytes, fd == null ? List.of() : List.of(fd), Socket.MSG_DONTWAIT);
        LinuxException.check(r, "memif message " + type(), r == -Errno.EAGAIN ? "the peer does not read" : "the peer has gone");
    }

    /**
     * Receives a message.
     *
     * @param socket the connection
     * @return false when the peer has ended it
     * @throws MemifException when it is no message
     */
    boolean receive(Socket socket) {
        closeFds();
        bytes.fill((byte) 0);
        long r = FdPassing.receive(socket, bytes, fds, 0);
        if (r == 0 || r == -Errno.ECONNRESET) {
            return false;
        }
        LinuxException.check(r, "memif message", r == -Errno.EMFILE ? "what the peer shares is lost: raise the limit of open files, ulimit -n" : "");
        if (r != BYTES) {
            throw new MemifException("Invalid message size", r + " bytes, not " + BYTES);
        }
        return true;
    }

    /**
     * The descriptor that came, now the caller's.
     *
     * @param missing what the peer is told when none or several came
     * @return the descriptor
     */
    Fd takeFd(String missing) {
        if (fds.size() != 1) {
            throw new MemifException(missing, "message " + type() + " brought " + fds.size() + " descriptors, not one");
        }
        return fds.removeLast();
    }

    private void closeFds() {
        fds.forEach(Fd::close);
        fds.clear();
    }

    @Override
    public void close() {
        closeFds();
        arena.close();
    }
}
