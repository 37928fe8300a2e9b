package dev.penstock.vswitch;

import dev.penstock.drivers.pcap.PacketCopies;
import dev.penstock.drivers.pcap.PcapngWriter;
import dev.penstock.drivers.pcap.WallClock;
import dev.penstock.mbuf.Mbuf;
import dev.penstock.mbuf.MbufPool;
import dev.penstock.threads.Uninterrupted;
import java.io.IOException;
import java.nio.file.Path;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;

/**
 * Copies of ports' packets in a pcapng file. Forwarders copy packets of their own pool into a ring; a thread writes them. When
 * the disk does not follow, packets are not captured, and counted; traffic never waits.
 */
public final class Mirror implements AutoCloseable {
    static final int INBOUND = PcapngWriter.INBOUND;
    static final int OUTBOUND = PcapngWriter.OUTBOUND;

    private final PacketCopies copies;
    private final PcapngWriter writer;
    /** By port index, its number in the file. What waits keeps the one that it had. */
    private final int[] interfaces = new int[VirtualSwitch.MAX_PORTS];
    private final WallClock clock = new WallClock();
    private final AtomicLong lost = new AtomicLong();
    private final Thread thread;
    private long captured;
    private volatile String failure;
    private volatile boolean closing;

    /**
     * Begins.
     *
     * @param file where to; emptied when it is there
     * @param pool of its own, so that a slow disk takes nobody's packets; closed with it, or when it can't be made
     * @throws IOException when the file can't be made
     */
    public Mirror(Path file, MbufPool pool) throws IOException {
        try {
            writer = PcapngWriter.create(file, pool.dataRoom() - Mbuf.HEADROOM);
        } catch (IOException | RuntimeException e) {
            pool.close();
            throw e;
        }
        copies = new PacketCopies("mirror", pool);
        thread = Thread.ofPlatform().daemon().name("mirror").start(this::run);
    }

    /** Adds a port to the file; before forwarders know of it. */
    void include(SwitchPort port) throws IOException {
        synchronized (writer) {
            try {
                interfaces[port.index] = writer.addInterface(port.name);
            } catch (IOException e) {
                lost(e, 0);
                throw e;
            }
        }
    }

    /** Copies a burst, which stays the caller's. */
    void capture(int port, int direction, Mbuf[] packets, int n) {
        for (int i = 0; i < n; i++) {
            capture(port, direction, packets[i]);
        }
    }

    /** Copies a packet, which stays the caller's. */
    void capture(int port, int direction, Mbuf m) {
        if (!copies.add(m, m.pktLen(), interfaces[port], direction, clock.nowNs())) {
            lost.getAndIncrement();
        }
    }

    private void run() {
        ToFile file = new ToFile();
        copies.writeUntil(() -> closing, file);
        copies.writeRest(file);
        file.flush();
    }

    /** Goes on when the disk is full. */
    private final class ToFile implements PacketCopies.Sink<RuntimeException> {
        @Override
        public void write(Mbuf copy, int from) {
            synchronized (writer) {
                captured++;
                try {
                    PacketCopies.write(copy, writer, from);
                } catch (IOException e) {
                    // Room was to be made first: those before it are lost, and this one too.
                    lost(e, 1);
                }
            }
        }

        @Override
        public void flush() {
            synchronized (writer) {
                try {
                    writer.flush();
                } catch (IOException e) {
                    lost(e, 0);
                }
            }
        }
    }

    private void lost(IOException e, int more) {
        failure = e.getMessage();
        int count = writer.pendingPackets() + more;
        captured -= count;
        lost.getAndAdd(count);
        writer.discard();
    }

    /** @return packets in the file */
    public long captured() {
        return captured;
    }

    /** @return packets that are not in the file, as the disk was slow or full */
    public long lost() {
        return lost.get();
    }

    /** @return why the file can't be written any more, or null */
    public String failure() {
        return failure;
    }

    /** Ends, once all its ports are unmirrored or removed: writes what waits. */
    @Override
    public void close() throws IOException {
        closing = true;
        LockSupport.unpark(thread);
        Uninterrupted.join(thread);
        try {
            writer.close();
        } finally {
            copies.close();
        }
    }
}
