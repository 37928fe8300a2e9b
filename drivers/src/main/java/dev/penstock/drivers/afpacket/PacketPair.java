package dev.penstock.drivers.afpacket;

import dev.penstock.drivers.kernel.Home;
import dev.penstock.drivers.kernel.KernelDevice;
import dev.penstock.drivers.kernel.LinkMonitor;
import dev.penstock.ethdev.RxQueue;
import dev.penstock.ethdev.TxQueue;
import dev.penstock.ethdev.Xstat;
import dev.penstock.linux.Errno;
import dev.penstock.linux.LinuxException;
import dev.penstock.linux.NetInterface;
import dev.penstock.mbuf.MbufPool;
import java.util.List;

/**
 * One receive and one transmit queue on an interface in promiscuous mode, for drivers that capture as
 * libpcap does.
 */
public final class PacketPair implements AutoCloseable {
    /** Frames of 16 KiB hold jumbo frames whole. */
    private static final RingShape SHAPE = new RingShape(16384, 16384, 256);

    private final Home home = new Home();
    private final NetInterface netif;
    private final PacketSocket socket;
    private final KernelDevice.LongestFrame longest = new KernelDevice.LongestFrame();
    private AfPacketRxQueue rx;
    private AfPacketTxQueue tx;
    private LinkMonitor monitor;
    private boolean watched;

    private PacketPair(NetInterface netif, int mtu, PacketSocket socket) {
        this.netif = netif;
        this.socket = socket;
        longest.mtuIs(mtu);
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
            socket = new PacketSocket(netif.index(), SHAPE, false, true);
            if (outgoing) {
                socket.set(Tpacket.IGNORE_OUTGOING, 0);
            }
            socket.membership(netif.index(), Tpacket.MR_PROMISC, true);
            return new PacketPair(netif, netif.mtu(), socket);
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
        closeRx();
        rx = new AfPacketRxQueue(socket, SHAPE, pool, port, false, true);
        return rx;
    }

    /** @return the transmit queue */
    public TxQueue txQueue() {
        tx = new AfPacketTxQueue(socket, SHAPE, longest);
        followLink();
        return tx;
    }

    /**
     * Counts what happened to packets, by the names that {@code net_af_packet} has for it.
     *
     * @param receiving the pairs that receive
     * @param sending the pairs that send
     * @return sums over them
     */
    public static List<Xstat> xstats(List<PacketPair> receiving, List<PacketPair> sending) {
        return PacketXstats.of(receiving.stream().map(pair -> pair.rx).toList(), sending.stream().map(pair -> pair.tx).toList());
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
     * Follows the interface's MTU and tells of its changes from now on, in a thread of its own. A second call does nothing.
     *
     * @param listener who is told
     */
    public void watch(LinkMonitor.Listener listener) {
        if (monitor == null) {
            home.within(() -> monitor = new LinkMonitor(netif, new Follower(listener)));
            followLink();
        }
        if (!watched) {
            longest.mtuIs(netif.mtu());
            monitor.start();
            watched = true;
        }
    }

    /** Follows the interface's MTU, and tells nobody. A call behind one of {@link #watch} does nothing. */
    public void follow() {
        watch(null);
    }

    /** Who calls last has seen how it is last. */
    private synchronized void followLink() {
        if (tx != null) {
            tx.linkIs(monitor == null || monitor.isUp());
        }
    }

    /** Has the queues follow what the interface does, and hands it on. */
    private final class Follower implements LinkMonitor.Listener {
        private final LinkMonitor.Listener listener;

        /** @param listener null for none */
        Follower(LinkMonitor.Listener listener) {
            this.listener = listener;
        }

        @Override
        public void linkChanged() {
            followLink();
            if (listener != null) {
                listener.linkChanged();
            }
        }

        @Override
        public void mtuIs(int bytes) {
            longest.mtuIs(bytes);
        }

        @Override
        public boolean removed(boolean wasUp) {
            return listener != null && listener.removed(wasUp);
        }
    }

    @Override
    public void close() {
        if (monitor != null) {
            monitor.close();
        }
        closeRx();
        try {
            socket.close();
        } finally {
            netif.close();
            home.close();
        }
    }

    private void closeRx() {
        if (rx != null) {
            rx.close();
        }
    }
}
