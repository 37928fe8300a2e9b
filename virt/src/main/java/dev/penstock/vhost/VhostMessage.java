package dev.penstock.vhost;

import dev.penstock.linux.Errno;
import dev.penstock.linux.Fd;
import dev.penstock.linux.FdPassing;
import dev.penstock.linux.LinuxException;
import dev.penstock.linux.Socket;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.List;

/**
 * One message of vhost-user: a request, flags, a payload and descriptors (vhost-user specification, "Header"). Used
 * again for each message of a connection, by one thread; all numbers are in the processor's byte order.
 *
 * <p>A received message owns the descriptors that came with it until they are {@link #takeFds taken} or the next message
 * comes.
 */
public final class VhostMessage implements AutoCloseable {
    /** Bytes of the header. */
    public static final int HEADER_BYTES = 12;
    /** Bytes of the longest payload. */
    public static final int MAX_PAYLOAD = 4096;
    /** Flag: this answers a request. */
    public static final int REPLY = 1 << 2;
    /** Flag: the sender waits for an answer. */
    public static final int NEED_REPLY = 1 << 3;
    /** The version, in the lowest two bits of the flags. */
    public static final int VERSION = 1;
    /** Most descriptors that a message may bring. */
    public static final int MAX_FDS = 8;

    private static final int VERSION_MASK = 3;
    /** In which header and payload must come, each. */
    private static final long PART_NS = 2_000_000_000L;
    private static final int REQUEST = 0;
    private static final int FLAGS = 4;
    private static final int SIZE = 8;
    private static final ValueLayout.OfInt INT = ValueLayout.JAVA_INT;

    private final Arena arena = Arena.ofShared();
    private final MemorySegment whole = arena.allocate(HEADER_BYTES + 4L + MAX_PAYLOAD, 8).asSlice(4);
    private final MemorySegment payload = whole.asSlice(HEADER_BYTES);
    private final List<Fd> fds = new ArrayList<>();

    /** An empty message. */
    public VhostMessage() {}

    /** @return what is asked, a number of {@link VhostRequest} */
    public int request() {
        return whole.get(INT, REQUEST);
    }

    /** @return the flags */
    public int flags() {
        return whole.get(INT, FLAGS);
    }

    /** @return bytes of the payload, at most {@link #MAX_PAYLOAD} */
    public int size() {
        return whole.get(INT, SIZE);
    }

    /** @return the room of the payload, 8-byte aligned; {@link #size} says how much of it is meant */
    public MemorySegment payload() {
        return payload;
    }

    /** @return the descriptors that came, now the caller's */
    public List<Fd> takeFds() {
        List<Fd> taken = List.copyOf(fds);
        fds.clear();
        return taken;
    }

    /**
     * Sends a message whose payload has been written.
     *
     * @param socket the connection
     * @param request what is asked
     * @param flags {@link #REPLY} or {@link #NEED_REPLY} or none
     * @param size bytes of the payload
     * @param passed descriptors to go with it; they stay the caller's
     * @throws LinuxException when the peer has gone
     */
    public void send(Socket socket, int request, int flags, int size, List<Fd> passed) {
        send(socket, request, flags, size, passed, 0);
    }

    /**
     * Sends a question whose payload has been written, and waits for nobody.
     *
     * @param socket the connection
     * @param request what is asked
     * @param size bytes of the payload
     * @throws LinuxException when the peer has gone, or does not read
     */
    public void sendNow(Socket socket, int request, int size) {
        send(socket, request, 0, size, List.of(), Socket.MSG_DONTWAIT);
    }

    private void send(Socket socket, int request, int flags, int size, List<Fd> passed, int how) {
        whole.set(INT, REQUEST, request);
        whole.set(INT, FLAGS, flags | VERSION);
        whole.set(INT, SIZE, size);
        long r = FdPassing.send(socket, whole.asSlice(0, HEADER_BYTES + size), passed, how);
        LinuxException.check(r, "vhost-user request " + request + " on " + socket, r == -Errno.EAGAIN ? "the peer does not read"
                : "the peer has gone");
        if (r != HEADER_BYTES + size) {
            throw new VhostException("request " + request + ": the peer took " + r + " of " + (HEADER_BYTES + size) + " bytes");
        }
    }

    /**
     * Receives a message and checks its header.
     *
     * @param socket the connection, with a time limit of its own
     * @return false when the peer has ended the connection
     * @throws VhostException when the message makes no sense; the connection is of no use any more
     * @throws LinuxException when the connection is broken or nothing came in time
     */
    public boolean receive(Socket socket) {
        closeFds();
        long r = read(socket, whole.asSlice(0, HEADER_BYTES));
        if (r == 0 || r == -Errno.ECONNRESET) {
            return false;
        }
        if (r != HEADER_BYTES || (flags() & VERSION_MASK) != VERSION || size() < 0 || size() > MAX_PAYLOAD) {
            throw new VhostException(r != HEADER_BYTES ? "a header of " + r + " bytes" : "request " + request() + " with flags "
                    + flags() + " and " + size() + " bytes; version 1 and at most " + MAX_PAYLOAD + " bytes are understood");
        }
        if (size() > 0 && read(socket, payload.asSlice(0, size())) != size()) {
            throw new VhostException("request " + request() + " ends before its " + size() + " bytes");
        }
        return true;
    }

    /** Each part of a message comes at once or in a few pieces; who waits for it can't be closed meanwhile. */
    private long read(Socket socket, MemorySegment into) {
        long begun = System.nanoTime();
        long at = 0;
        while (at < into.byteSize()) {
            long r = FdPassing.receive(socket, into.asSlice(at), fds, 0);
            if (r == 0 || r == -Errno.ECONNRESET) {
                return at == 0 ? r : at;
            }
            LinuxException.check(r, "vhost-user receive on " + socket, r == -Errno.EMFILE
                    ? "what the peer shares is lost: raise the limit of open files, ulimit -n" : "the peer does not answer");
            at += r;
            if (fds.size() > MAX_FDS) {
                throw new VhostException("a message brings " + fds.size() + " descriptors; at most " + MAX_FDS + " are taken");
            }
            if (at < into.byteSize() && System.nanoTime() - begun > PART_NS) {
                throw new VhostException("a message comes too slowly: " + at + " of " + into.byteSize() + " bytes");
            }
        }
        return at;
    }

    private void closeFds() {
        fds.forEach(Fd::close);
        fds.clear();
    }

    /** Closes descriptors that nobody took. */
    @Override
    public void close() {
        closeFds();
        arena.close();
    }
}
