package dev.penstock.drivers.virtiouser;

import dev.penstock.eal.Eal;
import dev.penstock.ethdev.Device;
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
import dev.penstock.linux.EventFd;
import dev.penstock.linux.LinuxException;
import dev.penstock.linux.Socket;
import dev.penstock.linux.Unfinished;
import dev.penstock.mbuf.Mbuf;
import dev.penstock.mbuf.MbufPool;
import dev.penstock.vhost.VhostException;
import dev.penstock.virtqueue.DriverQueue;
import dev.penstock.virtqueue.Feature;
import dev.penstock.virtqueue.Rejection;
import java.util.ArrayList;
import java.util.List;

/**
 * A virtio network device whose device side is a vhost-user back end. The link is up while a back end is connected;
 * one that goes is waited for. The next goes on where it stopped when it takes up its notes (vhost-user specification,
 * "Inflight I/O tracking"); else rings begin anew.
 */
final class VirtioUserDevice extends Device {
    private static final long RX_CHECKSUMS = RxOffload.TCP_CKSUM | RxOffload.UDP_CKSUM;
    private static final long HOST = Feature.CSUM | Feature.HOST_TSO4 | Feature.HOST_TSO6 | Feature.HOST_UFO
            | Feature.HOST_USO;
    private static final long GUEST = Feature.GUEST_CSUM | Feature.GUEST_TSO4 | Feature.GUEST_TSO6
            | Feature.GUEST_UFO | Feature.GUEST_USO4 | Feature.GUEST_USO6;

    private final DeviceInfo info;
    private final Eal eal;
    private final long wanted;
    private final int queueSize;
    private final boolean controllable;
    private final Connector connector;
    private final EventFd[] kicks;
    private final EventFd idle;
    private final VirtioRxQueue[] rx;
    private final VirtioTxQueue[] tx;
    /**
     * Counters, and which queues have others. Who asks for them may be somebody for whom the start of a queue waits, so that the device's
     * own lock is not for this.
     */
    private final Object counting = new Object();
    private final long[] rejected = new long[Rejection.values().length];
    private PortConfig config = PortConfig.of(1, 1);
    private boolean started;
    private volatile VhostFrontend session;
    /** Kept while its shape fits: a back end takes memory at the same addresses for the same memory. */
    private SharedRings memory;
    /** All queues, from when they begin until a back end has returned what it held; null in between. */
    private DriverQueue[] queues;
    private long agreed;
    /** What the back end keeps for its successor; null when it keeps nothing. */
    private VhostFrontend.Notes notes;
    /** Whether a successor has begun with them and not come to the end. */
    private boolean doubtful;
    private long undeliverable;
    private long sentInVain;
    private long unread;
    private long copied;

    VirtioUserDevice(Eal eal, String path, boolean server, long features, int pairs, int queueSize, long mac,
            boolean controllable) {
        this.eal = eal;
        this.wanted = features;
        this.queueSize = queueSize;
        this.controllable = controllable;
        kicks = new EventFd[2 * pairs];
        rx = new VirtioRxQueue[pairs];
        tx = new VirtioTxQueue[pairs];
        info = DeviceInfo.of("net_virtio_user", mac).withQueues(pairs, pairs).withSizes(64, 65535 + 18, 68, 65535)
                .withOffloads(RX_CHECKSUMS | RxOffload.TCP_LRO | RxOffload.SCATTER, TxOffload.TCP_CKSUM | TxOffload.UDP_CKSUM
                        | TxOffload.IPV4_CKSUM | TxOffload.TCP_TSO | TxOffload.UDP_TSO | TxOffload.MULTI_SEGS);
        try (Unfinished made = new Unfinished()) {
            idle = made.with(new EventFd());
            for (int i = 0; i < kicks.length; i++) {
                kicks[i] = made.with(new EventFd());
            }
            connector = made.with(new Connector(path, server, eal.log("pmd.net.virtio.driver", "VIRTIO"), this::connected,
                    this::disconnected));
            connector.start();
            made.finished();
        }
    }

    private void closeKicks() {
        for (EventFd kick : kicks) {
            kick.close();
        }
        idle.close();
    }

    @Override
    public DeviceInfo info() {
        return info;
    }

    @Override
    public void configure(PortConfig wantedConfig) {
        config = wantedConfig;
    }

    @Override
    public RxQueue rxQueue(int queue, RxQueueConfig queueConfig) {
        closeQueue(rx[queue]);
        rx[queue] = new VirtioRxQueue(queueConfig.pool(), port().id());
        return rx[queue];
    }

    private static void closeQueue(VirtioRxQueue queue) {
        if (queue != null) {
            queue.call.close();
        }
    }

    @Override
    public TxQueue txQueue(int queue, TxQueueConfig queueConfig) {
        tx[queue] = new VirtioTxQueue();
        return tx[queue];
    }

    @Override
    public synchronized void start() {
        if (session != null) {
            try {
                startQueues();
            } catch (RuntimeException e) {
                // half of the queues may run: the back end is to begin anew
                stopQueues(false);
                connector.drop();
                throw e;
            }
        }
        started = true;
    }

    @Override
    public synchronized void stop() {
        started = false;
        stopQueues(session != null);
    }

    @Override
    public void close() {
        connector.close();
        synchronized (this) {
            stopQueues(session != null);
            if (session != null) {
                session.close();
                session = null;
            }
            closeMemory();
        }
        for (VirtioRxQueue q : rx) {
            closeQueue(q);
        }
        closeKicks();
    }

    /** In the connector's thread: a back end is there. */
    private void connected(Socket socket) {
        synchronized (this) {
            session = new VhostFrontend(socket);
            if (started) {
                startQueues();
            }
        }
        changed();
    }

    /** In the connector's thread: it has gone. */
    private void disconnected() {
        synchronized (this) {
            if (notes == null) {
                stopQueues(false);
            } else {
                pauseQueues();
            }
            if (session != null) {
                session.close();
                session = null;
            }
        }
        changed();
    }

    private void changed() {
        if (port() != null) {
            port().fire(PortEvent.LINK_CHANGED);
        }
    }

    private long negotiate() {
        long asked = wanted | ((config.txOffloads() & (TxOffload.TCP_CKSUM | TxOffload.UDP_CKSUM | TxOffload.TCP_TSO
                | TxOffload.UDP_TSO)) != 0 ? HOST : 0);
        if ((config.rxOffloads() & (RX_CHECKSUMS | RxOffload.TCP_LRO)) != 0) {
            asked |= (config.rxOffloads() & RxOffload.TCP_LRO) != 0 ? GUEST : Feature.GUEST_CSUM;
        }
        if (Math.max(config.rxQueues(), config.txQueues()) > 1) {
            asked |= Feature.MQ | Feature.CTRL_VQ;
        }
        long common = asked & session.offered();
        if ((common & Feature.MRG_RXBUF) == 0) {
            // what is not yet cut may be as long as a packet can be, which no buffer of ours is (VIRTIO 1.2, 5.1.6.3.1)
            common &= ~GUEST | Feature.GUEST_CSUM;
        }
        long must = asked & (Feature.VERSION_1 | Feature.RING_PACKED);
        if ((common & must) != must) {
            throw new VhostException("the back end offers features 0x" + Long.toHexString(session.offered())
                    + ", of which " + ((common & Feature.VERSION_1) == 0 ? "VERSION_1" : "RING_PACKED (packed_vq=1)") + " is missing");
        }
        return common;
    }

    private void startQueues() {
        int pairs = Math.max(config.rxQueues(), config.txQueues());
        if (pairs > session.maxPairs()) {
            throw new VhostException("the back end has " + session.maxPairs() + " queue pairs, " + pairs + " are wanted");
        }
        long features = negotiate();
        if (queues != null && (notes == null || doubtful || features != agreed || !session.keepsNotes() || !memory.stands()
                || queues.length != 2 * pairs)) {
            stopQueues(false);
        }
        boolean packed = (features & Feature.RING_PACKED) != 0;
        boolean successor = queues != null;
        doubtful = successor;
        if (!successor) {
            makeQueues(pairs, features);
        }
        session.features(features);
        session.memory(memory.regions());
        if (successor) {
            session.takeUp(notes);
        } else {
            notes = session.makeNotes(2 * pairs, queueSize);
        }
        // the whole pair is told even when one of its queues is not used: back ends count in pairs
        for (int i = 0; i < queues.length; i++) {
            boolean receives = (i & 1) == 0 && rx[i / 2] != null;
            session.startQueue(i, memory.ring(i), packed, kicks[i], receives ? rx[i / 2].call : idle);
        }
        for (int i = 0; i < queues.length; i++) {
            session.enableQueue(i, true);
        }
        session.ready();
        doubtful = false;
        for (int i = 0; i < queues.length; i++) {
            attach(i, queues[i]);
        }
    }

    private void makeQueues(int pairs, long features) {
        boolean packed = (features & Feature.RING_PACKED) != 0;
        if (memory == null || !memory.fits(2 * pairs, packed)) {
            closeMemory();
            memory = new SharedRings(eal, 2 * pairs, queueSize, packed, VhostFrontend.MAX_REGIONS);
        }
        memory.refresh();
        agreed = features;
        DriverQueue[] made = new DriverQueue[2 * pairs];
        for (int i = 0; i < made.length; i++) {
            made[i] = DriverQueue.of(memory.ring(i), features, memory.addresses(), memory.side(i), memory.bounce);
            made[i].interrupts(false);
        }
        synchronized (counting) {
            queues = made;
        }
    }

    private void attach(int index, DriverQueue queue) {
        if ((index & 1) == 0 && rx[index / 2] != null) {
            VirtioRxQueue q = rx[index / 2];
            MbufPool source = memory.covers(q.pool) ? q.pool : memory.bounce;
            queue.completeChecksums((config.rxOffloads() & (RX_CHECKSUMS | RxOffload.TCP_LRO)) == 0);
            queue.fill(source);
            q.use(queue, source, kicks[index]);
        } else if ((index & 1) == 1 && tx[index / 2] != null) {
            tx[index / 2].use(queue, kicks[index]);
        }
        kicks[index].signal();
    }

    /** Takes the queues from those who poll them. */
    private void pauseQueues() {
        for (VirtioRxQueue q : rx) {
            if (q != null) {
                q.use(null, null, null);
            }
        }
        for (VirtioTxQueue q : tx) {
            if (q != null) {
                q.use(null, null);
            }
        }
    }

    private void stopQueues(boolean connected) {
        if (queues == null) {
            return;
        }
        pauseQueues();
        if (connected) {
            tellStop();
        }
        DriverQueue[] ended = queues;
        for (int i = 0; i < ended.length; i++) {
            abandon(i, ended[i]);
        }
        synchronized (counting) {
            for (DriverQueue queue : ended) {
                keepCounters(queue);
            }
            queues = null;
        }
        for (DriverQueue queue : ended) {
            queue.close();
        }
        if (notes != null) {
            notes.close();
            notes = null;
        }
    }

    /** Counts what is lost with a queue's ring. */
    private void abandon(int index, DriverQueue queue) {
        if ((index & 1) == 1) {
            sentInVain += queue.unreturned();
        } else if (rx[index / 2] != null) {
            Mbuf[] some = new Mbuf[queueSize];
            // whole packets, and never more than the ring holds, whatever a back end that lives on may write
            int n = queue.receive(memory.bounce, 0, some, 0, queueSize);
            Mbuf.freeBulk(some, 0, n);
            unread += n;
        }
    }

    private void closeMemory() {
        if (memory != null) {
            memory.close();
            memory = null;
        }
    }

    private void tellStop() {
        try {
            int pairs = Math.max(config.rxQueues(), config.txQueues());
            for (int i = 0; i < 2 * pairs; i++) {
                session.enableQueue(i, false);
                session.stopQueue(i);
            }
            session.reset();
        } catch (VhostException | LinuxException e) {
            // a back end that does not answer has gone; the connector will notice
            connector.drop();
        }
    }

    private void keepCounters(DriverQueue queue) {
        for (Rejection why : Rejection.values()) {
            rejected[why.ordinal()] += queue.rejected(why);
        }
        undeliverable += queue.undeliverable();
        copied += queue.copied();
    }

    @Override
    protected boolean waitsForTeller(boolean closing) {
        return closing;
    }

    @Override
    public Link link() {
        return Link.VIRTUAL.up(session != null);
    }

    @Override
    public void promiscuous(boolean on) {
        control("promiscuous mode");
    }

    @Override
    public void allMulticast(boolean on) {
        control("all-multicast mode");
    }

    @Override
    public void mac(long mac) {
        control("set MAC address");
    }

    /** A vhost-user back end filters nothing, so what a control queue would ask for is so already. */
    private void control(String what) {
        if (!controllable) {
            throw unsupported(what + " without cq=1");
        }
    }

    @Override
    public void mtu(int bytes) {
        // frames of any length fit chained packets
    }

    @Override
    public List<Xstat> xstats() {
        long[] sums;
        long lost;
        long copies;
        synchronized (counting) {
            sums = rejected.clone();
            lost = undeliverable;
            copies = copied;
            for (DriverQueue q : queues == null ? new DriverQueue[0] : queues) {
                for (Rejection why : Rejection.values()) {
                    sums[why.ordinal()] += q.rejected(why);
                }
                lost += q.undeliverable();
                copies += q.copied();
            }
        }
        List<Xstat> all = new ArrayList<>();
        for (Rejection why : Rejection.values()) {
            all.add(new Xstat("rejected_" + why.counter(), sums[why.ordinal()]));
        }
        all.add(new Xstat("tx_undeliverable", lost));
        all.add(new Xstat("tx_copied", copies));
        all.add(new Xstat("tx_unreturned", sentInVain));
        all.add(new Xstat("rx_unread", unread));
        all.add(new Xstat("connect_failures", connector.failures()));
        return all;
    }
}
