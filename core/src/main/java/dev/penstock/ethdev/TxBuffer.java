package dev.penstock.ethdev;

import dev.penstock.eal.Apart;
import dev.penstock.mbuf.Mbuf;

/**
 * Packets that wait for a transmit queue until they are a burst (DPDK: rte_eth_dev_tx_buffer). One thread uses it at a
 * time; its counters may be read by any.
 */
public final class TxBuffer extends Apart {
    private final Port port;
    private final int queue;
    private final Mbuf[] packets;
    private final int size;
    private int waiting;
    private long sent;
    private long dropped;

    /**
     * Makes an empty one.
     *
     * @param port where packets go
     * @param queue the transmit queue, the caller's own
     * @param size how many packets are a burst, 1 or more
     */
    public TxBuffer(Port port, int queue, int size) {
        this.port = port;
        this.queue = queue;
        this.size = size;
        packets = array(Mbuf.class, size);
    }

    /**
     * Takes a packet, and sends all when they are a burst, as {@link #flush} does.
     *
     * @param m the packet
     */
    public void add(Mbuf m) {
        int n = waiting;
        packets[n++] = m;
        waiting = n;
        if (n == size) {
            flush();
        }
    }

    /** Sends what waits; packets that the port does not take are freed and counted, all of them when a callback or the driver throws. */
    public void flush() {
        int n = waiting;
        if (n == 0) {
            return;
        }
        waiting = 0;
        int taken = 0;
        try {
            taken = port.txBurst(queue, packets, 0, n);
            sent += taken;
        } finally {
            if (taken < n) {
                Mbuf.freeBulk(packets, taken, n - taken);
                dropped += n - taken;
            }
        }
    }

    /** @return the port */
    public Port port() {
        return port;
    }

    /** @return packets that the port took */
    public long sent() {
        return sent;
    }

    /** @return packets that the port did not take */
    public long dropped() {
        return dropped;
    }
}
