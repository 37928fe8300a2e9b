package dev.penstock.vswitch;

import dev.penstock.ethdev.Port;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;

/** A port of the switch: an Ethernet port, an underlay, or a tunnel over one. Made and looked at by control threads. */
public final class SwitchPort {
    private static final VarHandle LOCK = MethodHandles.arrayElementVarHandle(int[].class);
    /** Each queue's lock on a line of its own. */
    private static final int LOCK_STRIDE = 16;

    final int index;
    final String name;
    /** Null for a tunnel. */
    final Port port;
    /** Null unless tunnels go over this port. */
    final Underlay underlay;
    /** Null unless it is a tunnel. */
    final Tunnel tunnel;
    final int forwarder;
    /** The port's own address; 0 for a tunnel. */
    final long mac;
    /** By forwarder. */
    final long[][] counters;
    /** Whether several forwarders poll it. */
    final boolean shared;
    PortSettings settings;
    TokenBucket rxBucket;
    TokenBucket txBucket;
    /** By kind of flood; null where there is no limit. */
    TokenBucket[] floodBuckets;
    Mirror mirror;
    boolean mirrorRx;
    boolean mirrorTx;
    /** Queues each way. */
    final int queues;
    private final int[] txLocks;

    SwitchPort(int index, String name, Port port, Underlay underlay, Tunnel tunnel, int forwarder, int forwarders, PortSettings settings) {
        this.index = index;
        this.name = name;
        this.port = port;
        this.underlay = underlay;
        this.tunnel = tunnel;
        this.forwarder = forwarder;
        mac = port == null ? 0 : port.filters().mac();
        queues = port == null ? 1 : Math.min(port.config().rxQueues(), port.config().txQueues());
        shared = Math.min(queues, forwarders) > 1;
        txLocks = new int[queues * LOCK_STRIDE];
        counters = new long[forwarders][];
        for (int i = 0; i < forwarders; i++) {
            counters[i] = Counters.create();
        }
        behave(settings);
    }

    /** Takes settings, with full buckets. */
    void behave(PortSettings s) {
        settings = s;
        rxBucket = s.rxRate == 0 ? null : bucket(s.rxRate, s.rxBurst, shared);
        txBucket = s.txRate == 0 ? null : bucket(s.txRate, s.txBurst, counters.length > 1);
        floodBuckets = new TokenBucket[s.floodRates.length];
        for (int kind = 0; kind < floodBuckets.length; kind++) {
            long rate = s.floodRates[kind];
            // A tenth of a second at once, one packet at least.
            floodBuckets[kind] = rate == PortSettings.UNLIMITED ? null : bucket(rate, rate == 0 ? 0 : Math.max(1, rate / 10), shared);
        }
    }

    private static TokenBucket bucket(long rate, long burst, boolean shared) {
        return shared ? new SharedBucket(rate, burst) : new TokenBucket(rate, burst);
    }

    /** The forwarder that polls a queue: queues go round the forwarders, from the port's on. */
    int forwarder(int queue) {
        return (forwarder + queue) % counters.length;
    }

    /** The queue that a forwarder sends by: another than each other's where there are as many, and the peer uses them. */
    int txQueue(int id) {
        int queue = id % queues;
        return queue == 0 || port.isTxQueueUsed(queue) ? queue : 0;
    }

    /** Whether forwarders may meet at a queue. */
    boolean sharesTx() {
        return counters.length > 1;
    }

    /** Takes the right to send by a queue; held for one burst. */
    void lockTx(int queue) {
        while (!LOCK.compareAndSet(txLocks, queue * LOCK_STRIDE, 0, 1)) {
            Thread.onSpinWait();
        }
    }

    void unlockTx(int queue) {
        LOCK.setRelease(txLocks, queue * LOCK_STRIDE, 0);
    }

    /** @return its name in the switch */
    public String name() {
        return name;
    }

    /** @return the Ethernet port behind it, null for a tunnel */
    public Port port() {
        return port;
    }

    /** @return whether tunnels go over it */
    public boolean isUnderlay() {
        return underlay != null;
    }

    /** @return the tunnel that it is, or null */
    public Tunnel tunnel() {
        return tunnel;
    }

    /** @return the forwarder that polls it, or its first queue */
    public int forwarder() {
        return forwarder;
    }

    /** @return a copy of its settings */
    public PortSettings settings() {
        return settings.copy();
    }

    /** @return its counters now */
    public PortStatistics statistics() {
        return PortStatistics.of(counters);
    }
}
