package dev.penstock.vswitch;

/** A VXLAN tunnel to one other host (RFC 7348): what goes into this port comes out of that host's. */
public final class Tunnel {
    final SwitchPort underlay;
    final int vni;
    final int remoteIp;
    final int nextHop;
    /** 0 while it is not known. Written by the underlay's forwarder, read by all. */
    volatile long nextHopMac;
    /** When the next hop last spoke. */
    int heardAt;

    Tunnel(SwitchPort underlay, int vni, int remoteIp) {
        this.underlay = underlay;
        this.vni = vni;
        this.remoteIp = remoteIp;
        nextHop = underlay.underlay.nextHop(remoteIp);
    }

    /** @return the port that the tunnel's packets go by */
    public SwitchPort underlay() {
        return underlay;
    }

    /** @return the network identifier, 0 to 2^24 - 1 */
    public int vni() {
        return vni;
    }

    /** @return the other host's IPv4 address */
    public int remoteIp() {
        return remoteIp;
    }

    /** @return the Ethernet address that packets are sent to, 0 while it is not known */
    public long nextHopMac() {
        return nextHopMac;
    }
}
