package dev.penstock.testkit;

import dev.penstock.linux.EventFd;
import dev.penstock.linux.Fd;
import dev.penstock.linux.FdPassing;
import dev.penstock.linux.LinuxException;
import dev.penstock.linux.Memfd;
import dev.penstock.linux.Sockaddr;
import dev.penstock.linux.Socket;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;

/**
 * A vhost-user front end that means harm: it connects to a back end, sets a device up as a good one does, and then sends
 * messages with wrong sizes, descriptors, regions, rings and numbers, repeated and out of order, while queues run. A seed
 * drives it. It connects again when the back end ends the connection. One thread uses it.
 */
public final class HostileVhostPeer implements AutoCloseable {
    private static final ValueLayout.OfInt INT = ValueLayout.JAVA_INT;
    private static final ValueLayout.OfLong LONG = ValueLayout.JAVA_LONG_UNALIGNED;
    private static final int HEADER = 12;
    private static final int NEED_REPLY = 8;
    private static final long MEMORY = 1 << 20;
    private static final long USER = 0x7f00_0000_0000L;
    private static final long FEATURES = 1L << 30 | 1L << 32;
    private static final int MAX_REQUEST = 42;
    private static final long[] NASTY = {0, 1, -1, 7, 4096, 0x7fff_ffffL, 0xffff_ffffL, Long.MAX_VALUE, Long.MIN_VALUE,
            -4096, 1L << 46, 1L << 32, MEMORY, MEMORY - 1, USER, USER + MEMORY - 16};

    private final String path;
    private final SplittableRandom random;
    private final Arena arena = Arena.ofShared();
    private final MemorySegment message = arena.allocate(8192, 8);
    private final MemorySegment reply = arena.allocate(8192, 8);
    private final Fd memory = Memfd.create("hostile", MEMORY);
    private final EventFd event = new EventFd();
    private Socket socket;
    private long connections;

    /**
     * A peer that is not yet connected.
     *
     * @param path the back end's socket
     * @param random what it does
     */
    public HostileVhostPeer(String path, SplittableRandom random) {
        this.path = path;
        this.random = random;
    }

    /** @return how often it has connected */
    public long connections() {
        return connections;
    }

    /** @return the file behind the guest's memory, for tests that cut it */
    public Fd memory() {
        return memory;
    }

    /** Connects and has both queues of the first pair run, all by the rules: split rings in one region of 1 MB. */
    public void behave() {
        connect();
        send(2, 0, List.of(), FEATURES);
        send(16, 0, List.of(), 1 << 3 | 1 << 15);
        send(5, 0, List.of(memory), 1, 0, MEMORY, USER, 0);
        for (int queue = 0; queue < 2; queue++) {
            long ring = USER + queue * 0x10000L;
            send(8, 0, List.of(), queue | 256L << 32);
            send(10, 0, List.of(), queue);
            send(9, 0, List.of(), queue, ring, ring + 0x4000, ring + 0x2000, 0);
            send(13, 0, List.of(event.fd()), queue);
            send(12, 0, List.of(event.fd()), queue);
            send(18, 0, List.of(), queue | 1L << 32);
        }
    }

    /** Sends one message that may be anything; connects and sets up again first when the back end has had enough. */
    public void misbehave() {
        while (socket == null) {
            behave();
        }
        int request = random.nextInt(8) == 0 ? random.nextInt() : random.nextInt(MAX_REQUEST);
        int words = random.nextInt(6) == 0 ? random.nextInt(40) : random.nextInt(6);
        int size = words * 8 + (random.nextInt(6) == 0 ? random.nextInt(8) : 0);
        for (int i = 0; i <= words; i++) {
            message.set(LONG, HEADER + i * 8L, word());
        }
        if (random.nextInt(4) == 0) {
            // a table of regions, of which some are right
            request = 5;
            int n = random.nextInt(9);
            size = 8 + 32 * n;
            message.set(LONG, HEADER, n);
        }
        List<Fd> fds = new ArrayList<>();
        for (int n = random.nextInt(3) == 0 ? random.nextInt(12) : random.nextInt(2); n > 0; n--) {
            fds.add(random.nextBoolean() ? memory : event.fd());
        }
        int told = random.nextInt(20) == 0 ? (int) word() : size;
        int flags = random.nextInt(20) == 0 ? random.nextInt() : 1 | (random.nextInt(4) == 0 ? 0 : NEED_REPLY);
        raw(request, flags, told, size, fds);
        for (int again = random.nextInt(5) == 0 ? random.nextInt(4) : 0; again > 0 && socket != null; again--) {
            raw(request, flags, told, size, fds);
        }
    }

    private long word() {
        return switch (random.nextInt(4)) {
            case 0 -> random.nextLong();
            case 1 -> NASTY[random.nextInt(NASTY.length)];
            case 2 -> random.nextInt(4) | (long) random.nextInt(4) << 32;
            default -> random.nextInt(4) * 4096L;
        };
    }

    /**
     * Sends a message of numbers of 8 bytes, and takes what comes back.
     *
     * @param request what is asked
     * @param flags beside the version
     * @param fds descriptors to go with it
     * @param words the payload
     */
    public void send(int request, int flags, List<Fd> fds, long... words) {
        for (int i = 0; i < words.length; i++) {
            message.set(LONG, HEADER + i * 8L, words[i]);
        }
        if (socket != null) {
            raw(request, flags | 1, words.length * 8, words.length * 8, fds);
        }
    }

    private void raw(int request, int flags, int told, int size, List<Fd> fds) {
        message.set(INT, 0, request);
        message.set(INT, 4, flags);
        message.set(INT, 8, told);
        long r = FdPassing.send(socket, message.asSlice(0, HEADER + size), fds);
        if (r < 0 || told != size) {
            disconnect();
            return;
        }
        drain();
    }

    /** Takes answers, so that the back end never waits for this. */
    private void drain() {
        List<Fd> came = new ArrayList<>();
        long r;
        do {
            r = FdPassing.receive(socket, reply, came, Socket.MSG_DONTWAIT);
        } while (r > 0);
        came.forEach(Fd::close);
        if (r == 0) {
            disconnect();
        }
    }

    private void connect() {
        disconnect();
        long deadline = System.nanoTime() + 10_000_000_000L;
        while (true) {
            Socket made = Socket.open(Socket.AF_UNIX, Socket.SOCK_STREAM, 0);
            try {
                made.connect(Sockaddr.unix(path));
                socket = made;
                connections++;
                return;
            } catch (LinuxException e) {
                made.close();
                if (System.nanoTime() > deadline) {
                    throw e;
                }
            }
        }
    }

    /** Ends the connection. */
    public void disconnect() {
        if (socket != null) {
            socket.close();
            socket = null;
        }
    }

    @Override
    public void close() {
        disconnect();
        memory.close();
        event.close();
        arena.close();
    }
}
