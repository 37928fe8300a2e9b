package dev.penstock.drivers.memif;

import dev.penstock.drivers.MemoryDevice;
import dev.penstock.eal.Eal;
import dev.penstock.eal.Log;
import dev.penstock.ethdev.DeviceInfo;
import dev.penstock.ethdev.Link;
import dev.penstock.ethdev.PortConfig;
import dev.penstock.ethdev.PortEvent;
import dev.penstock.ethdev.RxOffload;
import dev.penstock.ethdev.RxQueue;
import dev.penstock.ethdev.RxQueueConfig;
import dev.penstock.ethdev.TxOffload;
import dev.penstock.ethdev.TxQueue;
import dev.penstock.ethdev.TxQueueConfig;
import dev.penstock.ethdev.Xstat;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.function.ToLongFunction;

/** A port that shares memory with one peer. Its link is up while the peer is connected. */
final class MemifDevice extends MemoryDevice {
    private static final int MAX_QUEUES = 255;

    private final Eal eal;
    private final MemifArguments arguments;
    private final Log.Type log;
    private final MemifLog peers;
    private final DeviceInfo info;
    private final MemifListener listener;
    private MemifRxQueue[] rx = {};
    private MemifTxQueue[] tx = {};
    private MemifClient client;
    private volatile boolean connected;
    private String said = "";
    /** Connections that ended because the peer broke the protocol. */
    volatile long breaches;
    /** Connections that ended because the memory behind them was cut short. */
    volatile long memoryLost;

    MemifDevice(Eal eal, MemifArguments arguments, Log.Type log) {
        this.eal = eal;
        this.arguments = arguments;
        this.log = log;
        this.peers = new MemifLog(log, arguments.name());
        this.info = DeviceInfo.of("net_memif", arguments.mac())
                .withQueues(MAX_QUEUES, MAX_QUEUES)
                .withSizes(0, 65535, 68, 65521)
                .withOffloads(RxOffload.SCATTER, TxOffload.MULTI_SEGS);
        this.listener = arguments.server() ? MemifListener.of(arguments.address(), log) : null;
    }

    Eal eal() {
        return eal;
    }

    MemifArguments arguments() {
        return arguments;
    }

    Log.Type log() {
        return log;
    }

    /** Where to say what peers do. */
    MemifLog peers() {
        return peers;
    }

    MemifRxQueue[] rx() {
        return rx;
    }

    MemifTxQueue[] tx() {
        return tx;
    }

    /** Whether the memory went away under some queue, so that the connection has to end. */
    boolean lost() {
        return Arrays.stream(rx).anyMatch(q -> q.queue.lost) || Arrays.stream(tx).anyMatch(q -> q.queue.lost);
    }

    /** Whether something has not been said since the link was up last, so that a peer that comes again and again is told of once. */
    boolean isNew(String text) {
        boolean is = !text.equals(said);
        said = text;
        return is;
    }

    /** The link goes up or down; told by the control thread. */
    void connected(boolean up) {
        said = up ? "" : said;
        if (connected != up) {
            connected = up;
            if (port() != null) {
                port().fire(PortEvent.LINK_CHANGED);
            }
        }
    }

    @Override
    public DeviceInfo info() {
        return info;
    }

    @Override
    public void configure(PortConfig config) {
        closeQueues();
        rx = new MemifRxQueue[config.rxQueues()];
        tx = new MemifTxQueue[config.txQueues()];
    }

    @Override
    public RxQueue rxQueue(int queue, RxQueueConfig config) {
        if (rx[queue] != null) {
            rx[queue].close();
        }
        rx[queue] = new MemifRxQueue(config.pool(), port().id());
        return rx[queue];
    }

    @Override
    public TxQueue txQueue(int queue, TxQueueConfig config) {
        tx[queue] = new MemifTxQueue();
        return tx[queue];
    }

    @Override
    public void start() {
        if (listener != null) {
            listener.add(this);
        } else {
            client = new MemifClient(this);
        }
    }

    @Override
    public void stop() {
        if (listener != null) {
            listener.remove(this);
        } else if (client != null) {
            client.close();
            client = null;
        }
    }

    @Override
    public void close() {
        if (listener != null) {
            listener.close();
        }
        closeQueues();
    }

    /** One that is configured need not have been set up. */
    private void closeQueues() {
        Arrays.stream(rx).filter(Objects::nonNull).forEach(MemifRxQueue::close);
    }

    @Override
    protected boolean waitsForTeller(boolean closing) {
        return closing || listener == null;
    }

    @Override
    public Link link() {
        return Link.VIRTUAL.up(connected);
    }

    @Override
    public List<Xstat> xstats() {
        List<Xstat> all = new ArrayList<>(List.of(
                new Xstat("rx_bad_index", sum(rx, q -> q.queue.badIndexes)),
                new Xstat("rx_bad_descriptor", sum(rx, q -> q.queue.badDescriptors)),
                new Xstat("tx_bad_index", sum(tx, q -> q.queue.badIndexes)),
                new Xstat("tx_bad_buffer", sum(tx, q -> q.badBuffers)),
                new Xstat("tx_too_long", sum(tx, q -> q.tooLong)),
                new Xstat("protocol_breaches", breaches), new Xstat("memory_lost", memoryLost)));
        if (arguments.zeroCopy()) {
            all.add(new Xstat("rx_copied", sum(rx, q -> q.copied)));
            all.add(new Xstat("tx_copied", sum(tx, q -> q.copied)));
        }
        return all;
    }

    private static <Q> long sum(Q[] queues, ToLongFunction<Q> counter) {
        return Arrays.stream(queues).filter(Objects::nonNull).mapToLong(counter).sum();
    }
}
