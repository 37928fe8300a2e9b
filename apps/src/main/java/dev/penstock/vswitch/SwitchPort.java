package dev.penstock.vswitch;

import dev.penstock.ethdev.Port;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;

/** A port of the switch: an Ethernet port, an underlay, or a tunnel over one. Made and looked at by control threads. */
public final class SwitchPort {
    private static final VarHandle LOCK;

    static {
        try {
            LOCK = MethodHandles.lookup().findVarHandle(SwitchPort.class, "txLock", int.class);
        } catch (ReflectiveOperationException e) {
            throw new ExceptionInInitializerError(e);
        }
    }

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
    PortSettings settings;
    TokenBucket rxBucket;
    TokenBucket txBucket;
    /** By kind of flood; null where there is no limit. */
    TokenBucket[] floodBuckets;
    Mirror mirror;
    boolean mirrorRx;
    boolean mirrorTx;
    private int txLock;

    SwitchPort(int index, String name, Port port, Underlay underlay, Tunnel tunnel, int forwarder, int forwarders, PortSettings settings) {
        this.index = index;
        this.name = name;
        this.port = port;
        this.underlay = underlay;
        this.tunnel = tunnel;
        this.forwarder = forwarder;
        mac = port == null ? 0 : port.filters().mac();
        behave(settings);
        counters = new long[forwarders][];
        for (int i = 0; i < forwarders; i++) {
            counters[i] = Counters.create();
        }
    }

    /** Takes settings, with full buckets. */
    void behave(PortSettings s) {
        settings = s;
        rxBucket = s.rxRate == 0 ? null : new TokenBucket(s.rxRate, s.rxBurst);
        txBucket = s.txRate == 0 ? null : new TokenBucket(s.txRate, s.txBurst);
        floodBuckets = new TokenBucket[s.floodRates.length];
        for (int kind = 0; kind < floodBuckets.length; kind++) {
            long rate = s.floodRates[kind];
            // A tenth of a second at once, one packet at least.
            floodBuckets[kind] = rate == PortSettings.UNLIMITED ? null : new TokenBucket(rate, rate == 0 ? 0 : Math.max(1, rate / 10));
        }
    }

    /** Takes the right to send; held for one burst. */
    void lockTx() {
        while (!LOCK.compareAndSet(this, 0, 1)) {
            Thread.onSpinWait();
        }
    }

    void unlockTx() {
        LOCK.setRelease(this, 0);
    }

    /** @return its number in the switch */
    public int index() {
        return index;
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

    /** @return the forwarder that polls it */
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
