package dev.penstock.drivers.pdump;

import dev.penstock.drivers.pcap.PacketCopies;
import dev.penstock.drivers.pcap.PcapngWriter;
import dev.penstock.drivers.pcap.WallClock;
import dev.penstock.ethdev.Port;
import dev.penstock.mbuf.Mbuf;
import dev.penstock.mbuf.MbufPool;
import dev.penstock.threads.Uninterrupted;
import java.io.IOException;
import java.nio.channels.ClosedByInterruptException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Consumer;
import java.util.stream.IntStream;

/**
 * A capture that runs. Polling threads copy packets of its own pool into a ring; its thread writes them. When the file or the
 * reader does not follow, packets are not captured, and counted; traffic never waits. It ends by {@link #stop}, and by itself
 * when nobody can be written to any more, which a stream finds out within a second.
 */
final class Capture implements PacketCopies.Sink<IOException> {
    private static final long STATISTICS_NS = 1_000_000_000;

    final List<Port> ports;
    private final PacketTest filter;
    private final int snaplen;
    private final PcapngWriter writer;
    private final boolean read;
    private final PacketCopies copies;
    private final List<Tap> rxTaps = new ArrayList<>();
    private final List<Tap> txTaps = new ArrayList<>();
    private final WallClock clock = new WallClock();
    private final Thread thread;
    private final Consumer<Capture> ended;
    private long told = System.nanoTime();
    private volatile boolean stopping;
    private volatile String failure;
    /** Of each port the packets in the file, once it is closed. */
    private volatile long[] inFile;
    private final CountDownLatch written = new CountDownLatch(1);

    /**
     * Starts. Queues that are set up later are not looked at.
     *
     * @param ports whose packets
     * @param rx whether those that come
     * @param tx whether those that go
     * @param filter which
     * @param snaplen the most bytes of a packet
     * @param writer where to; closed at the end
     * @param read whether somebody reads it at the same time, and may not
     * @param pool for copies; closed at the end
     * @param ended is told at the end
     * @throws IOException when nothing can be written; all is given back then
     */
    Capture(List<Port> ports, boolean rx, boolean tx, PacketTest filter, int snaplen, PcapngWriter writer, boolean read, MbufPool pool,
            Consumer<Capture> ended) throws IOException {
        this.ports = ports;
        this.filter = filter;
        this.snaplen = snaplen;
        this.writer = writer;
        this.read = read;
        this.ended = ended;
        copies = new PacketCopies("pdump", pool);
        for (Port port : ports) {
            writer.addInterface(port.name());
        }
        writer.flush();
        thread = Thread.ofPlatform().daemon().name("pdump").unstarted(this::run);
        try {
            for (int i = 0; i < ports.size(); i++) {
                tap(ports.get(i), i, rx, tx);
            }
            thread.start();
        } catch (RuntimeException | Error e) {
            untap();
            copies.discard();
            throw e;
        }
    }

    private void tap(Port port, int index, boolean rx, boolean tx) {
        for (int q = 0; rx && q < port.config().rxQueues(); q++) {
            if (port.rxQueueConfig(q) == null) {
                continue;
            }
            Tap tap = new Tap(this, port, q, index);
            port.addRxCallback(q, tap);
            rxTaps.add(tap);
        }
        for (int q = 0; tx && q < port.config().txQueues(); q++) {
            if (port.txQueueConfig(q) == null) {
                continue;
            }
            Tap tap = new Tap(this, port, q, index);
            port.addTxCallback(q, tap);
            txTaps.add(tap);
        }
    }

    long nowNs() {
        return clock.nowNs();
    }

    boolean isWanted(byte[] head, int there, int length) {
        return filter.test(head, there, length);
    }

    /** Copies a packet, which stays the caller's; false when there is no room. */
    boolean copy(Mbuf packet, int index, int direction, long now) {
        return copies.add(packet, snaplen, index, direction, now);
    }

    private void run() {
        attempt(() -> copies.writeUntil(() -> stopping, this));
        untap();
        if (failure == null) {
            attempt(() -> copies.writeRest(this));
        }
        if (failure == null) {
            attempt(this::statistics);
        }
        copies.discard();
        attempt(writer::close);
        inFile = IntStream.range(0, ports.size()).mapToLong(writer::inFile).toArray();
        ended.accept(this);
        written.countDown();
        // Telemetry may be waiting for the above, and the pool has to be taken from its list.
        copies.close();
    }

    @FunctionalInterface
    private interface Step {
        void run() throws IOException;
    }

    /** The first failure is the one that is told. */
    private void attempt(Step step) {
        try {
            step.run();
        } catch (ClosedByInterruptException e) {
            failure = failure == null ? "its reader does not read" : failure;
        } catch (IOException e) {
            failure = failure == null ? e.toString() : failure;
        }
    }

    private void untap() {
        rxTaps.forEach(t -> untap(t, true));
        txTaps.forEach(t -> untap(t, false));
    }

    private static void untap(Tap tap, boolean rx) {
        try {
            if (rx) {
                tap.port.removeRxCallback(tap.queue, tap);
            } else {
                tap.port.removeTxCallback(tap.queue, tap);
            }
        } catch (IllegalArgumentException e) {
            // the port has been closed or configured anew
        }
        tap.close();
    }

    @Override
    public void write(Mbuf copy, int from) throws IOException {
        PacketCopies.write(copy, writer, from);
    }

    @Override
    public void flush() throws IOException {
        long now = System.nanoTime();
        if (now - told > STATISTICS_NS) {
            told = now;
            statistics();
        }
        writer.flush();
    }

    private void statistics() throws IOException {
        for (int i = 0; i < ports.size(); i++) {
            long lost = lost(i);
            writer.statistics(i, nowNs(), copied(i) + lost, lost);
        }
    }

    /** Packets of a port that were copied for the file; once it has ended, those that are in it. */
    long copied(int index) {
        long[] known = inFile;
        return known == null ? taps(index, true) : known[index];
    }

    /** Packets of a port that are not in the file, as it was slow or could not be written to its end. */
    long lost(int index) {
        long[] known = inFile;
        return taps(index, false) + (known == null ? 0 : taps(index, true) - known[index]);
    }

    private long taps(int index, boolean copied) {
        long sum = 0;
        for (List<Tap> taps : List.of(rxTaps, txTaps)) {
            for (Tap tap : taps) {
                sum += tap.index != index ? 0 : copied ? tap.copied : tap.lost;
            }
        }
        return sum;
    }

    /** Why it could not be written any more, or null. */
    String failure() {
        return failure;
    }

    boolean isAlive() {
        return thread.isAlive();
    }

    /** Ends it. What was copied is in the file when this returns, or in the stream, unless its reader does not read for a second. */
    void stop() {
        stopping = true;
        LockSupport.unpark(thread);
        Uninterrupted.await(() -> {
            if (read && !written.await(1, TimeUnit.SECONDS)) {
                // closes the stream under who waits for its reader
                thread.interrupt();
            }
            written.await();
        });
    }

    /** Ends it and waits until all is given back. Not for telemetry's thread. */
    void close() {
        stop();
        Uninterrupted.join(thread);
    }
}
