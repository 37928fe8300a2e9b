package dev.penstock.testkit;

import dev.penstock.linux.EventFd;
import dev.penstock.linux.Fd;
import dev.penstock.linux.FdPassing;
import dev.penstock.linux.LinuxException;
import dev.penstock.linux.Mapping;
import dev.penstock.linux.Memfd;
import dev.penstock.linux.Sockaddr;
import dev.penstock.linux.Socket;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.VarHandle;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;

/**
 * A memif client that means no good: it says the right words in the wrong order, with wrong numbers, lengths and
 * descriptors, and when it is let in it writes what it likes into the rings. A seed drives it; one thread uses it, and a second one may {@link #scribble}.
 */
public final class HostileMemif implements AutoCloseable {
    private static final int MESSAGE_BYTES = 128;
    private static final int LOG2_SIZE = 8;
    private static final int SIZE = 1 << LOG2_SIZE;
    private static final int RING_BYTES = 128 + 16 * SIZE;
    private static final int BUFFERS = 2 * RING_BYTES;
    private static final int BUFFER_BYTES = 2048;
    private static final long REGION_BYTES = BUFFERS + 2L * SIZE * BUFFER_BYTES;
    private static final int REGIONS = 256;
    private static final int PAGE_BYTES = 4096;
    private static final int PATIENCE_MS = 5000;
    private static final int INIT = 3;
    private static final int ADD_REGION = 4;
    private static final int ADD_RING = 5;
    private static final int CONNECT = 6;
    private static final ValueLayout.OfShort SHORT = ValueLayout.JAVA_SHORT_UNALIGNED;
    private static final ValueLayout.OfInt INT = ValueLayout.JAVA_INT_UNALIGNED;
    private static final ValueLayout.OfLong LONG = ValueLayout.JAVA_LONG_UNALIGNED;
    private static final VarHandle INDEX = ValueLayout.JAVA_SHORT.varHandle();

    private final SplittableRandom random;
    /** The second thread's own. */
    private final SplittableRandom scribbles;
    private final String address;
    private final int id;
    private final Arena arena = Arena.ofShared();
    private final MemorySegment message = arena.allocate(512, 8);
    private final MemorySegment answer = arena.allocate(MESSAGE_BYTES, 8);
    private final Fd file;
    private final Mapping mapping;
    private final EventFd wake = new EventFd();
    private Socket socket;

    /**
     * A client.
     *
     * @param random drives it
     * @param address of the server's socket, as {@link Sockaddr#unix} takes it
     * @param id of the server's port
     * @param memory a file of its own for the shared memory, which can be cut short where it is not a memfd
     */
    private HostileMemif(SplittableRandom random, String address, int id, Fd memory) {
        file = memory;
        file.truncate(REGION_BYTES);
        mapping = Mapping.shared(file, 0, REGION_BYTES);
        this.random = random;
        this.scribbles = random.split();
        this.address = address;
        this.id = id;
    }

    /**
     * A client whose memory can be sealed.
     *
     * @param random drives it
     * @param address of the server's socket, as {@link Sockaddr#unix} takes it
     * @param id of the server's port
     * @return the client
     */
    public static HostileMemif withMemfd(SplittableRandom random, String address, int id) {
        return new HostileMemif(random, address, id, Memfd.create("hostile", REGION_BYTES));
    }

    /**
     * A client whose memory is an ordinary file, which nobody can seal.
     *
     * @param random drives it
     * @param address of the server's socket
     * @param id of the server's port
     * @return the client
     * @throws IOException when no file can be made
     */
    public static HostileMemif withFile(SplittableRandom random, String address, int id) throws IOException {
        Path path = Files.createTempFile("hostile", null);
        try {
            return new HostileMemif(random, address, id, Fd.open(path.toString(), Fd.O_RDWR));
        } finally {
            Files.delete(path);
        }
    }

    /** Cuts the file of the shared memory short, under the server's eyes. */
    public void shrink() {
        file.truncate(0);
    }

    /** Cuts the file behind the rings: descriptors can still be read, most of what they point at can't. */
    public void cutBuffers() {
        file.truncate((BUFFERS + PAGE_BYTES - 1L) / PAGE_BYTES * PAGE_BYTES);
    }

    /**
     * Has one conversation of up to eight messages, some of which are as they should be and some are not.
     *
     * @return how many of its messages were malformed
     */
    public int converse() {
        open();
        int malformed = 0;
        try {
            for (int step = 0; step < 8; step++) {
                right(step);
                int bytes = MESSAGE_BYTES;
                List<Fd> fds = new ArrayList<>();
                if (step == 1 || step == 2 || step == 3) {
                    fds.add(step == 1 ? file : wake.fd());
                }
                if (random.nextInt(3) == 0) {
                    bytes = spoil(fds);
                    malformed++;
                }
                if (FdPassing.send(socket, message.asSlice(0, bytes), fds) < 0 || random.nextInt(4) == 0 && !answered()) {
                    break;
                }
            }
        } finally {
            socket.close();
        }
        return malformed;
    }

    /** Connects as an honest client does; the rings are its to spoil then. */
    public void connect() {
        open();
        MemorySegment memory = mapping.segment();
        memory.fill((byte) 0);
        memory.set(INT, 0, 0x3E31F20);
        memory.set(INT, RING_BYTES, 0x3E31F20);
        for (int step = 0; step <= 4; step++) {
            right(step);
            FdPassing.send(socket, message.asSlice(0, MESSAGE_BYTES),
                    step == 1 ? List.of(file) : step == 2 || step == 3 ? List.of(wake.fd()) : List.of());
            if (!answered()) {
                throw new IllegalStateException("the server hung up at step " + step);
            }
        }
    }

    /**
     * Connects and says all by the rules, but reads no answer: 256 regions, and rings.
     *
     * @param queues of the server's port, each way
     */
    public void connectDeaf(int queues) {
        open();
        boolean taken = true;
        for (int i = 0; taken && i < 1 + REGIONS + 2 * queues; i++) {
            int ring = i - 1 - REGIONS;
            right(i == 0 ? 0 : ring < 0 ? 1 : 2 + ring % 2);
            if (i > 0 && ring < 0) {
                message.set(SHORT, 2, (short) (i - 1));
            } else if (i > 0) {
                message.set(SHORT, 4, (short) (ring / 2));
            }
            taken = FdPassing.send(socket, message.asSlice(0, MESSAGE_BYTES),
                    i == 0 ? List.of() : List.of(ring < 0 ? file : wake.fd())) >= 0;
        }
    }

    /** Ends the connection. */
    public void disconnect() {
        socket.close();
    }

    /**
     * Writes a chain of descriptors, sound or not, into the ring that the server receives from, and publishes it.
     *
     * @return how many descriptors
     */
    public int chain() {
        MemorySegment memory = mapping.segment();
        int head = memory.get(SHORT, 6) & 0xffff;
        int n = random.nextInt(4) == 0 ? random.nextInt(1, SIZE) : random.nextInt(1, 4);
        for (int i = 0; i < n; i++) {
            descriptor((head + i & SIZE - 1) * 16L + 128, i < n - 1 || random.nextInt(3) == 0);
        }
        INDEX.setRelease(memory, 6L, (short) (random.nextInt(20) == 0 ? random.nextInt() : head + n));
        if (random.nextInt(3) == 0) {
            offerBuffers();
        }
        return n;
    }

    /** Offers the server buffers to send into, of which some lie anywhere. */
    private void offerBuffers() {
        MemorySegment memory = mapping.segment();
        for (int i = 0; i < 8; i++) {
            descriptor(RING_BYTES + 128 + random.nextInt(SIZE) * 16L, random.nextBoolean());
        }
        int tail = memory.get(SHORT, RING_BYTES + 64) & 0xffff;
        INDEX.setRelease(memory, RING_BYTES + 6L, (short) (tail + random.nextInt(SIZE + 2)));
    }

    private void descriptor(long at, boolean next) {
        MemorySegment memory = mapping.segment();
        boolean sound = random.nextInt(3) > 0;
        memory.set(SHORT, at, (short) (next ? 1 : random.nextInt(8) == 0 ? random.nextInt() & ~1 : 0));
        memory.set(SHORT, at + 2, (short) (sound ? 0 : random.nextInt()));
        memory.set(INT, at + 4, sound ? random.nextInt(1, BUFFER_BYTES) : number());
        memory.set(INT, at + 8, sound ? BUFFERS + random.nextInt(2 * SIZE) * BUFFER_BYTES : number());
    }

    /** Rewrites a few bytes of the rings, as a second thread does meanwhile. */
    public void scribble() {
        MemorySegment memory = mapping.segment();
        for (int i = 0; i < 16; i++) {
            memory.set(INT, scribbles.nextInt(BUFFERS / 4) * 4L, number(scribbles));
        }
    }

    private int number() {
        return number(random);
    }

    private static int number(SplittableRandom random) {
        return switch (random.nextInt(6)) {
            case 0 -> 0;
            case 1 -> -1;
            case 2 -> Integer.MAX_VALUE - random.nextInt(4);
            case 3 -> (int) REGION_BYTES - random.nextInt(64);
            case 4 -> 1 << random.nextInt(32);
            default -> random.nextInt();
        };
    }

    private void open() {
        socket = Socket.open(Socket.AF_UNIX, Socket.SOCK_SEQPACKET, 0);
        socket.timeoutMs(PATIENCE_MS);
        socket.connect(Sockaddr.unix(address));
        answered();
    }

    /** Reads one message of the server's; false when it ended or bade goodbye. */
    private boolean answered() {
        List<Fd> fds = new ArrayList<>();
        try {
            return FdPassing.receive(socket, answer, fds, 0) > 0 && answer.get(SHORT, 0) != 8;
        } catch (LinuxException e) {
            return false;
        } finally {
            fds.forEach(Fd::close);
        }
    }

    private void right(int step) {
        message.fill((byte) 0);
        switch (step) {
            case 0 -> {
                message.set(SHORT, 0, (short) INIT);
                message.set(SHORT, 2, (short) 0x200);
                message.set(INT, 4, id);
            }
            case 1 -> {
                message.set(SHORT, 0, (short) ADD_REGION);
                message.set(LONG, 4, REGION_BYTES);
            }
            case 2, 3 -> {
                message.set(SHORT, 0, (short) ADD_RING);
                message.set(SHORT, 2, (short) (step == 2 ? 1 : 0));
                message.set(INT, 8, step == 2 ? 0 : RING_BYTES);
                message.set(ValueLayout.JAVA_BYTE, 12, (byte) LOG2_SIZE);
            }
            default -> message.set(SHORT, 0, (short) CONNECT);
        }
    }

    /** Makes the message that stands there another one; returns how long it is now. */
    private int spoil(List<Fd> fds) {
        switch (random.nextInt(6)) {
            case 0 -> {
                return random.nextInt(1, 512);
            }
            case 1 -> fds.clear();
            case 2 -> fds.add(random.nextBoolean() ? file : wake.fd());
            case 3 -> message.set(SHORT, 0, (short) random.nextInt(12));
            case 4 -> message.set(INT, 2 + random.nextInt(12), number());
            default -> {
                for (int i = 2; i < MESSAGE_BYTES; i++) {
                    message.set(ValueLayout.JAVA_BYTE, i, (byte) random.nextInt());
                }
            }
        }
        return MESSAGE_BYTES;
    }

    @Override
    public void close() {
        if (socket != null) {
            socket.close();
        }
        wake.close();
        mapping.close();
        file.close();
        arena.close();
    }
}
