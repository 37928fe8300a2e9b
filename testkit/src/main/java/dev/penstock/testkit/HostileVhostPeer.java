package dev.penstock.testkit;

import dev.penstock.linux.EventFd;
import dev.penstock.linux.Fd;
import dev.penstock.linux.FdPassing;
import dev.penstock.linux.LinuxException;
import dev.penstock.linux.Mapping;
import dev.penstock.linux.Memfd;
import dev.penstock.linux.Sockaddr;
import dev.penstock.linux.Socket;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.VarHandle;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;

/**
 * A vhost-user front end that means harm: it connects to a back end, sets a device up as a good one does, and then sends
 * messages with wrong sizes, descriptors, regions, rings and numbers, repeated and out of order, while queues run
 * ({@link #misbehave}), or fills the rings with chains that lie ({@link #chain}). A seed drives it. It connects again when the
 * back end ends the connection. One thread uses it; a second one may {@link #scribble} meanwhile.
 *
 * <p>Who tests a back end with it polls the queues between the calls, and looks afterwards whether open files, mappings and
 * packets are as many as before, and whether what was refused has been counted.
 */
public final class HostileVhostPeer implements AutoCloseable {
    private static final ValueLayout.OfInt INT = ValueLayout.JAVA_INT;
    private static final ValueLayout.OfLong LONG = ValueLayout.JAVA_LONG_UNALIGNED;
    private static final int HEADER = 12;
    private static final int NEED_REPLY = 8;
    private static final long MEMORY = 1 << 20;
    private static final long USER = 0x7f00_0000_0000L;
    /** Checksums, tables of descriptors, protocol features, version 1. */
    private static final long FEATURES = 1L | 1L << 28 | 1L << 30 | 1L << 32;
    private static final int SIZE = 256;
    private static final int AVAIL = 0x2000;
    private static final int USED = 0x4000;
    private static final int RING = 0x10000;
    /** Where buffers and tables of descriptors begin; ring 0 is what the guest receives with, ring 1 what it sends with. */
    private static final int BUFFERS = 0x40000;
    private static final ValueLayout.OfShort SHORT = ValueLayout.JAVA_SHORT;
    private static final VarHandle INDEX = SHORT.varHandle();
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
    private final Mapping mapping = Mapping.shared(memory, 0, MEMORY);
    private final SplittableRandom scribbles;
    private Socket socket;
    private long rejections;

    /**
     * A peer that is not yet connected.
     *
     * @param path the back end's socket
     * @param random what it does
     */
    public HostileVhostPeer(String path, SplittableRandom random) {
        this.path = path;
        this.random = random;
        scribbles = random.split();
    }

    /** @return how often the back end ended the connection, or took no more of a message */
    public long rejections() {
        return rejections;
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
            long ring = USER + queue * (long) RING;
            send(8, 0, List.of(), queue | (long) SIZE << 32);
            send(10, 0, List.of(), queue);
            send(9, 0, List.of(), queue, ring, ring + USED, ring + AVAIL, 0);
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
        List<Fd> fds = new ArrayList<>();
        if (random.nextInt(4) == 0) {
            // a table of regions, of which some are right, or all but for their places
            request = 5;
            int n = random.nextInt(9);
            size = 8 + 32 * n;
            message.set(LONG, HEADER, n);
            for (int i = 0; i < n && (size & 64) == 0; i++) {
                fds.add(memory);
                long at = HEADER + 8 + 32L * i;
                message.set(LONG, at, random.nextInt(32) * 4096L);
                message.set(LONG, at + 8, 4096);
                message.set(LONG, at + 16, random.nextInt(32) * 4096L);
                message.set(LONG, at + 24, random.nextInt(32) * 4096L);
            }
        }
        for (int n = !fds.isEmpty() ? 0 : random.nextInt(3) == 0 ? random.nextInt(12) : random.nextInt(2); n > 0; n--) {
            fds.add(random.nextBoolean() ? memory : event.fd());
        }
        int told = random.nextInt(20) == 0 ? (int) word() : size;
        int flags = random.nextInt(20) == 0 ? random.nextInt() : 1 | (random.nextInt(4) == 0 ? 0 : NEED_REPLY);
        raw(request, flags, told, size, fds);
        for (int again = random.nextInt(5) == 0 ? random.nextInt(4) : 0; again > 0 && socket != null; again--) {
            raw(request, flags, told, size, fds);
        }
    }

    /**
     * Writes a chain of descriptors, sound or not, into each of the two rings, and makes it available. {@link #behave} goes before.
     */
    public void chain() {
        for (int queue = 0; queue < 2; queue++) {
            long ring = (long) queue * RING;
            MemorySegment all = mapping.segment();
            int head = random.nextInt(SIZE);
            int n = random.nextInt(5) == 0 ? random.nextInt(1, SIZE + 2) : random.nextInt(1, 4);
            for (int i = 0; i < n; i++) {
                descriptor(random, ring + (head + i) % SIZE * 16L, queue == 0, i < n - 1, head + i + 1);
            }
            if (random.nextInt(40) == 0) {
                // one that is sound, but for its next being itself
                all.set(LONG, ring + head * 16L, BUFFERS);
                all.set(LONG, ring + head * 16L + 8, 1 | (queue == 0 ? 3L : 1L) << 32 | (long) head << 48);
            }
            for (int i = 0; i < 4; i++) {
                descriptor(random, BUFFERS + random.nextInt(SIZE) * 16L, queue == 0, random.nextBoolean(), random.nextInt(SIZE));
                all.set(LONG, BUFFERS + 0x4000 + random.nextInt(0x1000) * 16L, random.nextInt(3) == 0 ? 1 | random.nextLong() : 0);
            }
            int index = all.get(SHORT, ring + USED + 2) & 0xffff;
            all.set(SHORT, ring + AVAIL + 4 + 2L * (index % SIZE), (short) (random.nextInt(20) == 0 ? random.nextInt() : head));
            INDEX.setRelease(all, ring + AVAIL + 2, (short) (random.nextInt(50) == 0 ? random.nextInt() : index + 1));
        }
    }

    private void descriptor(SplittableRandom by, long at, boolean write, boolean next, int link) {
        boolean sound = by.nextInt(4) > 0;
        long address = sound ? BUFFERS + 0x4000 + by.nextInt(0x1000) * 16L : NASTY[by.nextInt(NASTY.length)];
        long length = by.nextInt(4) > 0 ? 16 + by.nextInt(1600) : NASTY[by.nextInt(NASTY.length)];
        long flags = (next ? 1 : 0) | (write == (by.nextInt(10) > 0) ? 2 : 0);
        if (by.nextInt(8) == 0) {
            address = BUFFERS + by.nextInt(SIZE) * 16L;
            length = 16L * by.nextInt(1, 8) + (by.nextInt(8) == 0 ? 1 : 0);
            flags = 4 | (by.nextInt(8) == 0 ? 1 : 0);
        }
        if (by.nextInt(30) == 0) {
            flags = by.nextInt(1 << 16);
        }
        int to = by.nextInt(15) == 0 ? by.nextInt(1 << 16) : link % SIZE;
        mapping.segment().set(LONG, at, address);
        mapping.segment().set(LONG, at + 8, length & 0xffff_ffffL | flags << 32 | (long) to << 48);
    }

    /** Rewrites a few descriptors and ring entries, as a second thread does while the first one sends. */
    public void scribble() {
        for (int i = 0; i < 8; i++) {
            int queue = scribbles.nextInt(2);
            descriptor(scribbles, (long) queue * RING + scribbles.nextInt(SIZE) * 16L, queue == 0, scribbles.nextBoolean(),
                    scribbles.nextInt(SIZE));
            mapping.segment().set(SHORT, (long) queue * RING + AVAIL + 4 + 2L * scribbles.nextInt(SIZE), (short) scribbles.nextInt(SIZE + 2));
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
        if (r < 0) {
            rejections++;
        }
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
            rejections++;
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
        mapping.close();
        memory.close();
        event.close();
        arena.close();
    }
}
