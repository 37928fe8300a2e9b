package dev.penstock.vhost;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.penstock.eal.Eal;
import dev.penstock.linux.Epoll;
import dev.penstock.linux.EventFd;
import dev.penstock.linux.Fd;
import dev.penstock.linux.FdPassing;
import dev.penstock.linux.Mapping;
import dev.penstock.linux.Memfd;
import dev.penstock.linux.Sockaddr;
import dev.penstock.linux.Socket;
import dev.penstock.mbuf.IovaMap;
import dev.penstock.mbuf.Mbuf;
import dev.penstock.mbuf.MbufPool;
import dev.penstock.virtqueue.DriverQueue;
import dev.penstock.virtqueue.Feature;
import dev.penstock.virtqueue.RingMemory;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;

/**
 * A back end and a front end that a test leads by the hand. The guest knows its memory by the addresses at which this
 * process has it mapped; the front end says that its own are {@link #APART} higher.
 */
final class FrontEnd extends NobodyListens implements AutoCloseable {
    static final long APART = 1L << 40;
    static final int BYTES = 1 << 21;
    static final int SIZE = 64;
    static final int PAGE = 4096;
    private static final ValueLayout.OfLong LONG = ValueLayout.JAVA_LONG_UNALIGNED;
    private static final int DATA_ROOM = 2048;
    private static final int PACKETS = 512;
    private static final int POOL_AT = 1 << 20;

    final Eal eal = Eal.start(line -> { }, "--no-huge", "--in-memory", "--no-telemetry", "-l", "0");
    final MbufPool host = MbufPool.create(eal, "host", 1023, 0, 2048 + Mbuf.HEADROOM, -1);
    final Fd file = Memfd.create("front-end", BYTES);
    final Mapping mapping = Mapping.shared(file, 0, BYTES);
    final MbufPool guest = MbufPool.with(eal, "guest", PACKETS).dataRoom(DATA_ROOM)
            .pinned(mapping.segment().asSlice(POOL_AT, (long) PACKETS * DATA_ROOM)).create();
    final EventFd kick = new EventFd();
    final EventFd call = new EventFd();
    final Mbuf[] burst = new Mbuf[32];
    final VhostBackend backend;
    private Socket socket;
    private final Path folder;
    private final VhostMessage message = new VhostMessage();
    /** What the guest receives with, and what it sends with. */
    final DriverQueue[] queues = new DriverQueue[2];
    private boolean packed;

    FrontEnd(long offered) {
        this(offered, false);
    }

    FrontEnd(long offered, boolean notes) {
        try {
            folder = Files.createTempDirectory("penstock-front-end");
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        backend = new VhostBackend(new VhostConfig(folder.resolve("s").toString(), false, 1, offered,
                notes ? folder.resolve("state").toString() : null), this);
        backend.start();
        connect();
    }

    private void connect() {
        socket = Socket.open(Socket.AF_UNIX, Socket.SOCK_STREAM, 0);
        socket.timeoutMs(10_000);
        socket.connect(Sockaddr.unix(folder.resolve("s").toString()));
        tell(VhostRequest.SET_PROTOCOL_FEATURES, VhostDevice.PROTOCOL);
    }

    /** The connection breaks, and the same queues are set up in another one, from where the front end last knew them to stand. */
    void reconnect(long features) {
        socket.close();
        await("the back end lets go", () -> !backend.vring(0).isRunning() && !backend.vring(1).isRunning());
        connect();
        assertTrue(tell(VhostRequest.SET_FEATURES, features | Feature.PROTOCOL_FEATURES));
        assertTrue(tell(VhostRequest.SET_MEM_TABLE, List.of(file), 1, guestAddress(0), BYTES, userAddress(0), 0));
        startQueues(0, APART);
    }

    /** What the back end answers with a number. */
    long ask(int request, long... words) {
        put(words);
        message.send(socket, request, 0, 8 * words.length, List.of());
        receive(request);
        return message.payload().get(LONG, 0);
    }

    long ask(int request, List<Fd> fds, long... words) {
        put(words);
        message.send(socket, request, 0, 8 * words.length, fds);
        receive(request);
        return message.size();
    }

    /** The payload of the last answer. */
    MemorySegment answer() {
        return message.payload().asSlice(0, message.size());
    }

    List<Fd> answered() {
        return message.takeFds();
    }

    /** Has something done; true when the back end did it, false when it refused. */
    boolean tell(int request, long... words) {
        return tell(request, List.of(), words);
    }

    boolean tell(int request, List<Fd> fds, long... words) {
        put(words);
        return raw(request, 8 * words.length, fds);
    }

    boolean raw(int request, int bytes, List<Fd> fds) {
        message.send(socket, request, VhostMessage.NEED_REPLY, bytes, fds);
        receive(request);
        return message.payload().get(LONG, 0) == 0;
    }

    /** Begins a message and sends the rest a byte at a time, each with so many descriptors, until the back end has had enough. */
    void drip(int descriptors) {
        List<Fd> fds = Collections.nCopies(descriptors, file);
        MemorySegment whole = MemorySegment.ofArray(new int[] {VhostRequest.GET_FEATURES, VhostMessage.VERSION, VhostMessage.MAX_PAYLOAD});
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment header = arena.allocate(whole.byteSize(), 4).copyFrom(whole);
            long r = FdPassing.send(socket, header, List.of());
            while (r > 0 && !Thread.currentThread().isInterrupted()) {
                r = FdPassing.send(socket, header.asSlice(0, 1), fds, Socket.MSG_DONTWAIT);
                LockSupport.parkNanos(100_000_000);
            }
        }
    }

    /** Whether the back end has not ended the connection. */
    boolean isConnected() {
        return socket.fd().poll(Epoll.EPOLLRDHUP, 0) == 0;
    }

    MemorySegment payload() {
        return message.payload();
    }

    private void receive(int request) {
        assertTrue(message.receive(socket), () -> "the back end hung up at request " + request);
        assertEquals(request, message.request());
    }

    private void put(long... words) {
        for (int i = 0; i < words.length; i++) {
            message.payload().set(LONG, 8L * i, words[i]);
        }
    }

    long guestAddress(long offset) {
        return mapping.address() + offset;
    }

    long userAddress(long offset) {
        return guestAddress(offset) + APART;
    }

    /** Where a queue's parts lie: a page each, as far as they reach. */
    static long part(int queue, int part) {
        return queue * 0x10000L + part * 0x4000L;
    }

    /** Agrees on features, shares the memory in one region, and has both queues run. */
    FrontEnd run(long features) {
        negotiate(features);
        assertTrue(tell(VhostRequest.SET_MEM_TABLE, List.of(file), 1, guestAddress(0), BYTES, userAddress(0), 0));
        return startQueues(0, APART);
    }

    void negotiate(long features) {
        packed = (features & Feature.RING_PACKED) != 0;
        assertTrue(tell(VhostRequest.SET_FEATURES, features | Feature.PROTOCOL_FEATURES));
        MemorySegment all = mapping.segment();
        all.asSlice(0, POOL_AT).fill((byte) 0);
        for (int q = 0; q < 2; q++) {
            if (queues[q] != null) {
                queues[q].close();
            }
            RingMemory ring = new RingMemory(SIZE, all.asSlice(part(q, 0), RingMemory.descriptorBytes(SIZE)),
                    all.asSlice(part(q, 1), RingMemory.driverBytes(packed, SIZE)),
                    all.asSlice(part(q, 2), RingMemory.deviceBytes(packed, SIZE)));
            queues[q] = DriverQueue.of(ring, features, new IovaMap(List.of(all)),
                    all.asSlice(part(q, 3), DriverQueue.sideBytes(SIZE)), null);
        }
        queues[0].fill(guest);
    }

    FrontEnd startQueues(int flags, long apart) {
        for (int q = 0; q < 2; q++) {
            startQueue(q, flags, apart);
        }
        return this;
    }

    void startQueue(int q, int flags, long apart) {
        setUpQueue(q, flags, apart);
        assertTrue(tell(VhostRequest.SET_VRING_ENABLE, q | 1L << 32));
    }

    /** All that a queue needs to run but that it is enabled. */
    void setUpQueue(int q, int flags, long apart) {
        assertTrue(tell(VhostRequest.SET_VRING_NUM, q | (long) SIZE << 32));
        assertTrue(tell(VhostRequest.SET_VRING_BASE, q | (packed ? 0x8000_8000L : 0) << 32));
        assertTrue(tell(VhostRequest.SET_VRING_ADDR, q | (long) flags << 32, guestAddress(part(q, 0)) + apart,
                guestAddress(part(q, 2)) + apart, guestAddress(part(q, 1)) + apart, guestAddress(part(q, 2))));
        assertTrue(tell(VhostRequest.SET_VRING_CALL, List.of(call.fd()), q));
        assertTrue(tell(VhostRequest.SET_VRING_KICK, List.of(kick.fd()), q));
    }

    /** The guest sends a numbered frame. */
    void send(long number, int bytes) {
        frame(guest, number, bytes);
        assertEquals(1, queues[1].transmit(burst, 0, 1));
    }

    /** The back end receives it. */
    int take() {
        int n = backend.vring(1).dequeue(host, 0, burst, 32);
        Mbuf.freeBulk(burst, 0, n);
        return n;
    }

    /** The back end sends a numbered frame; how many it could. */
    int give(long number, int bytes) {
        Mbuf m = frame(host, number, bytes);
        int done = backend.vring(0).enqueue(burst, 0, 1);
        m.free();
        return done;
    }

    /** The guest receives what is there. */
    int receive() {
        int n = queues[0].receive(guest, 0, burst, 0, 32);
        Mbuf.freeBulk(burst, 0, n);
        return n;
    }

    private Mbuf frame(MbufPool pool, long number, int bytes) {
        Mbuf m = pool.alloc();
        m.append(bytes);
        for (int i = 0; i + 8 <= bytes; i += 8) {
            m.putLong(i, number * 0x9e37_79b9_7f4a_7c15L + i);
        }
        burst[0] = m;
        return m;
    }

    /** Frames go both ways. */
    void exchange() {
        send(1, 60);
        await("the back end receives", () -> take() == 1);
        await("the back end sends", () -> give(2, 60) == 1);
        await("the guest receives", () -> receive() == 1);
    }

    long refused(Refusal why) {
        return backend.refused(why);
    }

    static void await(String what, BooleanSupplier condition) {
        long deadline = System.nanoTime() + 10_000_000_000L;
        while (!condition.getAsBoolean()) {
            assertTrue(System.nanoTime() < deadline, () -> "waited in vain: " + what);
            Thread.yield();
        }
    }

    @Override
    public void close() {
        socket.close();
        backend.close();
        for (DriverQueue queue : queues) {
            if (queue != null) {
                queue.close();
            }
        }
        assertEquals(0, guest.inUseCount() + host.inUseCount(), "all packets are back in their pools");
        message.close();
        kick.close();
        call.close();
        mapping.close();
        file.close();
        eal.close();
        try {
            Files.deleteIfExists(folder.resolve("state"));
            Files.delete(folder);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
