package dev.penstock.ethdev;

import dev.penstock.mbuf.Mbuf;
import java.lang.invoke.VarHandle;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.BiConsumer;

/**
 * An Ethernet port: queues of packets, and the means to control them (DPDK: rte_ethdev).
 *
 * <p>Life: probed by {@link Ports}, {@link #configure}, one {@link #setupRxQueue} and
 * {@link #setupTxQueue} for each queue, {@link #start}, bursts, {@link #stop}, {@link #close}. A call
 * out of turn raises {@link IllegalStateException}. Each queue is used by one thread at a time; control
 * calls are made by one thread, and those that stop queues while nobody polls them.
 */
public final class Port {
    /** Where a port is in its life. */
    public enum State {
        /** Probed. */
        PROBED,
        /** Configured, stopped. */
        CONFIGURED,
        /** Running. */
        STARTED,
        /** Closed for ever. */
        CLOSED
    }

    private final Ports ports;
    private final int id;
    private final String name;
    private final String devargs;
    private final Device device;
    private final boolean probed;
    private final Filters filters;
    private final Rss rss;
    private final List<BiConsumer<Port, PortEvent>> listeners = new CopyOnWriteArrayList<>();

    /** Captures come and go from threads of their own. */
    private final Object callbackLock = new Object();

    /** The thread that tells listeners of an event now. */
    private volatile Thread teller;

    private volatile State state = State.PROBED;
    private String owner;
    private PortConfig config = PortConfig.of(0, 0);
    private RxQueue[] rxQueues = {};
    private TxQueue[] txQueues = {};
    private RxQueueConfig[] rxConfigs = {};
    private TxQueueConfig[] txConfigs = {};
    private RxQueue[] rxActive = {};
    private TxQueue[] txActive = {};
    private SoftwareRss spreader;
    private final PortCounters counters = new PortCounters(this);

    Port(Ports ports, int id, String name, String devargs, Device device, boolean probed) {
        this.ports = ports;
        this.id = id;
        this.name = name;
        this.devargs = devargs;
        this.device = device;
        this.probed = probed;
        DeviceInfo info = device.info();
        this.filters = new Filters(device, info);
        this.rss = new Rss(info);
        device.bind(this);
    }

    /**
     * Takes a burst of packets from a queue. Returns at once. What a callback throws is passed on; the burst is lost and counted then.
     *
     * @param queue the queue's number
     * @param packets where they go, from index 0; they are the caller's then, to send or to free
     * @param max how many at most
     * @return how many; 0 while the port or the queue is stopped
     * @throws IndexOutOfBoundsException when the port is configured for fewer queues
     */
    public int rxBurst(int queue, Mbuf[] packets, int max) {
        RxQueue rx = rxActive[queue];
        int n = rx.receive(packets, max);
        RxCallback[] callbacks = rx.callbacks;
        return callbacks == null ? n : received(rx, callbacks, queue, packets, n, max);
    }

    /**
     * Gives a burst of packets to a queue. Returns at once. When a callback or the driver throws, all packets stay with the caller.
     *
     * @param queue the queue's number
     * @param packets the packets
     * @param from index of the first
     * @param n how many
     * @return how many the port took, from the first on; the others stay with the caller, all of them while the port or
     *         the queue is stopped
     * @throws IndexOutOfBoundsException when the port is configured for fewer queues
     */
    public int txBurst(int queue, Mbuf[] packets, int from, int n) {
        TxQueue tx = txActive[queue];
        TxCallback[] callbacks = tx.callbacks;
        int ready = callbacks == null ? n : transmitting(callbacks, queue, packets, from, n);
        return tx.transmit(packets, from, ready);
    }

    /**
     * Whether there is somebody behind a started transmit queue: a virtual machine may use fewer queues than the port has.
     *
     * @param queue the queue's number
     * @return false when all that is sent by it is refused for now
     */
    public boolean isTxQueueUsed(int queue) {
        // drivers read what bursts use, which is not volatile: who asks in a loop is to see it change
        VarHandle.acquireFence();
        return txActive[queue].isUsed();
    }

    /**
     * Checks packets against what the queue was made for: flags for offloads that are not configured, flags and
     * lengths that contradict each other, several segments without {@link TxOffload#MULTI_SEGS}; and lets the device
     * fill in what its offloads need.
     *
     * @param queue the queue's number
     * @param packets the packets
     * @param from index of the first
     * @param n how many
     * @return how many from the first on are fit to be sent
     */
    public int txPrepare(int queue, Mbuf[] packets, int from, int n) {
        TxQueue tx = txActive[queue];
        return tx.prepare(packets, from, TxCheck.fit(tx, packets, from, n));
    }

    private int received(RxQueue rx, RxCallback[] callbacks, int queue, Mbuf[] packets, int n, int max) {
        int count = n;
        try {
            for (RxCallback callback : callbacks) {
                count = callback.received(this, queue, packets, count, max);
            }
        } catch (Throwable e) {
            rx.callbackErrors += Callbacks.free(packets, count);
            throw e;
        }
        return count;
    }

    private int transmitting(TxCallback[] callbacks, int queue, Mbuf[] packets, int from, int n) {
        int count = n;
        for (TxCallback callback : callbacks) {
            count = callback.transmitting(this, queue, packets, from, count);
        }
        return count;
    }

    /** @return the port's number, unique in its {@link Ports} */
    public int id() {
        return id;
    }

    /** @return the device's name, such as {@code net_null0} */
    public String name() {
        return name;
    }

    /** @return the device arguments behind the name, as they were given */
    public String devargs() {
        return devargs;
    }

    /** @return where it is in its life */
    public State state() {
        return state;
    }

    /** @return who has taken it for itself, such as another port; null when it is free */
    public String owner() {
        return owner;
    }

    /** @return what the device is and can do */
    public DeviceInfo info() {
        return device.info();
    }

    /**
     * Which packet types the device itself tells (DPDK: rte_eth_dev_get_supported_ptypes). Offloads in software tell theirs
     * where they look into packets.
     *
     * @return values of {@link dev.penstock.net.PacketType}, each layer's by themselves; none when it tells none
     */
    public int[] packetTypes() {
        return device.packetTypes();
    }

    /** @return the configuration in force */
    public PortConfig config() {
        return config;
    }

    /** @return the address, VLAN and mode filters */
    public Filters filters() {
        return filters;
    }

    /** @return hash key, types and redirection table */
    public Rss rss() {
        return rss;
    }

    /**
     * Takes the port away from applications, for a port that stands on it.
     *
     * @param owner who takes it; null gives it back
     */
    public void owner(String owner) {
        if (owner != null && this.owner != null) {
            throw error("is already owned by " + this.owner);
        }
        this.owner = owner;
    }

    /**
     * Sets numbers of queues, offloads and RSS. The port must be stopped; its queues are set up afterwards.
     * A device with one receive queue can have several when RSS types are given: its packets are then hashed
     * and spread in software. When the device refuses, or the system, the port is to be configured again before it can start.
     *
     * @param wanted the configuration
     * @throws IllegalArgumentException when the device cannot have it; says what it can
     */
    public void configure(PortConfig wanted) {
        require("configure", State.PROBED, State.CONFIGURED);
        DeviceInfo info = info();
        boolean spread = wanted.rssTypes() != 0 && info.maxRxQueues() == 1;
        check("receive queues", wanted.rxQueues(), spread ? SoftwareRss.MAX_QUEUES : info.maxRxQueues());
        check("transmit queues", wanted.txQueues(), info.maxTxQueues());
        checkRxOffloads(wanted.rxOffloads());
        checkTxOffloads(wanted.txOffloads());
        rss.check(label(), wanted.rssTypes());
        if (wanted.mtu() != 0) {
            filters.checkMtu(wanted.mtu());
        }
        counters.keep(device, () -> take(wanted));
    }

    private void checkRxOffloads(long wanted) {
        long lacking = wanted & ~rxCapabilities();
        if (lacking != 0) {
            throw new IllegalArgumentException(label() + " can't do receive offloads" + RxOffload.names(lacking) + "; it can do"
                    + RxOffload.names(rxCapabilities()));
        }
    }

    private void checkTxOffloads(long wanted) {
        long lacking = wanted & ~txCapabilities();
        if (lacking != 0) {
            throw new IllegalArgumentException(label() + " can't do transmit offloads" + TxOffload.names(lacking) + "; it can do"
                    + TxOffload.names(txCapabilities()));
        }
    }

    private void take(PortConfig wanted) {
        try {
            device.configure(wanted);
            if (wanted.mtu() != 0) {
                filters.mtu(wanted.mtu());
            }
        } catch (RuntimeException | Error e) {
            // the queues that it had may be half given back
            make(PortConfig.of(0, 0));
            state = State.PROBED;
            throw e;
        }
        rss.types(wanted.rssTypes(), wanted.rxQueues());
        make(wanted);
        state = State.CONFIGURED;
    }

    private void make(PortConfig wanted) {
        spreader = null;
        config = wanted;
        rxQueues = new RxQueue[wanted.rxQueues()];
        txQueues = new TxQueue[wanted.txQueues()];
        rxConfigs = new RxQueueConfig[wanted.rxQueues()];
        txConfigs = new TxQueueConfig[wanted.txQueues()];
        rxActive = new RxQueue[wanted.rxQueues()];
        txActive = new TxQueue[wanted.txQueues()];
        Arrays.fill(rxActive, StoppedQueues.RX);
        Arrays.fill(txActive, StoppedQueues.TX);
    }

    /**
     * Makes a receive queue. The port must be configured and stopped.
     *
     * @param queue its number
     * @param wanted pool, descriptors, offloads
     * @throws IllegalArgumentException when there is no such queue, its pool is too small, or the port can't do the offloads
     */
    public void setupRxQueue(int queue, RxQueueConfig wanted) {
        require("set up a receive queue", State.CONFIGURED);
        checkQueue(queue, rxQueues.length, "receive");
        checkRxOffloads(wanted.offloads());
        if (wanted.pool() == null) {
            throw new IllegalArgumentException(label() + ": receive queue " + queue + " needs a pool");
        }
        int room = wanted.pool().dataRoom() - Mbuf.HEADROOM;
        if (room < 0) {
            throw new IllegalArgumentException(label() + ": pool " + wanted.pool().name() + " has packets of " + wanted.pool().dataRoom()
                    + " bytes, of which " + Mbuf.HEADROOM + " are headroom; give them more");
        }
        if (room < info().minRxBuffer()) {
            throw new IllegalArgumentException(label() + ": pool " + wanted.pool().name() + " has data rooms of " + room
                    + " bytes, the device needs " + info().minRxBuffer());
        }
        counters.keep(device, () -> {
            RxQueue rx = null;
            try {
                rx = config.rxQueues() > info().maxRxQueues() ? spread(queue, wanted) : device.rxQueue(queue, wanted);
                rx.callbacks = SoftwareOffload.receive(this, wanted);
            } finally {
                // the one before is given back also when there is none in its place
                rxQueues[queue] = rx;
            }
            rxConfigs[queue] = wanted;
        });
    }

    /** A device with one queue, and several wanted: its packets are hashed here. */
    private RxQueue spread(int queue, RxQueueConfig wanted) {
        if (spreader == null) {
            spreader = new SoftwareRss(name, rss, device.rxQueue(0, wanted), config.rxQueues());
        }
        return spreader.queue(queue);
    }

    /**
     * Makes a transmit queue. The port must be configured and stopped.
     *
     * @param queue its number
     * @param wanted descriptors, offloads
     * @throws IllegalArgumentException when there is no such queue, or the port can't do the offloads
     */
    public void setupTxQueue(int queue, TxQueueConfig wanted) {
        require("set up a transmit queue", State.CONFIGURED);
        checkQueue(queue, txQueues.length, "transmit");
        checkTxOffloads(wanted.offloads());
        counters.keep(device, () -> {
            TxQueue tx = null;
            try {
                tx = SoftwareOffload.transmitQueue(this, wanted, device.txQueue(queue, wanted));
                tx.callbacks = SoftwareOffload.transmit(this, wanted);
                tx.offloads = config.txOffloads() | wanted.offloads();
                tx.refused = TxCheck.refused(tx.offloads);
            } finally {
                txQueues[queue] = tx;
            }
            txConfigs[queue] = wanted;
        });
    }

    /** Lets traffic flow. All queues must be set up. */
    public void start() {
        require("start", State.CONFIGURED);
        for (int q = 0; q < rxQueues.length; q++) {
            if (rxQueues[q] == null) {
                throw error("can't start: receive queue " + q + " is not set up; call setupRxQueue(" + q + ", ...) first");
            }
        }
        for (int q = 0; q < txQueues.length; q++) {
            if (txQueues[q] == null) {
                throw error("can't start: transmit queue " + q + " is not set up; call setupTxQueue(" + q + ", ...) first");
            }
        }
        device.start();
        state = State.STARTED;
        try {
            startQueues();
        } catch (RuntimeException e) {
            stop();
            throw e;
        }
    }

    private void startQueues() {
        for (int q = 0; q < rxQueues.length; q++) {
            if (!rxConfigs[q].deferredStart()) {
                startRxQueue(q);
            }
        }
        for (int q = 0; q < txQueues.length; q++) {
            if (!txConfigs[q].deferredStart()) {
                startTxQueue(q);
            }
        }
    }

    /** Ends traffic. Nobody may poll the port meanwhile. A stopped port can be started again. */
    public void stop() {
        if (state != State.STARTED) {
            return;
        }
        refuseTeller("stopped", false);
        for (int q = 0; q < rxQueues.length; q++) {
            stopRxQueue(q);
        }
        for (int q = 0; q < txQueues.length; q++) {
            stopTxQueue(q);
        }
        device.stop();
        state = State.CONFIGURED;
    }

    /** Stops the port and gives back all that it holds. Does nothing when it is closed already. */
    public void close() {
        if (state == State.CLOSED) {
            return;
        }
        refuseTeller("closed", true);
        try {
            stop();
        } finally {
            state = State.CLOSED;
            ports.remove(this);
            counters.close(device);
            fire(PortEvent.DESTROYED);
        }
    }

    /**
     * Closes the device and makes it anew with the same arguments, number, owner, filters and listeners
     * (rte_eth_dev_reset). This object is closed then; the new one is to be configured, and its queues and callbacks set.
     *
     * @return the new port, not configured
     * @throws IllegalStateException when it is not stopped
     * @throws UnsupportedOperationException when its device was made by a program and not from arguments
     */
    public Port reset() {
        require("reset", State.PROBED, State.CONFIGURED);
        if (!probed) {
            throw device.unsupported("reset");
        }
        state = State.CLOSED;
        counters.close(device);
        Port fresh = ports.renew(this);
        fresh.owner = owner;
        fresh.listeners.addAll(listeners);
        fresh.filters.restore(filters);
        fire(PortEvent.RESET);
        return fresh;
    }

    /**
     * Starts one receive queue of a started port.
     *
     * @param queue its number
     */
    public void startRxQueue(int queue) {
        require("start a queue", State.STARTED);
        checkQueue(queue, rxQueues.length, "receive");
        if (rxActive[queue] == StoppedQueues.RX) {
            rxQueues[queue].start();
            rxActive[queue] = rxQueues[queue];
        }
    }

    /**
     * Stops one receive queue; nobody may poll it meanwhile.
     *
     * @param queue its number
     */
    public void stopRxQueue(int queue) {
        require("stop a queue", State.STARTED);
        checkQueue(queue, rxQueues.length, "receive");
        if (rxActive[queue] != StoppedQueues.RX) {
            rxActive[queue] = StoppedQueues.RX;
            rxQueues[queue].stop();
        }
    }

    /**
     * Starts one transmit queue of a started port.
     *
     * @param queue its number
     */
    public void startTxQueue(int queue) {
        require("start a queue", State.STARTED);
        checkQueue(queue, txQueues.length, "transmit");
        if (txActive[queue] == StoppedQueues.TX) {
            txQueues[queue].start();
            txActive[queue] = txQueues[queue];
        }
    }

    /**
     * Stops one transmit queue; nobody may use it meanwhile.
     *
     * @param queue its number
     */
    public void stopTxQueue(int queue) {
        require("stop a queue", State.STARTED);
        checkQueue(queue, txQueues.length, "transmit");
        if (txActive[queue] != StoppedQueues.TX) {
            txActive[queue] = StoppedQueues.TX;
            txQueues[queue].stop();
        }
    }

    /**
     * Whether a receive queue is started.
     *
     * @param queue its number
     * @return true when it is
     */
    public boolean rxQueueStarted(int queue) {
        return rxActive[queue] != StoppedQueues.RX;
    }

    /**
     * Whether a transmit queue is started.
     *
     * @param queue its number
     * @return true when it is
     */
    public boolean txQueueStarted(int queue) {
        return txActive[queue] != StoppedQueues.TX;
    }

    /**
     * How a receive queue was made.
     *
     * @param queue its number
     * @return the configuration, or null before it is set up
     */
    public RxQueueConfig rxQueueConfig(int queue) {
        return rxConfigs[queue];
    }

    /**
     * How a transmit queue was made.
     *
     * @param queue its number
     * @return the configuration, or null before it is set up
     */
    public TxQueueConfig txQueueConfig(int queue) {
        return txConfigs[queue];
    }

    /** @return the link as it is now */
    public Link link() {
        // as in isTxQueueUsed
        VarHandle.acquireFence();
        return device.link();
    }

    /**
     * Sets the link administratively up or down.
     *
     * @param up true for up
     */
    public void linkUp(boolean up) {
        device.linkUp(up);
    }

    /** @return the port's counters */
    public PortStats stats() {
        return counters.stats();
    }

    /** @return all counters by name: standard, per queue, and the device's own, each drop among them */
    public List<Xstat> xstats() {
        return counters.xstats(device);
    }

    /**
     * The counters of one queue pair.
     *
     * @param queue the number
     * @return counters of the receive and the transmit queue of that number
     */
    public PortStats queueStats(int queue) {
        return counters.queue(queue);
    }

    /** Sets all counters to zero. */
    public void resetStats() {
        counters.reset(device);
    }

    /**
     * Adds a callback to a receive queue, behind those that are there. Who polls the queue meanwhile calls it from one of
     * the next bursts on. Several threads may add and remove callbacks at a time.
     *
     * @param queue the number of a queue that is set up
     * @param callback the callback
     */
    public void addRxCallback(int queue, RxCallback callback) {
        synchronized (callbackLock) {
            RxQueue rx = setUp(rxQueues, queue, "receive");
            RxCallback[] more = Callbacks.with(rx.callbacks, callback, RxCallback.class);
            VarHandle.releaseFence();
            counters.change(callback, true, () -> rx.callbacks = more);
        }
    }

    /**
     * As {@link #addRxCallback}, before all others, also before offloads in software.
     *
     * @param queue the number of a queue that is set up
     * @param callback the callback
     */
    public void addFirstRxCallback(int queue, RxCallback callback) {
        synchronized (callbackLock) {
            RxQueue rx = setUp(rxQueues, queue, "receive");
            RxCallback[] more = Callbacks.first(callback, rx.callbacks, RxCallback.class);
            VarHandle.releaseFence();
            counters.change(callback, true, () -> rx.callbacks = more);
        }
    }

    /**
     * Takes a callback away. Who uses the queue meanwhile may still be in it, and calls it in no later burst but the next.
     *
     * @param queue the number of a queue that is set up
     * @param callback the callback
     */
    public void removeRxCallback(int queue, RxCallback callback) {
        synchronized (callbackLock) {
            RxQueue rx = setUp(rxQueues, queue, "receive");
            RxCallback[] fewer = Callbacks.without(rx.callbacks, callback);
            if (fewer != rx.callbacks) {
                VarHandle.releaseFence();
                counters.change(callback, false, () -> rx.callbacks = fewer);
            }
        }
    }

    /**
     * Adds a callback to a transmit queue, behind those that are there. Who sends by the queue meanwhile calls it from one of
     * the next bursts on.
     *
     * @param queue the number of a queue that is set up
     * @param callback the callback
     */
    public void addTxCallback(int queue, TxCallback callback) {
        synchronized (callbackLock) {
            TxQueue tx = setUp(txQueues, queue, "transmit");
            TxCallback[] more = Callbacks.with(tx.callbacks, callback, TxCallback.class);
            VarHandle.releaseFence();
            tx.callbacks = more;
        }
    }

    /**
     * Takes a callback away. Who uses the queue meanwhile may still be in it, and calls it in no later burst but the next.
     *
     * @param queue the number of a queue that is set up
     * @param callback the callback
     */
    public void removeTxCallback(int queue, TxCallback callback) {
        synchronized (callbackLock) {
            TxQueue tx = setUp(txQueues, queue, "transmit");
            TxCallback[] fewer = Callbacks.without(tx.callbacks, callback);
            VarHandle.releaseFence();
            tx.callbacks = fewer;
        }
    }

    /** @return {@link RxOffload} bits that the port can have, by its device or in software */
    public long rxCapabilities() {
        return info().rxOffloads() | SoftwareOffload.RX;
    }

    /** @return {@link TxOffload} bits that the port can have, by its device or in software */
    public long txCapabilities() {
        return info().txOffloads() | SoftwareOffload.TX;
    }

    /**
     * Changes which VLAN offloads are in force, also on a started port. Nobody may poll its queues meanwhile.
     *
     * @param wanted {@link RxOffload#VLAN_STRIP}, {@link RxOffload#VLAN_FILTER}, or both, or 0
     * @throws IllegalArgumentException when others are asked for
     */
    public void vlanOffloads(long wanted) {
        require("change VLAN offloads", State.CONFIGURED, State.STARTED);
        if ((wanted & ~(rxCapabilities() & RxOffload.VLAN)) != 0) {
            throw new IllegalArgumentException(label() + " can't do receive offloads"
                    + RxOffload.names(wanted & ~(rxCapabilities() & RxOffload.VLAN)));
        }
        if (((wanted ^ config.rxOffloads()) & info().rxOffloads() & RxOffload.VLAN) != 0) {
            throw new IllegalStateException(label() + " does VLAN offloads in its device; stop and configure it to change them");
        }
        config = config.withOffloads(config.rxOffloads() & ~RxOffload.VLAN | wanted, config.txOffloads());
        counters.keep(device, () -> {
            for (int q = 0; q < rxQueues.length; q++) {
                if (rxQueues[q] != null) {
                    synchronized (callbackLock) {
                        rxQueues[q].callbacks = SoftwareOffload.again(rxQueues[q].callbacks, SoftwareOffload.receive(this, rxConfigs[q]));
                    }
                }
            }
        });
    }

    /**
     * Tells a listener of events, in the thread that notices them. What it throws is logged, and the thread goes on. A port that waits for
     * that thread when it is stopped or closed, as net_memif, net_vhost and net_virtio_user do, refuses both to its listeners: have it done
     * by another thread, such as {@link dev.penstock.eal.Alarms}.
     *
     * @param listener gets the port and the event
     */
    public void addListener(BiConsumer<Port, PortEvent> listener) {
        listeners.add(listener);
    }

    /**
     * No more events for a listener.
     *
     * @param listener the listener
     */
    public void removeListener(BiConsumer<Port, PortEvent> listener) {
        listeners.remove(listener);
    }

    /**
     * For drivers: tells the listeners.
     *
     * @param event what happened
     */
    public void fire(PortEvent event) {
        Thread before = teller;
        teller = Thread.currentThread();
        for (BiConsumer<Port, PortEvent> listener : listeners) {
            try {
                listener.accept(this, event);
            } catch (Throwable e) {
                ports.eal().log("lib.ethdev", "ETHDEV").error(name + ": a listener failed at " + event, e);
            }
        }
        teller = before;
    }

    /**
     * For ports that stand on this one: as {@link Device#waitsForTeller}.
     *
     * @param closing whether {@link #close} is meant, and not {@link #stop}
     * @return whether a listener can't do it
     */
    public boolean waitsForTeller(boolean closing) {
        return device.waitsForTeller(closing);
    }

    private void refuseTeller(String what, boolean closing) {
        if (teller == Thread.currentThread() && device.waitsForTeller(closing)) {
            throw error("can't be " + what + " by a listener of its events, whose thread it waits for; have another thread do it,"
                    + " such as by eal.alarms().set(1, ...)");
        }
    }

    List<RxQueue> rxQueues() {
        return present(rxQueues);
    }

    List<TxQueue> txQueues() {
        return present(txQueues);
    }

    RxQueue rxQueue(int queue) {
        checkQueue(queue, rxQueues.length, "receive");
        return rxQueues[queue];
    }

    Device device() {
        return device;
    }

    private static <T> List<T> present(T[] queues) {
        List<T> list = new ArrayList<>(queues.length);
        for (T queue : queues) {
            if (queue != null) {
                list.add(queue);
            }
        }
        return list;
    }

    private String label() {
        return "port " + id + " (" + name + ")";
    }

    private IllegalStateException error(String what) {
        return new IllegalStateException(label() + " " + what);
    }

    private void require(String what, State... allowed) {
        for (State s : allowed) {
            if (s == state) {
                return;
            }
        }
        String remedy = switch (state) {
            case PROBED -> "configure it first";
            case CONFIGURED -> "start it first";
            case STARTED -> "stop it first";
            case CLOSED -> "attach it again";
        };
        throw error("can't " + what + " while " + state.name().toLowerCase() + "; " + remedy);
    }

    private void check(String what, int wanted, int max) {
        if (wanted < 0 || wanted > max) {
            throw new IllegalArgumentException(label() + " can have 0 to " + max + " " + what + ", not " + wanted);
        }
    }

    private void checkQueue(int queue, int count, String side) {
        if (queue < 0 || queue >= count) {
            throw new IllegalArgumentException(label() + " has " + count + " " + side + " queues, no number " + queue);
        }
    }

    private <Q> Q setUp(Q[] queues, int queue, String side) {
        checkQueue(queue, queues.length, side);
        if (queues[queue] == null) {
            throw new IllegalArgumentException(label() + ": " + side + " queue " + queue + " is not set up");
        }
        return queues[queue];
    }
}
