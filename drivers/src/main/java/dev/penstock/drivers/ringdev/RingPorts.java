package dev.penstock.drivers.ringdev;

import dev.penstock.drivers.LocalMac;
import dev.penstock.ethdev.Port;
import dev.penstock.ethdev.Ports;
import dev.penstock.mbuf.Mbuf;
import dev.penstock.ring.Ring;
import java.util.List;

/** Makes ports of a program's own rings (DPDK: rte_eth_from_rings). */
public final class RingPorts {
    private RingPorts() {}

    /**
     * Makes a port that receives from some rings and sends into others. The rings stay the program's,
     * and so do packets that are in them when the port is closed.
     *
     * @param ports where the port is added
     * @param name the port is named {@code net_ring_} and this
     * @param rx a ring for each receive queue, at most 16
     * @param tx a ring for each transmit queue, at most 16
     * @return the port, not configured
     * @throws IllegalArgumentException when there are too many rings or the name is taken
     */
    public static Port fromRings(Ports ports, String name, List<Ring<Mbuf>> rx, List<Ring<Mbuf>> tx) {
        if (rx.size() > RingDriver.MAX_QUEUES || tx.size() > RingDriver.MAX_QUEUES) {
            throw new IllegalArgumentException("a port of " + rx.size() + " and " + tx.size() + " rings; it can have at most "
                    + RingDriver.MAX_QUEUES + " each way");
        }
        return ports.attach("net_ring_" + name, new RingDevice(LocalMac.random(), rx, tx, () -> {}));
    }

    /**
     * Makes a port that receives what it sends, by one ring (DPDK: rte_eth_from_ring).
     *
     * @param ports where the port is added
     * @param ring the ring, whose name the port gets
     * @return the port, not configured
     */
    public static Port fromRing(Ports ports, Ring<Mbuf> ring) {
        return fromRings(ports, ring.name(), List.of(ring), List.of(ring));
    }
}
