package dev.penstock.drivers.afpacket;

import dev.penstock.drivers.kernel.KernelDevice;
import dev.penstock.drivers.kernel.LinkMonitor;
import dev.penstock.ethdev.RxQueue;
import dev.penstock.ethdev.TxQueue;
import dev.penstock.linux.Errno;
import dev.penstock.linux.LinuxException;
import dev.penstock.linux.NetInterface;
import dev.penstock.mbuf.MbufPool;

/**
 * One receive and one transmit queue on an interface in promiscuous mode, for drivers that capture as
 * libpcap does.
 */
public final class PacketPair implements AutoCloseable {
    /** Frames of 16 KiB hold jumbo frames whole. */
    private static final RingShape SHAPE = new RingShape(16384, 16384, 256);
    private static final int HEADER_AND_TAG = 18;

    private final NetInterface netif;
    private final PacketSocket socket;
    private LinkMonitor monitor;

    private PacketPair(NetInterface netif, PacketSocket socket) {
        this.netif = netif;
        this.socket = socket;
    }

    /**
     * Opens an interface.
     *
     * @param iface its name
     * @param outgoing whether frames that the kernel sends by it are received too
     * @return the queues to be
     * @throws IllegalArgumentException when there is no such interface
     * @throws LinuxException when the system refuses, as without CAP_NET_RAW
     */
    public static PacketPair open(String iface, boolean outgoing) {
        NetInterface netif;
        try {
            netif = new NetInterface(iface);
        } catch (LinuxException e) {
            if (e.errno() == Errno.ENODEV) {
                throw new IllegalArgumentException("there is no interface " + iface
                        + " in this network namespace; see those that are with: ip link", e);
            }
            throw e;
        }
        PacketSocket socket = null;
        try {
            socket = new PacketSocket(netif.index(), SHAPE, false);
            if (outgoing) {
                socket.set(Tpacket.IGNORE_OUTGOING, 0);
            }
            socket.membership(netif.index(), Tpacket.MR_PROMISC, true);
            return new PacketPair(netif, socket);
        } catch (RuntimeException e) {
            if (socket != null) {
                socket.close();
            }
            netif.close();
            throw e;
        }
    }

    /**
     * Makes the receive queue.
     *
     * @param pool where packets come from
     * @param port the port's number
     * @return the queue
     */
    public RxQueue rxQueue(MbufPool pool, int port) {
        return new AfPacketRxQueue(socket, SHAPE, pool, port, false, true);
    }

    /** @return the transmit queue */
    public TxQueue txQueue() {
        return new AfPacketTxQueue(socket, SHAPE, KernelDevice.LongestFrame.of(netif.mtu() + HEADER_AND_TAG));
    }

    /** @return the interface's address, in the low 48 bits */
    public long mac() {
        long mac = 0;
        for (byte b : netif.mac()) {
            mac = mac << 8 | b & 0xff;
        }
        return mac;
    }

    /** @return whether the interface is up and has a carrier */
    public boolean isRunning() {
        try {
            return netif.isRunning();
        } catch (LinuxException e) {
            // It was deleted.
            return false;
        }
    }

    /**
     * Tells of changes of the interface from now on, in a thread of its own. A second call does nothing.
     *
     * @param listener who is told
     */
    public void watch(LinkMonitor.Listener listener) {
        if (monitor == null) {
            monitor = new LinkMonitor(netif, listener);
            monitor.start();
        }
    }

    @Override
    public void close() {
        if (monitor != null) {
            monitor.close();
        }
        socket.close();
        netif.close();
    }
}
