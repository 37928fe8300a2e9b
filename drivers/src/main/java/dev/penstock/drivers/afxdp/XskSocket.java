package dev.penstock.drivers.afxdp;

import dev.penstock.linux.Errno;
import dev.penstock.linux.LinuxException;
import dev.penstock.linux.Sockaddr;
import dev.penstock.linux.Socket;
import dev.penstock.mbuf.PoolMemory;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.locks.LockSupport;

/** An XDP socket with its four rings, bound to one queue of an interface: one queue pair. */
final class XskSocket implements AutoCloseable {
    private static final int STATISTICS_BYTES = 48;
    private static final long RELEASE_NS = 1_000_000_000L;
    private static final long PAUSE_NS = 5_000_000L;

    private static final int RINGS = 4;

    private final Socket socket;
    private final boolean joined;
    private final List<XskRing> rings = new ArrayList<>(RINGS);
    private final XskRing rx;
    private final XskRing tx;
    private final XskRing fill;
    private final XskRing completion;
    private long[] counted = new long[STATISTICS_BYTES / Long.BYTES];

    /**
     * Opens one and binds it; from then on it gets the frames that the program sends to it.
     *
     * @param memory where frames lie
     * @param flags how to bind
     * @param shared the socket whose umem this one joins, or null for one of its own
     */
    XskSocket(int interfaceIndex, int queue, PoolMemory memory, int rxSize, int txSize, int flags, XskSocket shared) {
        socket = Socket.open(Socket.AF_XDP, Socket.SOCK_RAW, 0);
        joined = shared != null;
        try (Arena arena = Arena.ofConfined()) {
            if (shared == null) {
                register(arena, memory);
            }
            set(Xdp.UMEM_FILL_RING, rxSize);
            set(Xdp.UMEM_COMPLETION_RING, txSize);
            set(Xdp.RX_RING, rxSize);
            set(Xdp.TX_RING, txSize);
            MemorySegment offsets = arena.allocate(128, 8);
            socket.readOption(Xdp.SOL_XDP, Xdp.MMAP_OFFSETS, offsets);
            rx = map(offsets, 0, Xdp.PGOFF_RX, rxSize, Xdp.DESC_BYTES);
            tx = map(offsets, 1, Xdp.PGOFF_TX, txSize, Xdp.DESC_BYTES);
            fill = map(offsets, 2, Xdp.PGOFF_FILL, rxSize, Long.BYTES);
            completion = map(offsets, 3, Xdp.PGOFF_COMPLETION, txSize, Long.BYTES);
            // whoever joins a umem also joins how it was bound
            bind(Sockaddr.xdp(shared != null ? Xdp.SHARED_UMEM : flags, interfaceIndex, queue, shared == null ? null : shared.socket.fd()), queue);
        } catch (RuntimeException e) {
            close();
            throw e;
        }
    }

    private void register(Arena arena, PoolMemory memory) {
        MemorySegment request = arena.allocate(32, 8);
        request.set(Xdp.LONG, 0, memory.address());
        request.set(Xdp.LONG, 8, memory.lengthBytes());
        request.set(Xdp.INT, 16, chunkBytes(memory));
        request.set(Xdp.INT, 24, Xdp.UMEM_UNALIGNED);
        try {
            socket.option(Xdp.SOL_XDP, Xdp.UMEM_REG, request);
        } catch (LinuxException e) {
            throw new LinuxException("umem of " + memory.lengthBytes() + " bytes, pool " + memory.pool().name(), e.errno(),
                    e.errno() == Errno.ENOBUFS ? "raise the limit of locked memory: ulimit -l unlimited; or give java the"
                            + " capability CAP_IPC_LOCK" : "umem in unaligned chunks needs Linux 5.4 or later");
        }
    }

    private void bind(MemorySegment address, int queue) {
        long deadline = System.nanoTime() + RELEASE_NS;
        LinuxException refusal = tryToBind(address);
        while (refusal != null && refusal.errno() == Errno.EBUSY && System.nanoTime() < deadline) {
            // the kernel lets go of a queue a little after its socket was closed
            LockSupport.parkNanos(PAUSE_NS);
            refusal = tryToBind(address);
        }
        if (refusal != null) {
            LinuxException e = refusal;
            throw new LinuxException("XDP socket of queue " + queue, e.errno(), switch (e.errno()) {
                case Errno.EBUSY -> "another port or process has an XDP socket on this queue: end it, or choose with start_queue= and"
                        + " queue_count=";
                case Errno.EINVAL -> "the interface has no queue " + queue + " (see ethtool -l, or ip -d link), or scattered frames are"
                        + " wanted and the kernel is older than 6.6";
                case Errno.ENETDOWN -> "set the interface up: ip link set IFACE up";
                default -> "";
            });
        }
    }

    private LinuxException tryToBind(MemorySegment address) {
        try {
            socket.bind(address);
            return null;
        } catch (LinuxException e) {
            return e;
        }
    }

    private XskRing map(MemorySegment offsets, int which, long pageOffset, int size, int entryBytes) {
        XskRing ring = new XskRing(socket, offsets, which, pageOffset, size, entryBytes);
        rings.add(ring);
        return ring;
    }

    private void set(int option, int value) {
        socket.option(Xdp.SOL_XDP, option, value);
    }

    /** How much of a packet's buffer the kernel uses. */
    static int chunkBytes(PoolMemory memory) {
        return Math.min(memory.bufferBytes(), Xdp.MAX_CHUNK);
    }

    /** Has receive calls run the driver in the caller's thread; false when the kernel can't. */
    boolean preferBusyPoll(int budget) {
        try {
            socket.option(Socket.SOL_SOCKET, Xdp.SO_PREFER_BUSY_POLL, 1);
            socket.option(Socket.SOL_SOCKET, Xdp.SO_BUSY_POLL, Xdp.BUSY_POLL_US);
            socket.option(Socket.SOL_SOCKET, Xdp.SO_BUSY_POLL_BUDGET, budget);
            return true;
        } catch (LinuxException e) {
            return false;
        }
    }

    /**
     * Whether receive calls run the driver now: it must have told the kernel which of its pollers feeds this queue,
     * as veth does not on Linux 6.13 and later. A call without that does nothing.
     */
    boolean hasBusyPoll() {
        return socket.option(Socket.SOL_SOCKET, Xdp.SO_INCOMING_NAPI_ID) != 0;
    }

    /** Has one call send as much as the ring holds, where the kernel can (Linux 6.18); else it is 32 frames. */
    void sendAllAtOnce() {
        try {
            set(Xdp.MAX_TX_SKB_BUDGET, tx.size());
        } catch (LinuxException e) {
            // older kernels take what they take; the rest goes with the next burst
        }
    }

    boolean isZeroCopy() {
        return (socket.option(Xdp.SOL_XDP, Xdp.OPTIONS) & Xdp.IS_ZEROCOPY) != 0;
    }

    /** Whether its umem is another socket's too. */
    boolean hasJoined() {
        return joined;
    }

    Socket socket() {
        return socket;
    }

    XskRing rx() {
        return rx;
    }

    XskRing tx() {
        return tx;
    }

    XskRing fill() {
        return fill;
    }

    XskRing completion() {
        return completion;
    }

    /** The kernel's counters of this socket, in the order of struct xdp_statistics; when it is closed, as they were then. */
    synchronized long[] statistics() {
        if (socket.fd().value() >= 0) {
            try (Arena arena = Arena.ofConfined()) {
                MemorySegment all = arena.allocate(STATISTICS_BYTES, 8);
                socket.readOption(Xdp.SOL_XDP, Xdp.STATISTICS, all);
                counted = all.toArray(Xdp.LONG);
            }
        }
        return counted;
    }

    @Override
    public synchronized void close() {
        if (socket.fd().value() < 0) {
            return;
        }
        boolean zeroCopy = true;
        try {
            zeroCopy = isZeroCopy();
            if (rings.size() == RINGS) {
                statistics();
            }
        } finally {
            socket.close();
            if (zeroCopy) {
                // and a driver may write to the memory until then
                LockSupport.parkNanos(RELEASE_NS / 10);
            }
            rings.forEach(XskRing::close);
        }
    }
}
