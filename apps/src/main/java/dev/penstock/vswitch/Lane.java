package dev.penstock.vswitch;

import dev.penstock.ethdev.RxOffload;

/** A switch port as forwarders see it under one plan. What changes with traffic lives in {@link SwitchPort}. */
final class Lane {
    /** Bits: ports that have one in common do not reach each other. */
    static final int ISOLATED = 1;
    /** Tunnels of one tenant reach every host, so what came from one goes into none (split horizon). */
    static final int TUNNELS = 2;

    final SwitchPort port;
    final int index;
    final int groups;
    /** The VLAN of frames without a tag; null when they are refused. */
    final Segment untagged;
    /** By VLAN, null where the port is no member; null for an access port. */
    final Segment[] tagged;
    /** What a tunnel's packets go by; null for other ports. */
    Lane underlay;
    final int macLimit;
    final AccessList aclIn;
    final AccessList aclOut;
    final TokenBucket rxBucket;
    final TokenBucket txBucket;
    /** By kind of flood; null where there is no limit. */
    final TokenBucket[] floodBuckets;
    final Mirror mirrorRx;
    final Mirror mirrorTx;
    /** Whether received packets may have checksums and segments undone. */
    final boolean offloads;
    /** Whether received packets need no more than the forwarding table. */
    final boolean plainIn;
    /** Whether packets can be sent as they are. */
    final boolean plainOut;

    Lane(SwitchPort port, Segment untagged, Segment[] tagged) {
        PortSettings s = port.settings;
        this.port = port;
        index = port.index;
        groups = (port.tunnel != null ? TUNNELS : 0) | (s.isolated ? ISOLATED : 0);
        this.untagged = untagged;
        this.tagged = tagged;
        macLimit = s.macLimit;
        aclIn = s.aclIn;
        aclOut = s.aclOut;
        rxBucket = port.rxBucket;
        txBucket = port.txBucket;
        floodBuckets = port.floodBuckets;
        mirrorRx = port.mirror != null && port.mirrorRx ? port.mirror : null;
        mirrorTx = port.mirror != null && port.mirrorTx ? port.mirror : null;
        offloads = port.port != null && (port.port.config().rxOffloads() & RxOffload.TCP_CKSUM) != 0;
        plainIn = aclIn == null && rxBucket == null;
        plainOut = aclOut == null && txBucket == null && mirrorTx == null;
    }

    boolean isMember(Segment segment) {
        return untagged == segment || tagged != null && tagged[segment.vlan] == segment;
    }

    /** Whether frames of a segment leave with a tag. */
    boolean tags(Segment segment) {
        return untagged != segment;
    }

    boolean reaches(Lane other) {
        return (groups & other.groups) == 0;
    }
}
