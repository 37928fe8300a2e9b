package dev.penstock.apps.l3fwd;

import dev.penstock.ethdev.Port;
import dev.penstock.ethdev.TxBuffer;
import dev.penstock.mbuf.Mbuf;

/** One lcore's way out of a port: the addresses that packets get, and what waits to be sent. */
final class TxPort {
    private final long head;
    private final int tail;
    final TxBuffer buffer;

    TxPort(Port port, int queue, long dstMac) {
        long srcMac = port.filters().mac();
        head = dstMac << 16 | srcMac >>> 32;
        tail = (int) srcMac;
        buffer = new TxBuffer(port, queue, Router.BURST);
    }

    /** Addresses a packet and takes it. */
    void send(Mbuf m) {
        m.putMacs(head, tail);
        buffer.add(m);
    }
}
