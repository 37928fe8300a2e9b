package dev.penstock.drivers.kernel;

import dev.penstock.ethdev.Device;
import dev.penstock.ethdev.Link;
import dev.penstock.ethdev.PortEvent;
import dev.penstock.ethdev.Xstat;
import dev.penstock.linux.Errno;
import dev.penstock.linux.LinuxException;
import dev.penstock.linux.NetInterface;

/** A device behind which an interface of the kernel stands: its link, address and MTU are the interface's. */
public abstract class KernelDevice extends Device implements LinkMonitor.Listener {
    /** Bytes of an Ethernet header. */
    public static final int ETHER_BYTES = 14;
    /** Bytes of a VLAN tag. */
    public static final int VLAN_BYTES = 4;

    private final NetInterface netif;
    private final LinkMonitor monitor;
    private final LongestFrame longestFrame = new LongestFrame();
    private volatile boolean removed;

    /** The longest frame that the interface sends; queues read it for each packet. */
    public static final class LongestFrame {
        private int bytes;

        /** None yet. */
        public LongestFrame() {}

        /**
         * Follows the interface.
         *
         * @param mtu the largest payload of its frames
         */
        public void mtuIs(int mtu) {
            bytes = mtu + ETHER_BYTES + VLAN_BYTES;
        }

        /** @return the length with Ethernet header and one VLAN tag, without FCS */
        public int bytes() {
            return bytes;
        }
    }

    /**
     * Takes over an interface.
     *
     * @param netif the interface; closed with the device, and when this fails
     */
    @SuppressWarnings("this-escape")
    protected KernelDevice(NetInterface netif) {
        this.netif = netif;
        try {
            mtuIs(netif.mtu());
            monitor = new LinkMonitor(netif, this);
        } catch (RuntimeException e) {
            netif.close();
            throw e;
        }
    }

    /** @return the interface */
    protected final NetInterface netif() {
        return netif;
    }

    /** @return what the queues check lengths against */
    protected final LongestFrame longestFrame() {
        return longestFrame;
    }

    /** @return whether the interface has been deleted */
    protected final boolean removed() {
        return removed;
    }

    /** @return the counter of lost events of links, after each of which the interface itself was looked at */
    protected final Xstat linkEventOverflows() {
        return new Xstat("link_event_overflows", monitor.overflows());
    }

    /**
     * Finds the interface that a port is to stand on.
     *
     * @param port the port's name
     * @param iface the interface's
     * @return the interface
     * @throws IllegalArgumentException when there is none, with the remedy
     */
    public static NetInterface find(String port, String iface) {
        try {
            return new NetInterface(iface);
        } catch (LinuxException e) {
            if (e.errno() == Errno.ENODEV) {
                throw new IllegalArgumentException(port + ": there is no interface " + iface
                        + " in this network namespace; see those that are with: ip link", e);
            }
            throw e;
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException(port + ": " + e.getMessage(), e);
        }
    }

    @Override
    public void start() {
        monitor.start();
    }

    @Override
    public void close() {
        monitor.close();
        netif.close();
    }

    @Override
    public Link link() {
        return Link.VIRTUAL.up(!removed && isRunning());
    }

    @Override
    public void linkUp(boolean up) {
        netif.flags(NetInterface.IFF_UP, up);
    }

    @Override
    public void mac(long mac) {
        netif.mac(bytes(mac));
    }

    @Override
    public void mtu(int bytes) {
        netif.mtu(bytes);
        mtuIs(bytes);
    }

    @Override
    public final void linkChanged() {
        followLink();
        if (port() != null) {
            port().fire(PortEvent.LINK_CHANGED);
        }
    }

    @Override
    public final void mtuIs(int bytes) {
        longestFrame.mtuIs(bytes);
    }

    @Override
    public final boolean removed(boolean wasUp) {
        removed = true;
        boolean waits = lost();
        if (port() != null) {
            if (wasUp) {
                port().fire(PortEvent.LINK_CHANGED);
            }
            port().fire(PortEvent.REMOVED);
        }
        return waits;
    }

    @Override
    public final boolean found() {
        if (!again()) {
            return false;
        }
        removed = false;
        if (port() != null) {
            port().fire(PortEvent.RECOVERED);
        }
        return true;
    }

    /** Has {@link #linkIs} told how it is now; for queues that are made meanwhile. */
    protected final void followLink() {
        synchronized (longestFrame) {
            linkIs(monitor.isUp());
        }
    }

    /**
     * For those whose queues count what the kernel throws away without a carrier. One thread at a time.
     *
     * @param up whether the interface's link is up
     */
    protected void linkIs(boolean up) {}

    /**
     * The interface was deleted, and a port may be on it that lcores poll.
     *
     * @return whether the port goes on by itself when an interface of that name is made anew
     */
    protected boolean lost() {
        return false;
    }

    /**
     * An interface of that name may be there again.
     *
     * @return whether the port stands on it now
     */
    protected boolean again() {
        return false;
    }

    /**
     * An address as bytes.
     *
     * @param mac in the low 48 bits
     * @return 6 bytes
     */
    public static byte[] bytes(long mac) {
        byte[] bytes = new byte[6];
        for (int i = 0; i < 6; i++) {
            bytes[i] = (byte) (mac >>> 40 - 8 * i);
        }
        return bytes;
    }

    /**
     * An address as a number.
     *
     * @param bytes 6 of them
     * @return the address in the low 48 bits
     */
    public static long number(byte[] bytes) {
        long mac = 0;
        for (byte b : bytes) {
            mac = mac << 8 | b & 0xff;
        }
        return mac;
    }

    private boolean isRunning() {
        try {
            return netif.isRunning();
        } catch (LinuxException e) {
            if (e.errno() == Errno.ENODEV) {
                return false;
            }
            throw e;
        }
    }
}
