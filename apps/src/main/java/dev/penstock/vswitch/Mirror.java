package dev.penstock.vswitch;

import dev.penstock.drivers.pcap.PcapngWriter;
import dev.penstock.drivers.pcap.WallClock;
import dev.penstock.mbuf.Mbuf;
import dev.penstock.mbuf.MbufPool;
import dev.penstock.ring.Ring;
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

    private static final int BURST = 64;
    private static final long IDLE_NS = 1_000_000;
    private static final long FLUSH_NS = 100_000_000;

    private final MbufPool pool;
    private final PcapngWriter writer;
    private final Ring<Mbuf> ring;
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
     * @param pool of its own, so that a slow disk takes nobody's packets; closed with it
     * @throws IOException when the file can't be made
     */
    public Mirror(Path file, MbufPool pool) throws IOException {
        this.pool = pool;
        writer = PcapngWriter.create(file, pool.dataRoom() - Mbuf.HEADROOM);
        ring = new Ring<>("mirror", Mbuf.class, Integer.highestOneBit(pool.size()) * 2, Ring.Sync.MULTI, Ring.Sync.SINGLE);
        thread = Thread.ofPlatform().daemon().name("mirror").start(this::write);
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
        Mbuf copy = m.copy(pool, 0, m.pktLen());
        if (copy == null) {
            lost.getAndIncrement();
            return;
        }
        copy.port(port);
        copy.fdirId(direction);
        copy.timestamp(clock.nowNs());
        if (!ring.enqueue(copy)) {
            copy.free();
            lost.getAndIncrement();
        }
    }

    private void write() {
        Mbuf[] burst = new Mbuf[BURST];
        long flushed = System.nanoTime();
        while (true) {
            boolean last = closing;
            int n = ring.dequeueBurst(burst, 0, BURST);
            if (n != 0) {
                write(burst, n);
                Mbuf.freeBulk(burst, 0, n);
            } else if (last) {
                return;
            } else {
                LockSupport.parkNanos(this, IDLE_NS);
            }
            if (System.nanoTime() - flushed > FLUSH_NS) {
                flushed = System.nanoTime();
                write(burst, 0);
            }
        }
    }

    /** Adds packets; with none, brings those before into the file. */
    private void write(Mbuf[] burst, int n) {
        synchronized (writer) {
            for (int i = 0; i < n; i++) {
                add(burst[i]);
            }
            if (n == 0) {
                flush();
            }
        }
    }

    private void add(Mbuf m) {
        captured++;
        try {
            writer.write(interfaces[m.port()], m, m.timestamp(), m.fdirId());
        } catch (IOException e) {
            // Room was to be made first: those before it are lost, and this one too.
            lost(e, 1);
        }
    }

    private void flush() {
        try {
            writer.flush();
        } catch (IOException e) {
            lost(e, 0);
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
        writer.close();
        pool.close();
    }
}
