package dev.penstock.ethdev;

import java.util.List;

/**
 * What a driver writes: one device behind a {@link Port} (DPDK: eth_dev_ops). The port checks states and
 * ranges first, so a device is only asked what makes sense. What a device does not override, it does
 * not support. Control calls come from one thread at a time.
 */
public abstract class Device {
    private Port port;

    /** For drivers. */
    protected Device() {}

    /** @return what the device is and can do */
    public abstract DeviceInfo info();

    /**
     * Which packet types its receive queues write into packets without being asked, each layer's values by themselves.
     *
     * @return values of {@link dev.penstock.net.PacketType}, none when it writes none
     */
    public int[] packetTypes() {
        return new int[0];
    }

    /**
     * Takes a configuration; called while the port is stopped.
     *
     * @param config numbers of queues, offloads, RSS
     */
    public void configure(PortConfig config) {}

    /**
     * Makes a receive queue.
     *
     * @param queue its number
     * @param config descriptors, pool, offloads
     * @return the queue
     */
    public abstract RxQueue rxQueue(int queue, RxQueueConfig config);

    /**
     * Makes a transmit queue.
     *
     * @param queue its number
     * @param config descriptors, offloads
     * @return the queue
     */
    public abstract TxQueue txQueue(int queue, TxQueueConfig config);

    /** Lets traffic flow. */
    public void start() {}

    /** Ends traffic; nobody polls any more. */
    public void stop() {}

    /** Gives back all that the device holds. Called once, after {@link #stop()}. */
    public void close() {}

    /**
     * Whether {@link #stop} or {@link #close} wait for the thread that tells the port of events. A listener in that thread would wait for
     * ever, so the port refuses it.
     *
     * @param closing whether {@link #close} is meant
     * @return true when it waits
     */
    protected boolean waitsForTeller(boolean closing) {
        return false;
    }

    /** @return the link as it is now */
    public abstract Link link();

    /**
     * Sets the link administratively up or down.
     *
     * @param up true for up
     */
    public void linkUp(boolean up) {
        throw unsupported("set link up or down");
    }

    /**
     * Receives frames for every address, or not.
     *
     * @param on true for all
     */
    public void promiscuous(boolean on) {
        throw unsupported("promiscuous mode");
    }

    /**
     * Receives all multicast frames, or not.
     *
     * @param on true for all
     */
    public void allMulticast(boolean on) {
        throw unsupported("all-multicast mode");
    }

    /**
     * Changes the primary address.
     *
     * @param mac the address in the low 48 bits
     */
    public void mac(long mac) {
        throw unsupported("set MAC address");
    }

    /**
     * Adds a unicast or multicast address to the filter.
     *
     * @param mac the address
     */
    public void addMac(long mac) {
        throw unsupported("add MAC address");
    }

    /**
     * Takes an address out of the filter.
     *
     * @param mac the address
     */
    public void removeMac(long mac) {
        throw unsupported("remove MAC address");
    }

    /**
     * Changes the largest payload of a frame.
     *
     * @param bytes without Ethernet header
     */
    public void mtu(int bytes) {
        throw unsupported("set MTU");
    }

    /**
     * Accepts frames of a VLAN, or not.
     *
     * @param vlan 0 to 4095
     * @param on true to accept
     */
    public void vlanFilter(int vlan, boolean on) {
        throw unsupported("VLAN filter");
    }

    /**
     * Counters beyond the standard ones, each drop by name. The order and names never change while the
     * device lives.
     *
     * @return the counters
     */
    public List<Xstat> xstats() {
        return List.of();
    }

    /** @return the port that the device stands behind; null until it is probed */
    protected final Port port() {
        return port;
    }

    final void bind(Port port) {
        this.port = port;
    }

    /**
     * The error for what a device can't do.
     *
     * @param what the operation
     * @return the error
     */
    protected final UnsupportedOperationException unsupported(String what) {
        return new UnsupportedOperationException(
                (port == null ? "" : "port " + port.id() + " (" + port.name() + "): ") + what + " is not supported by driver "
                        + info().driver());
    }
}
