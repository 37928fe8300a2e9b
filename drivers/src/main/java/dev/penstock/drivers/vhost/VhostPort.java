package dev.penstock.drivers.vhost;

import dev.penstock.drivers.MemoryDevice;
import dev.penstock.eal.Log;
import dev.penstock.ethdev.DeviceInfo;
import dev.penstock.ethdev.Link;
import dev.penstock.ethdev.Port;
import dev.penstock.ethdev.PortEvent;
import dev.penstock.ethdev.RxOffload;
import dev.penstock.ethdev.RxQueue;
import dev.penstock.ethdev.RxQueueConfig;
import dev.penstock.ethdev.TxOffload;
import dev.penstock.ethdev.TxQueue;
import dev.penstock.ethdev.TxQueueConfig;
import dev.penstock.ethdev.Xstat;
import dev.penstock.vhost.Refusal;
import dev.penstock.vhost.VhostBackend;
import dev.penstock.vhost.VhostConfig;
import dev.penstock.vhost.VhostListener;
import dev.penstock.virtqueue.DeviceQueue;
import dev.penstock.virtqueue.Feature;
import dev.penstock.virtqueue.Rejection;
import java.util.ArrayList;
import java.util.List;

/** A port on a vhost-user back end. Its link is up while a front end's first pair of queues runs. */
final class VhostPort extends MemoryDevice implements VhostListener {
    /** What a receiver may ask for, and then gets packets whose checksums and segmentation are still to be done. */
    private static final long UNDONE = RxOffload.TCP_CKSUM | RxOffload.UDP_CKSUM | RxOffload.TCP_LRO;

    private final DeviceInfo info;
    private final VhostConfig config;
    private final VhostBackend backend;
    private final String name;
    private final Log.Type log;
    private final VhostRxQueue[] rx;
    private volatile boolean started;
    private boolean listening;

    VhostPort(VhostConfig config, long mac, String name, Log.Type log) {
        this.config = config;
        this.name = name;
        this.log = log;
        rx = new VhostRxQueue[config.queuePairs()];
        long tso = (config.features() & Feature.HOST_TSO4) != 0 ? TxOffload.TCP_TSO | TxOffload.UDP_TSO : 0;
        info = DeviceInfo.of("net_vhost", mac)
                .withQueues(config.queuePairs(), config.queuePairs())
                .withSizes(0, DeviceQueue.MAX_FRAME, 68, DeviceQueue.MAX_FRAME - DeviceQueue.MIN_FRAME)
                .withOffloads(RxOffload.SCATTER | UNDONE, TxOffload.MULTI_SEGS | TxOffload.TCP_CKSUM | TxOffload.UDP_CKSUM | tso);
        backend = new VhostBackend(config, this);
    }

    @Override
    public DeviceInfo info() {
        return info;
    }

    @Override
    public RxQueue rxQueue(int queue, RxQueueConfig queueConfig) {
        long wanted = port().config().rxOffloads() | queueConfig.offloads();
        backend.vring(2 * queue + 1).completeChecksums((wanted & UNDONE) == 0);
        rx[queue] = new VhostRxQueue(backend, queue, queueConfig.pool(), port().id());
        return rx[queue];
    }

    @Override
    public TxQueue txQueue(int queue, TxQueueConfig queueConfig) {
        return new VhostTxQueue(backend.vring(2 * queue));
    }

    @Override
    public void start() {
        started = true;
        if (!listening) {
            backend.start();
            listening = true;
        }
    }

    @Override
    public void stop() {
        started = false;
    }

    @Override
    public void close() {
        backend.close();
    }

    @Override
    protected boolean waitsForTeller(boolean closing) {
        return closing;
    }

    @Override
    public Link link() {
        return Link.VIRTUAL.up(started && backend.isUp());
    }

    @Override
    public List<Xstat> xstats() {
        List<Xstat> all = new ArrayList<>();
        all.add(new Xstat("vhost_connections", backend.connections()));
        for (Refusal why : Refusal.values()) {
            all.add(new Xstat("vhost_refused_" + why.counter(), backend.refused(why)));
        }
        for (Rejection why : Rejection.values()) {
            long received = 0;
            long sent = 0;
            for (int i = 0; i < config.queuePairs(); i++) {
                received += backend.vring(2 * i + 1).rejected(why);
                sent += backend.vring(2 * i).rejected(why);
            }
            all.add(new Xstat("rx_" + why.counter(), received));
            all.add(new Xstat("tx_" + why.counter(), sent));
        }
        long undeliverable = 0;
        long untranslated = 0;
        long discarded = 0;
        for (int i = 0; i < config.queuePairs(); i++) {
            undeliverable += backend.vring(2 * i).undeliverable();
            untranslated += backend.vring(2 * i).untranslated();
            discarded += backend.vring(2 * i + 1).discarded();
        }
        all.add(new Xstat("rx_disabled_queue", discarded));
        all.add(new Xstat("tx_undeliverable", undeliverable));
        all.add(new Xstat("tx_iotlb_miss", untranslated));
        return all;
    }

    @Override
    public void linkChanged(boolean up) {
        log.info(name + ": link " + (up ? "up" : "down"));
        Port port = port();
        if (port != null) {
            port.fire(PortEvent.LINK_CHANGED);
        }
    }

    @Override
    public void announce(long mac) {
        VhostRxQueue first = rx[0];
        if (first != null) {
            first.announce(mac);
        }
    }

    @Override
    public void say(String line) {
        log.info(name + ": " + line);
    }
}
