package dev.penstock.drivers.pcap;

import dev.penstock.drivers.afpacket.PacketPair;
import dev.penstock.drivers.kernel.LinkMonitor;
import dev.penstock.drivers.nulldev.NullTxQueue;
import dev.penstock.drivers.nulldev.SilentRxQueue;
import dev.penstock.eal.Log;
import dev.penstock.ethdev.Device;
import dev.penstock.ethdev.DeviceInfo;
import dev.penstock.ethdev.Link;
import dev.penstock.ethdev.PortEvent;
import dev.penstock.ethdev.RxOffload;
import dev.penstock.ethdev.RxQueue;
import dev.penstock.ethdev.RxQueueConfig;
import dev.penstock.ethdev.TxOffload;
import dev.penstock.ethdev.TxQueue;
import dev.penstock.ethdev.TxQueueConfig;
import dev.penstock.ethdev.Xstat;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;

/** A port on capture files. The files stay open as long as the device lives. */
final class PcapDevice extends Device {
    private static final int ETHERNET_HEADER = 14;

    private final DeviceInfo info;
    private final PcapStreams streams;
    private final Log.Type log;
    private final FileRxQueue[] fileQueues = new FileRxQueue[PcapDriver.MAX_QUEUES];
    private final WriterTxQueue[] writerQueues = new WriterTxQueue[PcapDriver.MAX_QUEUES];
    private final AtomicInteger ended = new AtomicInteger();
    private volatile boolean up;

    PcapDevice(long mac, int snaplen, PcapStreams streams, Log.Type log) {
        this.streams = streams;
        this.log = log;
        int rx = streams.rxQueues();
        int tx = streams.txQueues();
        // Each queue in one direction has a dummy in the other when nothing is given there.
        this.info = DeviceInfo.of("net_pcap", mac)
                .withQueues(rx == 0 ? tx : rx, tx == 0 ? rx : tx)
                .withSizes(0, 0xffffffffL, 68, Math.max(68, snaplen - ETHERNET_HEADER))
                .withOffloads(RxOffload.SCATTER | RxOffload.TIMESTAMP, TxOffload.MULTI_SEGS);
    }

    @Override
    public DeviceInfo info() {
        return info;
    }

    @Override
    public RxQueue rxQueue(int queue, RxQueueConfig config) {
        if (!streams.rxIfaces().isEmpty()) {
            return streams.rxIfaces().get(queue).rxQueue(config.pool(), port().id());
        }
        if (streams.readers().isEmpty()) {
            return new SilentRxQueue();
        }
        if (!streams.infinite()) {
            FileRxQueue made = new FileRxQueue(streams.readers().get(queue), config.pool(), port().id(), this::endOfFile);
            return fileQueues[queue] = made;
        }
        try {
            return new InfiniteRxQueue(Frames.load(streams.readers().get(queue), config.pool()), config.pool(), port().id());
        } catch (IOException e) {
            throw new IllegalArgumentException(port().name() + ": infinite_rx=1: " + e.getMessage(), e);
        }
    }

    @Override
    public TxQueue txQueue(int queue, TxQueueConfig config) {
        if (!streams.txIfaces().isEmpty()) {
            return streams.txIfaces().get(queue).txQueue();
        }
        if (streams.writers().isEmpty()) {
            return new NullTxQueue();
        }
        return writerQueues[queue] = new WriterTxQueue(streams.writers().get(queue), e -> unwritten(queue, e));
    }

    private void unwritten(int queue, IOException e) {
        log.error(port().name() + ": the file of transmit queue " + queue + " can't be written: " + e.getMessage()
                + "; its packets are dropped, counted in tx_errors and tx_unwritten, until it can");
    }

    @Override
    public void start() {
        if (!streams.rxIfaces().isEmpty()) {
            streams.rxIfaces().getFirst().watch(new Watch());
        }
        streams.txIfaces().forEach(PacketPair::follow);
        ended.set(0);
        up = true;
    }

    /** Hands on what happens to the interface that the port receives from. */
    private final class Watch implements LinkMonitor.Listener {
        @Override
        public void linkChanged() {
            port().fire(PortEvent.LINK_CHANGED);
        }

        @Override
        public void mtuIs(int bytes) {}

        @Override
        public boolean removed(boolean wasUp) {
            if (wasUp) {
                port().fire(PortEvent.LINK_CHANGED);
            }
            log.warning(port().name() + ": its interface was deleted; nothing more comes in, detach the port and attach it again");
            port().fire(PortEvent.REMOVED);
            return false;
        }
    }

    @Override
    public void stop() {
        up = false;
    }

    /** Called by each receive queue, in its thread, when its file has been read. */
    private void endOfFile() {
        if (streams.eof() && ended.incrementAndGet() == port().config().rxQueues()) {
            up = false;
            port().fire(PortEvent.LINK_CHANGED);
        }
    }

    @Override
    public void close() {
        UncheckedIOException failed = closeAll(streams.all(), null);
        if (failed != null) {
            throw failed;
        }
    }

    /** Closes files; what goes wrong is added to the error, which is made when there was none. */
    static <E extends RuntimeException> UncheckedIOException closeAll(List<? extends AutoCloseable> files, E error) {
        UncheckedIOException failed = error instanceof UncheckedIOException e ? e : null;
        for (AutoCloseable file : files) {
            try {
                file.close();
            } catch (Exception e) {
                if (error != null) {
                    error.addSuppressed(e);
                } else if (failed != null) {
                    failed.addSuppressed(e);
                } else {
                    failed = new UncheckedIOException("a capture file can't be finished: " + e.getMessage(),
                            e instanceof IOException io ? io : new IOException(e));
                }
            }
        }
        return failed;
    }

    @Override
    public Link link() {
        return Link.VIRTUAL.up(up && (streams.rxIfaces().isEmpty() || streams.rxIfaces().getFirst().isRunning()));
    }

    @Override
    public void promiscuous(boolean on) {}

    @Override
    public void allMulticast(boolean on) {}

    @Override
    public void mtu(int bytes) {}

    @Override
    public List<Xstat> xstats() {
        long damaged = 0;
        long notEthernet = 0;
        long unwritten = 0;
        for (int q = 0; q < PcapDriver.MAX_QUEUES; q++) {
            damaged += fileQueues[q] == null ? 0 : fileQueues[q].damaged();
            notEthernet += fileQueues[q] == null ? 0 : fileQueues[q].notEthernet();
            unwritten += writerQueues[q] == null ? 0 : writerQueues[q].unwritten();
        }
        List<Xstat> all = new ArrayList<>(List.of(new Xstat("rx_file_damaged", damaged), new Xstat("rx_not_ethernet", notEthernet),
                new Xstat("tx_unwritten", unwritten)));
        if (!streams.rxIfaces().isEmpty() || !streams.txIfaces().isEmpty()) {
            all.addAll(PacketPair.xstats(streams.rxIfaces(), streams.txIfaces()));
        }
        return all;
    }
}
